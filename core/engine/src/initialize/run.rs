use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use etcd::replay::Servers;
use snapstore::clock::Clock;

use super::decide::{Action, Cluster, ClusterState, EmptyStart, decide};
use super::fallback::{Newest, restore_newest};
use super::loss::{Before, Loss};
use super::messages;
use super::outcome::{Deed, OldMember, Outcome, clear_draft, report_path};
use super::salvage::{Salvage, SalvageState, Salvageable};
use crate::backups::EmptyStore;
use crate::data_dir::{self, Aside, Keep, Occupant, Resumed};
use crate::error::{Error, Result};
use crate::lineage::Beyond;
use crate::lock::{self, Held};
use crate::progress::Event;
use crate::restore;
use crate::session::Session;
use crate::validate::{
    Finding, Mode, Part, Position, Validated, Validation, glance, look, validate,
};

/// How often a directory in use is looked at again.
const PAUSE: Duration = Duration::from_secs(1);

/// What to initialize, and with what liberties.
#[derive(Debug, Clone)]
pub struct Request {
    /// The directory, and how closely to look.
    pub validation: Validation,
    /// How to restore it. Its target and its member to replace are chosen here.
    pub restore: restore::Request,
    /// What an empty store means.
    pub empty_start: EmptyStart,
    /// Whether the other members of its cluster serve.
    pub cluster_state: ClusterState,
    /// When a replaced member is kept.
    pub keep: Keep,
    /// What becomes of writes that only its log holds.
    pub salvage: Salvage,
    /// How long to wait for a process that uses the directory: the etcd of the pod before may take
    /// its time to end.
    pub patience: Duration,
}

/// Makes the data directory one that etcd can start on, or fails and leaves it as it was. One
/// process at a time; killed at any moment, the next run ends as this one would have.
pub async fn initialize(
    session: Option<&Session>,
    clock: &dyn Clock,
    request: &Request,
) -> Result<Outcome> {
    let data_dir = &request.validation.data_dir;
    let _held = hold(data_dir)?;
    let resumed = match request.validation.is_of_another() {
        true => Resumed::Nothing,
        false => Aside::resume(data_dir)?,
    };
    let mut judged = judge(session, request).await?;
    if matches!(judged.validated.finding, Finding::InUse(_)) && !request.patience.is_zero() {
        let (found, seconds) = (
            judged.validated.explain(data_dir),
            request.patience.as_secs(),
        );
        tracing::warn!("{found} Waiting up to {seconds} s for it to end (--lock-timeout).");
    }
    let mut waited = Duration::ZERO;
    while matches!(judged.validated.finding, Finding::InUse(_)) && waited < request.patience {
        clock.sleep(PAUSE).await;
        if let Some(session) = session {
            session.go_on()?;
        }
        waited += PAUSE;
        judged = judge(session, request).await?;
    }
    if resumed == Resumed::PutBack {
        judged.validated.facts.remarks.push(String::from(
            "an initialization was killed here before; the member that it had moved aside was put \
             back first",
        ));
    }
    if let Some(session) = session {
        judged.settle_histories(session, request).await?;
    }
    let mut outcome = judged.act(session, request).await?;
    if let Some(guard) = &request.validation.guard
        && let Err(error) = guard.set(data_dir)
    {
        // An etcd can start all the same.
        outcome.remarks.push(format!(
            "{error}; without it this volume cannot be told from another's"
        ));
    }
    Ok(outcome)
}

/// Holds the directory, if there is one, against a second run. Its own lock leaves no trace, so a
/// healthy directory stays as it is.
fn hold(data_dir: &Path) -> Result<Option<Held>> {
    let dir = match File::open(data_dir) {
        Ok(dir) => dir,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", data_dir)(error)),
    };
    if let Some(held) = lock::directory(dir, data_dir).map_err(Error::io("lock", data_dir))? {
        return Ok(Some(held));
    }
    let who = lock::holder(data_dir);
    Err(Error::DataDir {
        path: data_dir.to_owned(),
        what: format!("{who} is initializing this directory right now; wait for it or stop it"),
    })
}

/// A directory that was judged, and what is to be done about it.
pub(super) struct Judged {
    pub(super) validated: Validated,
    pub(super) action: Action,
}

