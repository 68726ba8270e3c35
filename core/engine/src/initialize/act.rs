//! What was decided is done.

use super::decide::Action;
use super::error::{Error, Result};
use super::judge::Judged;
use super::messages;
use super::old_member::OldMember;
use super::outcome::{ActionTaken, Outcome, clear_draft, finish, report_path};
use super::request::Request;
use crate::backups::EmptyStore;
use crate::data_dir::{self, Aside};
use crate::session::Session;

impl Judged {
    pub(super) async fn act(
        &self,
        session: Option<&Session>,
        request: &Request,
    ) -> Result<Outcome> {
        match (self.action, session) {
            (Action::Leave, _) => self.leave(request),
            (Action::StartEmpty, _) => self.start_empty(request),
            (Action::Join, _) => self.join(request),
            (Action::Clear | Action::MakeWay, _) => self.clear(request),
            (Action::Restore, Some(session)) => self.restore(session, request).await,
            (Action::Restore, None) => Err(Error::NoStore),
            (Action::Refuse(refusal), _) => Err(Error::Refused {
                found: self.found(request),
                refusal,
                hints: [self.validated.hints(), refusal.hints()].concat(),
            }),
        }
    }

    fn leave(&self, request: &Request) -> Result<Outcome> {
        clear_leftovers(request)?;
        let mut outcome = self.outcome(request, ActionTaken::Untouched, messages::left());
        if let Some(aside) = Aside::find(&request.validation.data_dir) {
            outcome
                .remarks
                .push(messages::killed_after_restore().into());
            outcome.old = OldMember::of(&aside);
            aside.settle()?;
        }
        Ok(outcome)
    }

    fn start_empty(&self, request: &Request) -> Result<Outcome> {
        clear_leftovers(request)?;
        let mut outcome = self.outcome(request, ActionTaken::FirstStart, messages::first_start());
        // What should have been restored may lie somewhere else.
        let empty_store = self.validated.empty_store.as_ref();
        outcome
            .remarks
            .extend(empty_store.map(EmptyStore::to_string));
        Ok(outcome)
    }

    fn join(&self, request: &Request) -> Result<Outcome> {
        clear_leftovers(request)?;
        let mut outcome = self.outcome(request, ActionTaken::FirstStart, messages::join());
        outcome.remarks.push(messages::join().into());
        Ok(outcome)
    }

    fn clear(&self, request: &Request) -> Result<Outcome> {
        let data_dir = &request.validation.data_dir;
        let _held = data_dir::keep_etcd_out(data_dir)?;
        let aside = match self.existing(request)? {
            Some(existing) => {
                let disposition = self.disposition(existing, request);
                Some(Aside::clear(data_dir, existing, disposition)?)
            }
            None => None,
        };
        let old = aside.as_ref().and_then(OldMember::of);
        let done = messages::cleared(
            self.action,
            messages::Became::of(old.as_ref(), aside.as_ref()),
            self.validated.facts.holds,
        );
        let mut outcome = self.outcome(request, ActionTaken::Cleared, &done);
        outcome.old = old;
        finish(data_dir, aside, outcome)
    }
}

/// What a run that was killed has left beside or inside a directory that needs nothing of it.
fn clear_leftovers(request: &Request) -> Result<()> {
    let data_dir = &request.validation.data_dir;
    data_dir::clear_leftovers(data_dir)?;
    clear_draft(&report_path(data_dir))
}
