//! What every step of a run needs beside its data.

use std::sync::Arc;

use snapstore::Snapstore;
use snapstore::clock::Clock;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::encryption::Keyring;
use crate::error::{Error, Result};
use crate::progress::{Event, Observer, Phase};

/// The surroundings of a run.
#[derive(Clone)]
pub struct Session {
    /// Where the backups are.
    pub store: Arc<dyn Snapstore>,
    /// Who is told how far it has come.
    pub observer: Arc<dyn Observer>,
    /// Cancelled when it should stop.
    pub cancel: CancellationToken,
    /// For whom it encrypts what it writes, and by whose identities it decrypts what it reads.
    pub keys: Arc<Keyring>,
    /// An unpredictable number: keys are known by hashes seeded with it, so that nobody can
    /// prepare two keys with one hash. It never shows in a result.
    pub seed: u64,
    /// By which is waited before what a store answered is asked again.
    pub clock: Arc<dyn Clock>,
    /// Where downloads run.
    pub runtime: Handle,
}

impl Session {
    /// Fails when it should stop.
    pub(crate) fn go_on(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }

    /// More of a database has come from etcd.
    pub(crate) fn streamed(&self, bytes: u64) {
        self.observer.event(Event::Streamed(bytes));
    }

    pub(crate) fn phase(&self, phase: Phase) -> Result<()> {
        self.observer.event(Event::Phase(phase));
        self.go_on()
    }
}
