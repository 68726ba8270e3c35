//! Members that other tools have restored, before an etcd served them and after. All of them are whole;
//! what an etcd of each version makes of them is shown by one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::Run;
use tempfile::TempDir;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// The tools, by the version of etcd that they came with.
const TOOLS: [(&str, &str); 3] = [
    ("3.4.23", "etcdctl"),
    ("3.5.1", "etcdctl"),
    ("3.5.1", "etcdutl"),
];

/// What `etcdctl snapshot save` wrote of a cluster that is in its sixth term.
struct Saved {
    room: TempDir,
    file: PathBuf,
    /// Not what was written: killed without warning, etcd 3.5.0 to 3.5.2 may lose what it has acknowledged (etcd#13766).
    revision: i64,
}

impl Saved {
    fn by(version: &str) -> Self {
        let room = tempfile::tempdir().unwrap();
        let (binary, member) = (oracles::etcd(version).unwrap(), Member::alone().unwrap());
        let data = room.path().join("source");
        let mut etcd = Etcd::on(&binary, &member, &data).unwrap();
        for at in 0..25 {
            if at % 5 == 4 {
                etcd = etcd.restart().unwrap();
            }
            put(&etcd, &format!("saved{at}"));
        }
        let file = room.path().join("saved.db");
        etcd.snapshot(fs::File::create(&file).unwrap()).unwrap();
        let revision = etcd.revision().unwrap();
        Self {
            room,
            file,
            revision,
        }
    }

    fn restored_by(&self, (version, tool): (&str, &str), member: &Member) -> PathBuf {
        let dir = self.room.path().join(format!("{tool}-{version}"));
        let mut command = Command::new(oracles::etcd(version).unwrap().sibling(tool).unwrap());
        command.env_clear().env("ETCDCTL_API", "3");
        command.args(["snapshot", "restore"]).arg(&self.file);
        command.arg("--data-dir").arg(&dir).args(member.flags());
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        dir
    }
}

fn put(etcd: &Etcd, key: &str) {
    etcd.put(key.as_bytes(), b"value").unwrap();
}

fn validated(dir: &Path) -> (Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args(["validate", "--output", "json"]);
    command.arg("--data-dir").arg(dir);
    let run = Run::of(command);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    let words = said["explanation"].as_str().unwrap_or_default().to_owned();
    (said, words)
}

fn is_whole_at(dir: &Path, revision: i64) {
    let (said, words) = validated(dir);
    assert_eq!(said["verdict"], "DataDirectoryValid", "{words}");
    let told = format!("at revision {revision}.");
    assert!(words.contains(&told), "{words}");
}

/// etcdctl 3.4 leaves the members and the term of the cluster that the snapshot is of. Such a member was
/// called damaged from its restore on, however long an etcd had served it, and replaced by older backups.
fn what_another_tool_restored_is_whole_at_any_time(version: &str) {
    // The way down from 3.5 to 3.4 is a restore by etcdctl 3.4.
    let source = match version {
        "3.4.23" => "3.5.35",
        same => same,
    };
    let saved = Saved::by(source);
    let binary = oracles::etcd(version).unwrap();
    for tool in TOOLS {
        let member = Member::alone().unwrap();
        let dir = saved.restored_by(tool, &member);
        is_whole_at(&dir, saved.revision);
        if tool.0 == "3.4.23" && ["3.6.16", "3.7.3"].contains(&version) {
            names_others(&binary, &member, &dir);
            continue;
        }
        let mut revision = saved.revision;
        for round in 0..3 {
            let etcd = Etcd::on(&binary, &member, &dir).unwrap();
            assert_eq!(etcd.revision().unwrap(), revision, "{tool:?}, {round}");
            for at in 0..10 {
                put(&etcd, &format!("served{round}-{at}"));
            }
            revision += 10;
            // All of it is in the database then.
            etcd.snapshot(std::io::sink()).unwrap();
            drop(etcd);
            if (version, tool.0) == ("3.5.1", "3.4.23") {
                is_written_twice(&binary, &member, &dir);
                break;
            }
            is_whole_at(&dir, revision);
        }
    }
}

/// etcdctl 3.4 leaves the members in the database of whom nobody else knows any more. Since 3.6 etcd
/// takes them from there: one dies, another waits for their votes. It is said before.
fn names_others(binary: &oracles::Binary, member: &Member, dir: &Path) {
    let told = validated(dir).0["remarks"].to_string();
    assert!(told.contains("one from 3.6 on"), "{told}");
    if binary.version() == "3.6.16" {
        assert!(Etcd::on(binary, member, dir).is_err());
    }
}

/// etcd 3.5.1 does not note what it has applied on a database with a later term than its own: at its
/// next start all is written again. That is no member to be called whole.
fn is_written_twice(binary: &oracles::Binary, member: &Member, dir: &Path) {
    let (said, words) = validated(dir);
    assert_eq!(said["verdict"], "DataDirectoryCorrupt", "{words}");
    assert!(words.contains("apply them to it once more"), "{words}");
    let etcd = Etcd::on(binary, member, dir).unwrap();
    assert_eq!(etcd.revision().unwrap(), 46);
}

testkit::on_every_etcd!(what_another_tool_restored_is_whole_at_any_time);
