use std::time::Duration;

use super::again::{Again, Failure};
use super::effect::{Base, Effect, Ending};
use super::input::{Input, Policy};
use super::queue::Queue;

/// How far the store reaches when a snapshotter starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It holds nothing.
    Nothing,
    /// The newest chain ends with a delta, at this revision.
    Delta(i64),
    /// What it holds up to this revision cannot be restored, objects are missing; or how far it reaches is not known.
    Broken(i64),
    /// The newest chain is a full.
    Full {
        /// The revision of its name, at which deltas go on.
        named: i64,
        /// What it holds: no delta may end below.
        holds: i64,
    },
}

impl Reached {
    /// The last revision that anything there reaches by its name; 0 where there is nothing.
    pub fn last(&self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Delta(last) | Self::Broken(last) => *last,
            Self::Full { named, .. } => *named,
        }
    }
}

/// The machine. Times are since any beginning, as long as it stays the same.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) policy: Policy,
    pub(super) watch: Watch,
    /// The last revision that was read to its end, or that a full was named by.
    pub(super) read: i64,
    pub(super) open: Option<Open>,
    /// The revisions of the delta that is being ended.
    pub(super) closing: Option<Closing>,
    pub(super) queue: Queue,
    pub(super) sending: bool,
    pub(super) send_after: Duration,
    /// The last revision that the store reaches without a gap; `None`: nothing there counts any more.
    pub(super) stored: Option<i64>,
    /// The last revision of this lineage that anything in the store reaches; `None` while nothing does.
    pub(super) covered: Option<i64>,
    pub(super) full: Option<Full>,
    pub(super) floor: Option<Floor>,
    pub(super) full_wanted: bool,
    pub(super) full_after: Duration,
    pub(super) full_again: Again,
    pub(super) send_again: Again,
    pub(super) delta_wanted: bool,
    pub(super) stopping: bool,
    pub(super) ended: bool,
    pub(super) out: Vec<Effect>,
}

/// What is done about events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// Nothing: there are no deltas, or it is the end.
    Off,
    /// It is asked whether etcd's history is that of what was read.
    Probing(Next),
    /// It is asked again then.
    Waiting(Duration),
    /// The newest revision is asked for, to begin a lineage there.
    Asking,
    /// A watch was asked for.
    Joining,
    /// Events come.
    Following,
    /// What is held goes to the store first.
    Draining(Next),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Next {
    /// The watch, if it is near.
    Rejoin,
    /// A full: events are missing.
    Full,
    /// A full that begins a lineage.
    Lineage,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) first: i64,
    pub(super) json: u64,
    pub(super) since: Duration,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) json: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Full {
    pub(super) revision: i64,
    pub(super) base: Base,
    pub(super) opened: bool,
    /// It was given up, and it is not known yet what became of it.
    pub(super) abandoned: bool,
}

/// No delta may end below: the full before it may hold that much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    pub(super) revision: i64,
    /// Whether that full is in the store or on its way; else nobody knows whether there is one.
    pub(super) is_certain: bool,
}

impl Floor {
    pub(super) fn certain(revision: i64) -> Self {
        Self {
            revision,
            is_certain: true,
        }
    }
}

impl Machine {
    /// One that goes on from what the store holds; and what it does first.
    pub fn start(policy: Policy, reached: Reached, now: Duration) -> (Self, Vec<Effect>) {
        let mut machine = Self {
            policy,
            watch: Watch::Off,
            read: 0,
            open: None,
            closing: None,
            queue: Queue::default(),
            sending: false,
            send_after: now,
            stored: None,
            covered: None,
            full: None,
            floor: None,
            full_wanted: false,
            full_after: now,
            full_again: Again::default(),
            send_again: Again::default(),
            delta_wanted: false,
            stopping: false,
            ended: false,
            out: Vec::new(),
        };
        match reached {
            Reached::Nothing => machine.ask(),
            Reached::Delta(last) => machine.reached(last, last),
            Reached::Broken(last) => {
                (machine.read, machine.covered) = (last, Some(last));
                machine.probe(Next::Full);
            }
            Reached::Full { named, holds } => {
                machine.floor = Some(Floor::certain(holds));
                machine.reached(named, holds);
            }
        }
        let effects = std::mem::take(&mut machine.out);
        (machine, effects)
    }

