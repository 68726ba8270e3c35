use std::process::Child;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::accounts;
use super::catalogue::named;
use super::emulator::{Emulator, bring};
use super::install::Installed;
use super::place::Place;
use super::start;
use crate::memory;

/// A MinIO of the catalogue that is killed and started again, on the same data at the same address. It ends when this is
/// dropped.
#[derive(Debug)]
pub struct MortalMinio {
    minio: &'static Emulator,
    installed: Installed,
    place: Place,
    process: Child,
    _room: TempDir,
}

impl MortalMinio {
    /// Starts it with a bucket of this name. It serves when this returns.
    pub fn start(bucket: &str) -> Result<Self> {
        let minio = named(&["minio".to_owned()])?;
        let minio = *minio.first().context("the catalogue has no minio")?;
        let (_, installed) = bring(minio)?;
        let room = memory::tempdir()?;
        let place = Place::fresh(room.path().join("minio"))?;
        // A directory there is a bucket.
        std::fs::create_dir(place.data.join(bucket))?;
        let process = start::spawn(minio, &installed, &place, |_| {})?;
        let mut started = Self {
            minio,
            installed,
            place,
            process,
            _room: room,
        };
        start::serves(started.minio, &started.place, &mut started.process)?;
        Ok(started)
    }

    /// Kills it without warning (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Starts it again. It serves when this returns.
    pub fn start_again(&mut self) -> Result<()> {
        self.process = start::spawn(self.minio, &self.installed, &self.place, |_| {})?;
        start::serves(self.minio, &self.place, &mut self.process)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.place.address())
    }

    /// Who is let in, and the secret.
    pub fn account(&self) -> (&'static str, &'static str) {
        (accounts::MINIO_USER, accounts::MINIO_PASSWORD)
    }
}

impl Drop for MortalMinio {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
