//! Asks whether the chain is still there, and begins another if it is not.

use super::chain_there::{ChainEnds, Lost};
use super::checks::Check;
use super::driver::Driver;
use super::error::Result;
use super::notice::Notice;
use super::said::Said;
use super::settings::Task;
use crate::snapshot::machine::{Failure, Input};

impl Driver<'_> {
    /// Asks, if that is due. Before each delta it is asked as well.
    pub(super) fn check_chain(&mut self) {
        let (now, reached) = (self.now(), self.history.reached);
        let every = self.settings.check_every;
        let check = self.timing.checks.next(now, every, reached);
        let (Some(check), Some(ends)) = (check, self.history.ends.clone()) else {
            return;
        };
        if self.settings.task != Task::Follow {
            return;
        }
        let session = self.session.clone();
        let asking = async move {
            let lost = match (ends.lost(&*session.store).await, check) {
                // What one object leads to has no middle.
                (Ok(None), Check::Listed(reached)) if ends.full != ends.last => {
                    let between = ends.lost_between(&session, reached).await;
                    between.map_err(|error| error.to_string())
                }
                (lost, _) => lost.map_err(|error| error.to_string()),
            };
            Said::Checked { ends, lost }
        };
        self.way.checking = Some(self.jobs.ask(asking));
    }

    /// What the store has answered.
    pub(super) fn checked(
        &mut self,
        ends: &ChainEnds,
        lost: Result<Option<Lost>, String>,
    ) -> Result<()> {
        self.way.checking = None;
        match lost {
            Ok(lost) => {
                self.timing.checks.answered();
                lost.map_or(Ok(()), |lost| self.chain_lost(ends, lost))
            }
            Err(why) => {
                if self.timing.checks.failed() {
                    self.listener.notice(&Notice::Unchecked { why });
                }
                Ok(())
            }
        }
    }

    /// The delta that was about to be stored would continue nothing.
    pub(super) fn delta_continues_nothing(&mut self, ends: &ChainEnds, lost: Lost) -> Result<()> {
        self.way.delta = None;
        self.chain_lost(ends, lost)?;
        // Of a chain that another full has replaced meanwhile: it is stored after that one.
        self.tell(Input::DeltaFailed(Failure::Passing))
    }

    /// Something of a chain is gone. If another full has been stored meanwhile, what was before it may go.
    fn chain_lost(&mut self, of: &ChainEnds, lost: Lost) -> Result<()> {
        let current = self.history.ends.as_ref();
        if current.is_none_or(|current| current.full != of.full) {
            return Ok(());
        }
        self.history.ends = None;
        self.listener.notice(&match &lost {
            Lost::Overlap(key) => Notice::Overlap { key },
            Lost::Object(_) | Lost::Revisions { .. } => Notice::ChainLost { lost },
        });
        self.tell(Input::ChainLost)
    }
}
