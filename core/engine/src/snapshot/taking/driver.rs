use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::Etcd;
use jiff::Timestamp;
use snapstore::Key;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::asked::Asked;
use super::asking::Asking;
use super::beginning::Beginning;
use super::beside::Changes;
use super::chain_there::ChainEnds;
use super::checks::Checks;
use super::error::Result;
use super::fulls::TakingFull;
use super::job::{Answer, Job, Jobs};
use super::leases::Leases;
use super::notes::Notes;
use super::notice::Listener;
use super::raft_log::LogMark;
use super::report::Report;
use super::said::Said;
use super::settings::Settings;
use super::watching::Watching;
use crate::backups::metadata::{Beside, Lineage, Missing, Previous};
use crate::session::Session;
use crate::snapshot::deltas::{Gathered, Gatherer, Witness};
use crate::snapshot::fence::Fence;
use crate::snapshot::machine::{Input, Machine};
use crate::snapshot::stored_delta::ClosedDelta;

/// The machine, and what surrounds it: bytes, jobs, names.
pub(super) struct Driver<'a> {
    pub(super) session: &'a Session,
    pub(super) etcd: Arc<dyn Etcd>,
    pub(super) settings: &'a Settings,
    pub(super) listener: &'a dyn Listener,
    /// The turn to write deltas, where they are written.
    pub(super) fence: Option<Fence>,
    pub(super) machine: Machine,
    /// What the machine is told next.
    pub(super) inputs: VecDeque<Input>,
    pub(super) jobs: Jobs<Said>,
    pub(super) answers: UnboundedReceiver<Answer<Said>>,
    pub(super) way: UnderWay,
    pub(super) history: History,
    pub(super) gatherer: Gatherer,
    /// Closed deltas, the oldest first.
    pub(super) closed: VecDeque<ClosedDelta>,
    pub(super) leases: Leases,
    pub(super) notes: Notes,
    pub(super) timing: Timing,
    pub(super) task: Doing,
    /// Who waits for a snapshot.
    pub(super) asked: Vec<Asked>,
    pub(super) report: Report,
}

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// The newest revision, or whether it is the same history.
    pub(super) asking: Option<Job>,
    pub(super) watch: Option<Watching>,
    /// Times of leases: what the watch says waits for them.
    pub(super) leases: Option<Job>,
    /// What the watch has left out, after what has arrived.
    pub(super) hole: Option<Gathered>,
    pub(super) delta: Option<Job>,
    pub(super) full: Option<TakingFull>,
    pub(super) looking: Option<Job>,
    /// Whether the chain is still there.
    pub(super) checking: Option<Job>,
}

/// So many events are kept.
const WITNESSES: usize = 1000;

/// What is known of the history that is followed.
#[derive(Debug)]
pub(super) struct History {
    pub(super) lineage: Option<Lineage>,
    /// The newest event that is known, beside those of the gatherer.
    pub(super) witness: Option<Witness>,
    /// Events of what is stored, in order, the newest last: where another history has left this one shows by them.
    pub(super) witnesses: VecDeque<Witness>,
    /// The newest of them that etcd has too, where its history is another.
    pub(super) shared: Option<i64>,
    /// The last revision that the store reaches.
    pub(super) reached: i64,
    /// The latest time in a name.
    pub(super) created: i64,
    /// Where the log of raft stood at the newest full that tells.
    pub(super) log: Option<LogMark>,
    /// When the newest full was begun.
    pub(super) full: Option<Timestamp>,
    pub(super) previous: Option<Previous>,
    /// What the next delta continues; `None` while that is nothing in the store.
    pub(super) ends: Option<ChainEnds>,
    /// What no object before the next full holds.
    pub(super) gap: Option<Missing>,
    /// What no event carries, as it was last seen by this process.
    pub(super) beside: Beside,
    /// And as it is known to be in this lineage.
    pub(super) noted: Beside,
    /// The member that sends events, or told the newest revision.
    pub(super) asked: client::Header,
    pub(super) version: Option<String>,
}

