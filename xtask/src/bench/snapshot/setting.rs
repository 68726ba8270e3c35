use std::path::{Path, PathBuf};

use anyhow::Result;
use tempfile::TempDir;
use testkit::etcd::{Etcd, Member};
use testkit::oracles::Binary;

/// Without waiting for the disk, so that etcd is as fast as it can be; room for 8 GiB.
const FLAGS: [&str; 3] = ["--unsafe-no-fsync", "--quota-backend-bytes", "17179869184"];

/// What all parts measure with.
pub(super) struct Setting {
    pub(super) binary: PathBuf,
    pub(super) oracle: Binary,
    pub(super) cache: PathBuf,
    pub(super) runs: usize,
}

impl Setting {
    pub(super) fn room(&self) -> Result<TempDir> {
        Ok(TempDir::with_prefix_in("snapshot-", &self.cache)?)
    }

    /// A place that no disk is below, where the system has one: draining to nothing does not wait for a disk either.
    pub(super) fn memory(&self) -> Result<TempDir> {
        let shared = Path::new("/dev/shm");
        match shared.is_dir() {
            true => Ok(TempDir::with_prefix_in("etcdbr-bench-", shared)?),
            false => self.room(),
        }
    }

    /// An etcd on a directory, which may not be there yet.
    pub(super) fn etcd(&self, member: &Member, data_dir: &Path) -> Result<Etcd> {
        Etcd::serving(&self.oracle, member, data_dir, &FLAGS.map(str::to_owned))
    }

    /// One with nothing in it.
    pub(super) fn fresh_etcd(&self, room: &Path) -> Result<Etcd> {
        self.etcd(&Member::alone()?, &room.join("etcd"))
    }
}
