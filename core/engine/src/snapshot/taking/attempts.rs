//! What becomes of a task when etcd or the store fails: who follows etcd goes on, and a single snapshot is given up.

use super::driver::Driver;
use super::error::{Error, Result};
use super::notice::Notice;
use super::settings::Task;
use crate::snapshot::error as snapshot;
use crate::snapshot::machine::Failure;

impl Driver<'_> {
    pub(super) fn no_answer(&mut self, error: client::Error) -> Result<()> {
        self.listener.notice(&Notice::NoAnswer(&error));
        let is_first = !self.task.has_answered || self.settings.task != Task::Follow;
        match is_first && !error.is_passing() {
            true => Err(Error::Etcd(error)),
            false => self.given_up(&error.to_string()),
        }
    }

    /// A single snapshot is given up at once where no second attempt can help.
    pub(super) fn failed(&mut self, error: snapshot::Error) -> Result<Failure> {
        let failure = error.failure();
        if self.settings.task != Task::Follow && failure == Failure::Lasting {
            return Err(Error::Refused(error));
        }
        self.given_up(&error.to_string())?;
        Ok(failure)
    }

    /// A single snapshot is given up after so many failures.
    fn given_up(&mut self, last: &str) -> Result<()> {
        self.task.failed += 1;
        let attempts = self.settings.attempts;
        match self.settings.task != Task::Follow && self.task.failed >= attempts {
            true => Err(Error::GivenUp {
                attempts,
                last: last.to_owned(),
            }),
            false => Ok(()),
        }
    }
}