/// What goes by the time.
#[derive(Debug)]
pub(super) struct Timing {
    pub(super) began: Instant,
    /// When the next full is due.
    pub(super) full: Option<Timestamp>,
    /// When etcd is looked at.
    pub(super) look: Duration,
    pub(super) changes: Changes,
    pub(super) checks: Checks,
    /// When a revision was read.
    pub(super) moved: (Duration, i64),
    pub(super) silent: bool,
    /// When it was last said that etcd refuses.
    pub(super) refused: Option<Duration>,
    /// When what is held must be stored, once somebody has asked to stop.
    pub(super) stop: Option<Duration>,
}

/// How far a single snapshot is.
#[derive(Debug, Default)]
pub(super) struct Doing {
    pub(super) failed: u32,
    pub(super) is_done: bool,
    pub(super) has_answered: bool,
    /// The revision that a single delta must reach.
    pub(super) target: Option<i64>,
    /// A single delta alone would not do: something has changed that it does not hold.
    pub(super) needs_full: bool,
    /// A delta in the store that overlaps with another.
    pub(super) overlap: Option<Key>,
    /// The next full is the last of its cluster.
    pub(super) wants_final: bool,
    pub(super) ended: bool,
    pub(super) deposed: bool,
}

impl History {
    fn of(beginning: Beginning) -> Self {
        Self {
            reached: beginning.reached.last(),
            lineage: beginning.lineage,
            witness: beginning.witness,
            witnesses: beginning.witnesses.into(),
            shared: None,
            created: beginning.created,
            full: beginning.full,
            log: beginning.log,
            previous: beginning.previous,
            ends: beginning.ends,
            gap: None,
            beside: Beside::default(),
            noted: beginning.beside,
            asked: client::Header::default(),
            version: None,
        }
    }

    /// An event of what is stored.
    pub(super) fn remember(&mut self, witness: Witness) {
        let newest = self.witnesses.back();
        if newest.is_none_or(|newest| newest.mod_revision < witness.mod_revision) {
            self.witnesses.push_back(witness);
        }
        while self.witnesses.len() > WITNESSES {
            self.witnesses.pop_front();
        }
    }
}

impl<'a> Driver<'a> {
    /// One that goes on from `beginning`.
    pub(super) fn start(
        session: &'a Session,
        etcd: Arc<dyn Etcd>,
        settings: &'a Settings,
        listener: &'a dyn Listener,
        (fence, beginning): (Option<Fence>, Beginning),
    ) -> Result<Self> {
        let (tell, answers) = unbounded_channel();
        let task = Doing {
            overlap: beginning.overlap.clone(),
            ..Doing::default()
        };
        let (machine, effects) =
            Machine::start(settings.policy(), beginning.reached, Duration::ZERO);
        let mut driver = Self {
            session,
            settings,
            listener,
            fence,
            machine,
            inputs: VecDeque::new(),
            jobs: Jobs::new(tell, || Said::Died),
            answers,
            way: UnderWay::default(),
            gatherer: Gatherer::new(settings.compression, settings.level, 1),
            closed: VecDeque::new(),
            leases: Leases::default(),
            notes: Notes::new(session, settings.policy.retry),
            timing: Timing {
                began: session.clock.now(),
                full: None,
                look: Duration::ZERO,
                changes: Changes::default(),
                checks: Checks::default(),
                moved: (Duration::ZERO, 0),
                silent: false,
                refused: None,
                stop: None,
            },
            task,
            asked: Vec::new(),
            report: Report::default(),
            history: History::of(beginning),
            etcd,
        };
        driver.perform_all(effects)?;
        Ok(driver)
    }

    /// Since it was started.
    pub(super) fn now(&self) -> Duration {
        self.session
            .clock
            .now()
            .saturating_duration_since(self.timing.began)
    }

    pub(super) fn asking(&self) -> Asking {
        Asking {
            etcd: self.etcd.clone(),
            clock: self.session.clock.clone(),
            policy: self.settings.policy,
        }
    }

    /// Tells the machine, and does what it says, until it has nothing more to say.
    pub(super) fn tell(&mut self, input: Input) -> Result<()> {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            let now = self.now();
            let effects = self.machine.handle(now, input);
            self.perform_all(effects)?;
        }
        Ok(())
    }
}