    fn reached(&mut self, read: i64, covered: i64) {
        (self.read, self.stored, self.covered) = (read, Some(read), Some(covered));
        self.probe(Next::Rejoin);
    }

    /// Takes what has happened, and says what is to be done.
    pub fn handle(&mut self, now: Duration, input: Input) -> Vec<Effect> {
        if self.ended {
            return Vec::new();
        }
        match input {
            Input::Tick => {}
            Input::Head(head) => self.head(head),
            Input::Probed(probed) => self.probed(probed),
            Input::Watching => self.watching(),
            Input::Revision { revision, json } => self.revision(now, revision, json),
            Input::WatchEnded(end) => self.watch_ended(now, end),
            Input::Closed { bytes } => self.closed(bytes),
            Input::DeltaStored => self.delta_stored(),
            Input::DeltaFailed(failure) => self.delta_failed(now, failure),
            Input::FullOpened(head) => self.full_opened(head),
            Input::FullStored(holds) => self.full_stored(holds),
            Input::FullFailed { failure, object } => self.full_failed(now, failure, object),
            Input::FullWanted => self.full_wanted = true,
            Input::DeltaWanted => self.delta_wanted = self.open.is_some(),
            Input::ChainLost => self.chain_lost(),
            Input::Deposed => self.deposed(),
            Input::Stop => self.stop(),
        }
        self.go_on(now);
        std::mem::take(&mut self.out)
    }

    /// Everything that may be due, whatever has happened.
    fn go_on(&mut self, now: Duration) {
        if self.ended {
            return;
        }
        if let Watch::Waiting(until) = self.watch
            && now >= until
        {
            self.probe(Next::Rejoin);
        }
        self.cut(now);
        self.send(now);
        self.start_full(now);
        self.drained();
        if self.stopping && self.holds_nothing() {
            self.end(Ending::Stored);
        }
    }

    /// When [`Input::Tick`] is due, if nothing happens before.
    pub fn wake(&self) -> Option<Duration> {
        let mut due = Vec::new();
        if let Watch::Waiting(until) = self.watch {
            due.push(until);
        }
        if let (Some(open), Some(period)) = (&self.open, self.policy.period) {
            due.push(open.since.saturating_add(period));
        }
        if !self.sending && !self.queue.is_empty() {
            due.push(self.send_after);
        }
        if self.full_wanted && self.full.is_none() {
            due.push(self.full_after);
        }
        due.into_iter().min()
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The last revision that the store reaches without a gap; `None` while there is none.
    pub fn stored(&self) -> Option<i64> {
        self.stored
    }

    /// The last revision that was read to its end.
    pub fn read(&self) -> i64 {
        self.read
    }

    /// Bytes that are held: JSON of the open delta and of the one that is being ended, and closed deltas.
    pub fn held(&self) -> u64 {
        let open = self.open.map_or(0, |open| open.json);
        let closing = self.closing.map_or(0, |closing| closing.json);
        open.saturating_add(closing)
            .saturating_add(self.queue.bytes())
    }

    /// The first and the last revision that are held and not stored; `None` when nothing is held.
    pub fn unstored(&self) -> Option<(i64, i64)> {
        (!self.holds_nothing()).then(|| (self.first_held(), self.read))
    }

    fn delta_failed(&mut self, now: Duration, failure: Failure) {
        self.sending = false;
        let Policy {
            retry,
            retry_at_most,
            ..
        } = self.policy;
        let wait = self.send_again.after(failure, retry, retry_at_most);
        self.send_after = now.saturating_add(wait);
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.open.is_none() && self.closing.is_none() && self.queue.is_empty()
    }

    pub(super) fn end(&mut self, ending: Ending) {
        self.watch = Watch::Off;
        self.ended = true;
        self.out.push(Effect::End(ending));
    }
}
