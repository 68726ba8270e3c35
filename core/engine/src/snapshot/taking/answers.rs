//! Takes what jobs say, if anybody still waits for it.

use super::beside::{Looked, change, merge};
use super::driver::{Driver, History};
use super::error::{Error, Result};
use super::not_taken::NotTaken;
use super::notice::Notice;
use super::said::Said;
use crate::backups::Kind;
use crate::snapshot::machine::{Failure, Input, Probed};

/// How often it is said that etcd refuses what is asked.
const REFUSED_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

impl Driver<'_> {
    /// What a job says, if anybody still waits for it.
    pub(super) fn take_answer(&mut self, job: u64, said: Said) -> Result<()> {
        let is = |way: &Option<super::job::Job>| way.as_ref().is_some_and(|other| other.is(job));
        let is_wanted = match &said {
            Said::Head { .. } | Said::Probed(_) | Said::NoAnswer(_) => is(&self.way.asking),
            Said::FullOpened(_) | Said::Full(_) => {
                let full = self.way.full.as_ref();
                full.is_some_and(|full| full.job.is(job))
            }
            Said::Delta(_) | Said::ContinuesNothing(..) => is(&self.way.delta),
            Said::Checked { .. } => is(&self.way.checking),
            // Whoever has asked.
            Said::Deposed | Said::Died => true,
            Said::Leases(_) => is(&self.way.leases),
            Said::Looked(_) => is(&self.way.looking),
        };
        match is_wanted {
            true => self.take(said),
            false => Ok(()),
        }
    }

    fn take(&mut self, said: Said) -> Result<()> {
        match said {
            Said::Head { head, shared } => {
                self.answered();
                (self.history.asked, self.history.shared) = (head, shared);
                self.tell(Input::Head(head.revision))
            }
            Said::Probed(probed) => {
                self.answered();
                if let Probed::Same { head } | Probed::GoesOn { head } = probed {
                    self.history.asked.revision = head;
                    self.continues(probed);
                }
                self.tell(Input::Probed(probed))
            }
            Said::NoAnswer(error) => self.no_answer(error),
            Said::FullOpened(opened) => {
                let size = opened.size;
                self.listener.notice(&Notice::FullOpened { size });
                self.tell(Input::FullOpened(opened.head.revision))
            }
            Said::Full(Ok(full)) => self.full_taken(&full),
            Said::Full(Err(not_taken)) => self.full_not_taken(not_taken),
            Said::Delta(stored) => self.delta_done(stored),
            Said::ContinuesNothing(ends, lost) => self.delta_continues_nothing(&ends, lost),
            Said::Checked { ends, lost } => self.checked(&ends, lost),
            Said::Deposed => self.tell(Input::Deposed),
            Said::Died => Err(Error::Died),
            Said::Leases(answers) => {
                self.way.leases = None;
                self.leases.learn(answers);
                self.write_events()
            }
            Said::Looked(looked) => {
                self.way.looking = None;
                self.looked(looked);
                Ok(())
            }
        }
    }

    fn full_not_taken(&mut self, NotTaken { error, object }: NotTaken) -> Result<()> {
        let full = self.way.full.take();
        let failure = match full.is_some_and(|full| full.is_given_up()) {
            // That was said when it was.
            true => Failure::Passing,
            false => {
                self.listener.notice(&Notice::FullFailed(&error));
                self.asked_has_failed(Kind::Full, &error.to_string());
                self.failed(error)?
            }
        };
        self.tell(Input::FullFailed { failure, object })
    }

    /// What no event carries, as it is now.
    pub(super) fn looked(&mut self, looked: Looked) {
        self.is_refused(looked.refused);
        self.history.version = looked.version.or(self.history.version.take());
        if let Some(what) = change(&self.history.noted, &looked.beside) {
            self.timing.changes.seen();
            self.listener.notice(&Notice::Changed { what });
        }
        let History { beside, noted, .. } = &mut self.history;
        *beside = merge(std::mem::take(beside), looked.beside);
        *noted = merge(std::mem::take(noted), beside.clone());
        self.heard_head(looked.head);
    }

    /// Users are checked, and this snapshotter is none of those who may ask: said once a minute.
    fn is_refused(&mut self, refused: Option<client::Error>) {
        let now = self.now();
        let Some(error) = refused else {
            self.timing.refused = None;
            return;
        };
        if self
            .timing
            .refused
            .is_none_or(|told| now.saturating_sub(told) >= REFUSED_EVERY)
        {
            self.timing.refused = Some(now);
            self.listener.notice(&Notice::Refused(&error));
        }
    }

    fn answered(&mut self) {
        self.way.asking = None;
        self.task.has_answered = true;
    }

    /// A history that nobody has named gets a name.
    fn continues(&mut self, probed: Probed) {
        if self.report.lineage.is_some() {
            return;
        }
        let id = match &self.history.lineage {
            Some(lineage) => lineage.id.clone(),
            None => self.new_id(),
        };
        let named = || crate::backups::metadata::Lineage {
            id: id.clone(),
            parent: None,
        };
        self.history.lineage.get_or_insert_with(named);
        self.listener.notice(&Notice::Continues {
            lineage: &id,
            revision: self.history.reached,
            is_proven: matches!(probed, Probed::Same { .. }),
        });
        self.report.lineage = Some(id);
    }
}
