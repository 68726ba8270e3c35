//! Two histories that share their beginning, or nothing, beside backups that are compacted: what a
//! member wrote last is then not in them, and neither is what would contradict it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use damage::copy;
use serde_json::Value;
use support::{Run, contents, spoilt};
use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Bytes, Compacted, Etcd, Member, Op, Txn};
use testkit::oracles::{self, Binary};

/// A member, a copy of it as it was at some time, and the backups of what it went on to.
struct Fork {
    room: TempDir,
    binary: Binary,
    member: Member,
}

/// Writes its database only for a snapshot.
const LAZY: [&str; 4] = [
    "--backend-batch-interval",
    "1h",
    "--backend-batch-limit",
    "1000000",
];

impl Fork {
    fn new(version: &str) -> Self {
        Self {
            room: tempfile::tempdir().unwrap(),
            binary: oracles::etcd(version).unwrap(),
            member: Member::alone().unwrap(),
        }
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn start(&self, name: &str) -> Etcd {
        Etcd::serving(&self.binary, &self.member, &self.dir(name), &[]).unwrap()
    }

    /// Ended with all of it in its database.
    fn stop(mut etcd: Etcd) {
        etcd.snapshot(std::io::sink()).unwrap();
        etcd.kill();
    }

    /// The only object of the store.
    fn back_up(&self, etcd: &Etcd) {
        let mut database = Vec::new();
        etcd.snapshot(&mut database).unwrap();
        let mut store = Store::create(self.dir("store"), Layout::V2).unwrap();
        let revision = etcd.revision().unwrap();
        store
            .full(revision, &database, Compression::None, Occasion::Regular)
            .unwrap();
    }

    fn initialize(&self, name: &str, args: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear();
        command.args(["initialize", "--output", "json", "--data-dir"]);
        command.arg(self.dir(name));
        command.arg("--store-container").arg(self.dir("store"));
        command.args(self.member.flags()).args(args);
        Run::of(command)
    }

    fn refused(&self, name: &str, args: &[&str], words: &[&str]) {
        let before = contents(&self.dir(name));
        self.initialize(name, args).failed_with(words);
        assert!(contents(&self.dir(name)) == before, "it was touched");
    }

    fn outcome(&self, name: &str) -> Value {
        let run = self.initialize(name, &[]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }
}

/// Puts what `key` makes of each revision, up to `revision`.
fn write(etcd: &Etcd, revision: i64, key: impl Fn(i64) -> String) {
    let mut at = etcd.revision().unwrap();
    while at < revision {
        let value = format!("value {at}");
        at = etcd.put(key(at + 1).as_bytes(), value.as_bytes()).unwrap();
    }
}

fn compact(etcd: &Etcd, revision: i64) {
    etcd.compact(revision, Compacted::Physically).unwrap();
}

/// A healthy member at 60 was replaced by the backups of another cluster, compacted at 200, since all
/// that differed was compacted away: with exit code 0, and "Nothing is lost".
fn a_whole_member_stays_beside_another_clusters_compacted_backups(version: &str) {
    let fork = Fork::new(version);
    let other = fork.start("other");
    write(&other, 200, |at| format!("y{}", at % 20));
    compact(&other, 200);
    fork.back_up(&other);
    drop(other);
    let ours = fork.start("ours");
    write(&ours, 60, |at| format!("x{at}"));
    Fork::stop(ours);
    fork.refused("ours", &[], &["nothing proves", "prefix of the store"]);
}

/// At 100 a member was copied, and both went on: one old entry that both hold made them one history,
/// and 20 acknowledged writes of the copy were deleted, not even kept.
fn a_fork_keeps_its_writes_beside_compacted_backups(version: &str) {
    let fork = Fork::new(version);
    let first = fork.start("first");
    write(&first, 100, |at| format!("k{at}"));
    Fork::stop(first);
    copy(&fork.dir("first"), &fork.dir("copy"));
    let first = fork.start("first");
    write(&first, 200, |_| "a".into());
    compact(&first, 200);
    fork.back_up(&first);
    drop(first);
    let second = fork.start("copy");
    write(&second, 120, |at| format!("acked{at}"));
    Fork::stop(second);
    fork.refused("copy", &[], &["nothing proves"]);

    // Damaged, it is replaced and kept.
    let wal = fork.dir("copy").join("member/wal");
    for entry in fs::read_dir(&wal).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    // The directory is not under a volume that is not mounted: a file that etcd prepared is there.
    fs::write(wal.join("0.tmp"), b"").unwrap();
    let before = fs::read(fork.dir("copy").join("member/snap/db")).unwrap();
    let done = fork.outcome("copy");
    assert_eq!(done["restored"]["revision"], 200);
    assert_eq!(done["restored"]["kinship"], "unknown");
    assert_eq!(done["loss"]["measure"], "unproven", "{done}");
    let kept = fork.dir("copy").join(".etcdbr.old/member/snap/db");
    assert!(fs::read(kept).unwrap() == before);
}

/// The writes of the fork were in its log alone, which was not looked at: the database of 100 was
/// found in the backups, and so all was deleted.
fn the_log_of_a_fork_is_compared_too(version: &str) {
    let fork = Fork::new(version);
    let first = fork.start("first");
    write(&first, 100, |at| format!("k{at}"));
    Fork::stop(first);
    copy(&fork.dir("first"), &fork.dir("copy"));
    let first = fork.start("first");
    write(&first, 200, |_| "a".into());
    fork.back_up(&first);
    drop(first);
    let lazy = LAZY.map(str::to_owned);
    let mut second = Etcd::serving(&fork.binary, &fork.member, &fork.dir("copy"), &lazy).unwrap();
    write(&second, 120, |at| format!("acked{at}"));
    second.kill();
    fork.refused("copy", &[], &["another history", "at revision 120"]);
}

/// What is refused above must not refuse a member whose own backups went on: compacted every few
/// minutes, as Kubernetes does it.
fn a_member_behind_its_own_compacted_backups_is_replaced(version: &str) {
    let fork = Fork::new(version);
    // The settings stay, the heartbeat is written again and again, and a job comes and goes.
    let mixed = |at: i64| match at % 3 {
        0 => "heartbeat".to_owned(),
        1 => format!("setting{at}"),
        _ => format!("status{}", at % 7),
    };
    let first = fork.start("first");
    write(&first, 96, mixed);
    Fork::stop(first);
    copy(&fork.dir("first"), &fork.dir("settled"));
    copy(&fork.dir("first"), &fork.dir("beating"));
    let beating = fork.start("beating");
    assert_eq!(beating.revision().unwrap(), 96);
    Fork::stop(beating);
    let first = fork.start("first");
    write(&first, 100, |at| format!("setting{at}"));
    Fork::stop(first);
    let settled = fork.dir("settled");
    fs::remove_dir_all(&settled).unwrap();
    copy(&fork.dir("first"), &settled);
    let first = fork.start("first");
    write(&first, 200, mixed);
    compact(&first, 195);
    fork.back_up(&first);
    drop(first);

    // What it wrote last is there.
    let done = fork.outcome("settled");
    assert_eq!(done["restored"]["revision"], 200);
    assert_eq!(done["restored"]["kinship"], "same");
    assert_eq!(done["loss"]["measure"], "nothing", "{done}");
    assert_eq!(done["old"], Value::Null);
    // The heartbeat that it wrote last is not: a fork may have written others.
    let done = fork.outcome("beating");
    assert_eq!(done["restored"]["revision"], 200);
    assert_eq!(done["restored"]["kinship"], "overwritten");
    assert_eq!(done["loss"]["measure"], "unproven", "{done}");
    assert!(is_kept(&fork.dir("beating")));
}

fn is_kept(data_dir: &Path) -> bool {
    data_dir.join(".etcdbr.old/member/wal").is_dir()
}

/// A fork that deleted last, and compacted that away, holds nothing that would be missed: but the
/// backups hold what it deleted.
fn a_deleted_key_that_the_backups_hold_is_of_another_history(version: &str) {
    let fork = Fork::new(version);
    let first = fork.start("first");
    write(&first, 100, |at| format!("k{at}"));
    Fork::stop(first);
    copy(&fork.dir("first"), &fork.dir("copy"));
    let first = fork.start("first");
    write(&first, 200, |at| format!("k{}", at - 100));
    compact(&first, 200);
    fork.back_up(&first);
    drop(first);
    let second = fork.start("copy");
    for key in ["k99", "k100"] {
        let delete = Op::Delete(key.as_bytes().into(), Bytes::default());
        let txn = Txn {
            success: vec![delete],
            ..Txn::default()
        };
        second.txn(&txn).unwrap();
    }
    Fork::stop(second);
    fork.refused("copy", &[], &["another history", "at revision 10"]);
}

/// A log begun by a restore to 50 was replayed after a full at 110 of the history that had been left:
/// both end in heartbeats, and these had only to be somewhere in the log. Of 60 acknowledged writes the
/// first 24 were lost.
fn the_log_of_a_fork_is_not_salvaged_for_its_heartbeats(version: &str) {
    let fork = Fork::new(version);
    let first = fork.start("first");
    write(&first, 50, |at| format!("k{at}"));
    fork.back_up(&first);
    assert_eq!(fork.outcome("restored")["restored"]["revision"], 50);
    for _ in 0..60 {
        first.put(b"heartbeat", b"1").unwrap();
    }
    fs::remove_dir_all(fork.dir("store")).unwrap();
    fork.back_up(&first);
    drop(first);
    let second = fork.start("restored");
    for at in 0..60 {
        second.put(format!("acked{at}").as_bytes(), b"1").unwrap();
        second.put(b"heartbeat", b"1").unwrap();
    }
    Fork::stop(second);
    let db = fork.dir("restored").join("member/snap/db");
    fs::write(&db, spoilt(&fs::read(&db).unwrap())).unwrap();
    let words = ["nothing proves that the log goes on", "Nothing is done"];
    fork.refused("restored", &["--salvage-wal"], &words);
}

testkit::on_every_etcd!(
    the_log_of_a_fork_is_not_salvaged_for_its_heartbeats,
    a_whole_member_stays_beside_another_clusters_compacted_backups,
    a_fork_keeps_its_writes_beside_compacted_backups,
    the_log_of_a_fork_is_compared_too,
    a_member_behind_its_own_compacted_backups_is_replaced,
    a_deleted_key_that_the_backups_hold_is_of_another_history,
);
