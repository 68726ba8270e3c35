//! Keys of the v2 API of etcd up to 3.5 are in no snapshot, and no revision counts them: a member that held
//! some was replaced, removed, and "nothing that the store or the directory held is lost" was said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use support::Run;
use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// A member with a key of the v2 API, of which a full holds everything else.
struct Scene {
    room: TempDir,
    member: Member,
}

impl Scene {
    fn new(version: &str, flags: &[&str]) -> Self {
        let room = tempfile::tempdir().unwrap();
        let (binary, member) = (oracles::etcd(version).unwrap(), Member::alone().unwrap());
        let flags: Vec<String> = [&["--enable-v2"], flags]
            .concat()
            .iter()
            .map(|flag| (*flag).to_owned())
            .collect();
        let etcd = Etcd::serving(&binary, &member, &room.path().join("data"), &flags).unwrap();
        etcd.put_v2("/app/old", "1").unwrap();
        let mut revision = 0;
        for at in 0..30 {
            revision = etcd.put(format!("key{at}").as_bytes(), b"value").unwrap();
        }
        let mut database = Vec::new();
        etcd.snapshot(&mut database).unwrap();
        let mut store = Store::create(room.path().join("store"), Layout::V2).unwrap();
        store
            .full(revision, &database, Compression::None, Occasion::Regular)
            .unwrap();
        Self { room, member }
    }

    fn data_dir(&self) -> PathBuf {
        self.room.path().join("data")
    }

    fn initialized(&self, flags: &[&str]) -> Value {
        let db = self.data_dir().join("member/snap/db");
        let mut bytes = fs::read(&db).unwrap();
        // What the two meta pages lead to.
        let end = bytes.len().min(8 * 4096);
        bytes[8192..end].fill(0);
        fs::write(&db, bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["initialize", "--output", "json", "--data-dir"]);
        command
            .arg(self.data_dir())
            .arg("--store-container")
            .arg(self.room.path().join("store"));
        command.args(self.member.flags()).args(flags);
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn is_told(&self, flags: &[&str]) {
        let done = self.initialized(flags);
        assert_eq!(done["restored"]["revision"], 31, "{done}");
        assert_eq!(
            done["restored"]["beyond"]["v2_keys"],
            json!(["/app/old"]),
            "{done}"
        );
        assert_ne!(done["loss"]["measure"], "nothing", "{done}");
        let told = done["explanation"].as_str().unwrap();
        assert!(!told.contains("Nothing that the store"), "{told}");
        assert!(
            told.contains("v2 API, which no backup holds: /app/old"),
            "{told}"
        );
        assert!(self.data_dir().join(".etcdbr.old/member/wal").is_dir());
    }
}

#[test]
fn a_member_with_keys_of_the_v2_api_is_kept_and_they_are_named() {
    for version in ["3.4.23", "3.5.1", "3.5.35"] {
        // In the log alone, and in a raft snapshot.
        for flags in [&[][..], &["--snapshot-count", "10"]] {
            Scene::new(version, flags).is_told(&[]);
        }
    }
}

/// All else that the log holds is taken along.
#[test]
fn a_salvage_does_not_bring_them() {
    for version in ["3.4.23", "3.5.35"] {
        Scene::new(version, &[]).is_told(&["--salvage-wal"]);
    }
}
