//! The newest state takes the place of what is there.

use std::path::Path;

use super::decide::Action;
use super::error::{Error, Result};
use super::fallback::{Newest, restore_newest};
use super::judge::Judged;
use super::loss::Loss;
use super::messages;
use super::old_member::OldMember;
use super::outcome::{ActionTaken, Outcome, finish};
use super::request::Request;
use super::salvage::{Salvage, SalvageState, Salvageable};
use crate::data_dir::{self, Aside};
use crate::progress::Event;
use crate::restore;
use crate::session::Session;
use crate::validate::stands_at;

impl Judged {
    pub(super) async fn restore(&self, session: &Session, request: &Request) -> Result<Outcome> {
        let data_dir = &request.validation.data_dir;
        let salvage = Salvageable::of(&self.validated);
        if (request.salvage, salvage.state) == (Salvage::Wanted, SalvageState::Impossible) {
            return Err(self.not_salvaged(request, salvage.why)?);
        }
        let asked = restore::Request {
            data_dir: data_dir.clone(),
            over: self.existing(request)?,
            salvage: request.salvage.source(&request.validation, &self.validated),
            chosen: self.validated.chosen.clone(),
            clusters: self.validated.clusters.clone(),
            ..request.restore.clone()
        };
        let _held = data_dir::keep_etcd_out(data_dir)?;
        let found = self.found(request);
        session.observer.event(Event::Warning(&found));
        let newest = match restore_newest(session, &self.validated.holdings, &asked).await {
            Ok(newest) => newest,
            // The next best state is the one that is there.
            Err(Error::Restore(worse @ restore::Error::NotNewer { .. })) => {
                return Ok(self.outcome(
                    request,
                    ActionTaken::Untouched,
                    &messages::not_newer(&worse),
                ));
            }
            Err(Error::Restore(restore::Error::NotSalvaged(refused))) => {
                return Err(self.not_salvaged(request, messages::log_refused(&refused))?);
            }
            Err(error) => return Err(error),
        };
        check(data_dir, newest.report.revision)?;
        let aside = Aside::find(data_dir);
        let outcome = self.restored(request, newest, aside.as_ref());
        finish(data_dir, aside, outcome)
    }

    fn restored(&self, request: &Request, newest: Newest, aside: Option<&Aside>) -> Outcome {
        let Newest {
            report,
            passed_over,
        } = newest;
        let old = aside.and_then(OldMember::of);
        let salvage =
            Salvageable::done(&report).unwrap_or_else(|| Salvageable::of(&self.validated));
        let loss = Loss::of(&report, &self.validated.branch.catalogue, self.before());
        let done = messages::Restored {
            report: &report,
            passed_over: passed_over.len(),
            loss,
            salvage: &salvage,
            old: messages::Became::of(old.as_ref(), aside),
            held: self.validated.facts.holds,
        };
        let mut outcome = self.outcome(request, ActionTaken::Restored, &done.to_string());
        outcome.hints.extend(salvage.hint(Salvage::Unwanted));
        Outcome {
            restored: Some(report),
            passed_over,
            salvage: Some(salvage),
            loss: Some(loss),
            old,
            ..outcome
        }
    }

    /// The writes of the log were asked for, and cannot be had.
    fn not_salvaged(&self, request: &Request, why: String) -> Result<Error> {
        let disposition = self
            .existing(request)?
            .map(|old| old.disposition(self.newest()));
        Ok(Error::NotSalvaged {
            found: self.found(request),
            why,
            otherwise: messages::would(Action::Restore, disposition),
        })
    }
}

/// Validates what was published, and puts the old member back where that fails.
fn check(data_dir: &Path, revision: i64) -> Result<()> {
    let Err(found) = stands_at(data_dir, revision) else {
        return Ok(());
    };
    if let Some(aside) = Aside::find(data_dir) {
        aside.reinstate()?;
    }
    Err(Error::FailedCheck(found))
}