pub(super) async fn judge(session: Option<&Session>, request: &Request) -> Result<Judged> {
    let members = request.restore.identity.members()?;
    let validated = validate(session, &request.validation).await?;
    let cluster = match members.max(validated.facts.members) {
        0 | 1 => Cluster::Alone,
        _ => match request.cluster_state {
            ClusterState::Unsaid => Cluster::OneOfSeveral,
            ClusterState::Existing => Cluster::Serving,
        },
    };
    let action = decide(
        &validated.finding,
        validated.facts.holds,
        &validated.backups,
        cluster,
        request.empty_start,
    );
    Ok(Judged { validated, action })
}

impl Judged {
    async fn act(&self, session: Option<&Session>, request: &Request) -> Result<Outcome> {
        let data_dir = &request.validation.data_dir;
        match (self.action, session) {
            (Action::Leave, _) => {
                clear_leftovers(data_dir)?;
                let mut outcome = self.outcome(request, Deed::Untouched, messages::left());
                if let Some(aside) = Aside::find(data_dir) {
                    outcome.remarks.push(messages::left_aside().into());
                    outcome.old = OldMember::of(&aside);
                    aside.settle()?;
                }
                Ok(outcome)
            }
            (Action::StartEmpty, _) => {
                clear_leftovers(data_dir)?;
                let mut outcome = self.outcome(request, Deed::FirstStart, messages::first_start());
                // What should have been restored may lie somewhere else.
                outcome.remarks.extend(
                    self.validated
                        .empty_store
                        .as_ref()
                        .map(EmptyStore::to_string),
                );
                Ok(outcome)
            }
            (Action::Join, _) => {
                clear_leftovers(data_dir)?;
                let mut outcome = self.outcome(request, Deed::FirstStart, messages::join());
                outcome.remarks.push(messages::join().into());
                Ok(outcome)
            }
            (Action::Refuse(refusal), _) => Err(Error::Refused(format!(
                "{} {}",
                self.validated.explain(data_dir),
                messages::refused(refusal)
            ))),
            (Action::Clear, _) => self.clear(request),
            (Action::Restore, Some(session)) => self.restore(session, request).await,
            (Action::Restore, None) => Err(Error::Options("there is no store".into())),
        }
    }

    fn clear(&self, request: &Request) -> Result<Outcome> {
        let data_dir = &request.validation.data_dir;
        let _held = data_dir::keep_etcd_out(data_dir)?;
        let aside = match self.occupant(request)? {
            Some(occupant) => Some(Aside::clear(data_dir, occupant)?),
            None => None,
        };
        let old = aside.as_ref().and_then(OldMember::of);
        let kept = messages::old_member(old.as_ref(), self.validated.facts.holds, None);
        let done = format!("It made room for a new etcd, as --allow-empty-start asks.{kept}");
        let mut outcome = self.outcome(request, Deed::Cleared, &done);
        outcome.old = old;
        finish(data_dir, aside, outcome)
    }

    async fn restore(&self, session: &Session, request: &Request) -> Result<Outcome> {
        let data_dir = &request.validation.data_dir;
        let salvage = Salvageable::of(&self.validated);
        if (request.salvage, salvage.state) == (Salvage::Wanted, SalvageState::Impossible) {
            return Err(self.not_salvaged(request, &salvage.why)?);
        }
        let restore = restore::Request {
            data_dir: data_dir.clone(),
            over: self.occupant(request)?,
            salvage: request.salvage.source(&request.validation, &self.validated),
            chosen: self.validated.chosen.clone(),
            ..request.restore.clone()
        };
        let _held = data_dir::keep_etcd_out(data_dir)?;
        let found = self.validated.explain(data_dir);
        session.observer.event(Event::Warning(&found));
        let newest = match restore_newest(session, &self.validated.listed, &restore).await {
            Ok(newest) => newest,
            // The next best state is the one that is there.
            Err(worse @ Error::NotNewer { .. }) => {
                return Ok(self.outcome(request, Deed::Untouched, &format!("{worse}.")));
            }
            Err(Error::NotSalvaged(refused)) => {
                let why = format!("Its log cannot be salvaged: {refused}.");
                return Err(self.not_salvaged(request, &why)?);
            }
            Err(error) => return Err(error),
        };
        check(data_dir, newest.report.revision)?;
        let aside = Aside::find(data_dir);
        let old = aside.as_ref().and_then(OldMember::of);
        let outcome = self.restored(request, newest, old);
        finish(data_dir, aside, outcome)
    }

