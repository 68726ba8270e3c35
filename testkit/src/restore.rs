//! Running the program under test on a backup.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::etcd::{Etcd, Member};
use crate::oracles::Binary;

/// `etcdbrctl restore`, and a backup for it.
#[derive(Debug, Clone)]
pub struct Restorer {
    /// The program.
    pub program: PathBuf,
    /// The directory that `--store-container` names: `v2/` stands in it.
    pub store: PathBuf,
}

/// What the program says it did (`--output json`).
#[derive(Debug, Clone, Deserialize)]
pub struct Report {
    /// The full it began with.
    pub base: Option<String>,
    /// The deltas, in order.
    pub deltas: Vec<String>,
    /// The revision of the full.
    pub base_revision: i64,
    /// The revision of the result.
    pub revision: i64,
    /// What is compacted; -1 for nothing.
    pub compact_revision: i64,
    /// HashKV at the revision of the result.
    pub hash_kv: u32,
    /// Events that were there already.
    pub repeated_events: u64,
    /// What became of leases.
    pub leases: Leases,
}

/// What became of leases.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Leases {
    /// Those of the full.
    pub kept: usize,
    /// Those that were recreated, for so long as is recorded.
    pub recreated: usize,
    /// Those that were recreated, for as long as a flag says.
    pub recreated_with_default: usize,
}

/// A data directory that was made, and who it belongs to. Removed when dropped.
#[derive(Debug)]
pub struct Restored {
    /// What the program said.
    pub report: Report,
    member: Member,
    data_dir: PathBuf,
    _room: TempDir,
}

impl Restorer {
    /// Restores with `flags` for a cluster of one.
    pub fn restore(&self, flags: &[&str]) -> Result<Restored> {
        self.restore_for(&Member::alone()?, flags)
    }

    /// Reads the newest chain and writes nothing.
    pub fn verify(&self) -> Result<Report> {
        let json = self.run(Command::new(&self.program).arg("verify"))?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Restores with `flags` for `member`. The database that came of it has been checked.
    pub fn restore_for(&self, member: &Member, flags: &[&str]) -> Result<Restored> {
        let room = tempfile::tempdir()?;
        let data_dir = room.path().join("data");
        let json = self.run(
            Command::new(&self.program)
                .arg("restore")
                .arg("--data-dir")
                .arg(&data_dir)
                .args(member.flags())
                .args(flags),
        )?;
        check(&data_dir.join("member/snap/db"))?;
        Ok(Restored {
            report: serde_json::from_slice(&json)?,
            member: member.clone(),
            data_dir,
            _room: room,
        })
    }

    /// What `command` prints about this store.
    fn run(&self, command: &mut Command) -> Result<Vec<u8>> {
        let done = command
            .args(["--output", "json", "--store-container"])
            .arg(&self.store)
            .output()
            .with_context(|| format!("run {}", self.program.display()))?;
        ensure!(
            done.status.success(),
            "{} fails ({}): {}",
            self.program.display(),
            done.status,
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(done.stdout)
    }
}

impl Restored {
    /// Starts an etcd on the directory.
    pub fn boot(&self, binary: &Binary) -> Result<Etcd> {
        Etcd::on(binary, &self.member, &self.data_dir)
    }

    /// The directory, and whose it is.
    pub fn place(&self) -> (Member, PathBuf) {
        (self.member.clone(), self.data_dir.clone())
    }
}

/// Every page is where it should be, before an etcd has touched any.
fn check(db: &Path) -> Result<()> {
    let file = File::open(db).with_context(|| format!("open {}", db.display()))?;
    let report = bolt::Db::open(file)?.check();
    ensure!(report.is_clean(), "{}: {report}", db.display());
    Ok(())
}