    fn restored(&self, request: &Request, newest: Newest, old: Option<OldMember>) -> Outcome {
        let Newest {
            report,
            passed_over,
        } = newest;
        let salvage =
            Salvageable::done(&report).unwrap_or_else(|| Salvageable::of(&self.validated));
        let loss = Loss::of(&report, &self.validated.catalogue, self.before());
        let revision = report.revision;
        let past = match passed_over.len() {
            0 => String::new(),
            count => format!(" ({count} objects of the store cannot be used)"),
        };
        let (holds, kinship) = (self.validated.facts.holds, report.kinship);
        let kept = messages::old_member(old.as_ref(), holds, kinship);
        let lost = loss.sentence(report.reached);
        let from_log = match salvage.state {
            SalvageState::Done => format!(" {}", salvage.why),
            _ => salvage.remark(Salvage::Unwanted),
        };
        let beyond = report.beyond.as_ref().and_then(Beyond::sentence);
        let beyond = beyond.map_or_else(String::new, |told| format!(" {told}"));
        let done =
            format!("Revision {revision} was restored{past}. {lost}{beyond}{from_log}{kept}");
        Outcome {
            restored: Some(report),
            passed_over,
            salvage: Some(salvage),
            loss: Some(loss),
            old,
            ..self.outcome(request, Deed::Restored, &done)
        }
    }

    /// The writes of the log were asked for, and cannot be had.
    fn not_salvaged(&self, request: &Request, why: &str) -> Result<Error> {
        let revision = self.validated.backups.newest().unwrap_or(0);
        let fate = self.occupant(request)?.map(|old| old.fate(revision));
        Ok(Error::Refused(format!(
            "{} {why} Nothing is done, since --salvage-wal was given. Without it: {}",
            self.validated.explain(&request.validation.data_dir),
            messages::would(Action::Restore, fate)
        )))
    }

    /// The member in the way, if there is one.
    pub(super) fn occupant(&self, request: &Request) -> Result<Option<Occupant>> {
        let (data_dir, holds) = (&request.validation.data_dir, self.validated.facts.holds);
        let whole_at = match self.validated.finding {
            Finding::Behind { upper, .. } => Some(upper),
            _ => None,
        };
        let mut found = Occupant::find(data_dir, holds, request.keep)?;
        if let Some(occupant) = &mut found {
            occupant.whole_at = whole_at;
            occupant.servers = request.validation.servers;
        }
        Ok(found)
    }

    pub(super) fn before(&self) -> Before {
        Before {
            holds: self.validated.facts.holds,
            written: self.validated.facts.written,
        }
    }

    pub(super) fn outcome(&self, request: &Request, deed: Deed, done: &str) -> Outcome {
        let data_dir = &request.validation.data_dir;
        let found = self.validated.explain(data_dir);
        Outcome {
            data_dir: data_dir.display().to_string(),
            verdict: self.validated.finding.verdict(),
            deed,
            explanation: format!("{found} {done}"),
            remarks: self.validated.facts.remarks.clone(),
            restored: None,
            passed_over: Vec::new(),
            salvage: None,
            loss: None,
            old: None,
        }
    }
}

/// Writes the report, and only then removes or keeps what stands aside: a run that is killed between
/// leaves either what to report about, or the report.
fn finish(data_dir: &Path, aside: Option<Aside>, mut outcome: Outcome) -> Result<Outcome> {
    outcome
        .remarks
        .extend(messages::kept_before(&Aside::kept_before(data_dir)?));
    if let Err(error) = outcome.save(&report_path(data_dir)) {
        // What it says is on standard error as well; etcd can start.
        tracing::warn!("{error}");
    }
    if let Some(aside) = aside {
        aside.settle()?;
    }
    Ok(outcome)
}

/// What a run that was killed has left beside or inside a directory that needs nothing of it.
fn clear_leftovers(data_dir: &Path) -> Result<()> {
    data_dir::clear_leftovers(data_dir)?;
    clear_draft(&report_path(data_dir))
}

/// Looks at what was published, with the eyes of the next start. Its pages were all read before it
/// was published; what can have gone wrong since is the way there.
fn check(data_dir: &Path, revision: i64) -> Result<()> {
    // Beyond every revision, so that the log is read as well.
    let validation = Validation {
        data_dir: data_dir.to_owned(),
        mode: Mode::Sanity,
        guard: None,
        servers: Servers::Any,
    };
    let facts = look(&validation, Some(i64::MAX), glance(data_dir, None));
    let sound = [&facts.database, &facts.log, &facts.snapshots].map(|part| *part == Part::Fine);
    if facts.in_use.is_some() || (sound == [true; 3] && facts.position == Position::At(revision)) {
        return Ok(());
    }
    if let Some(aside) = Aside::find(data_dir) {
        aside.reinstate()?;
    }
    Err(Error::SelfCheck(format!("{facts:?}")))
}
