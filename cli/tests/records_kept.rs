//! What a member holds is more than revisions. Users, roles and leases are in no delta, and none of them
//! counts as a revision: a member with users made after the newest full was replaced, removed, and
//! "nothing that the store or the directory held is lost" was said; etcd then served everybody.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use support::Run;
use tempfile::TempDir;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

struct Scene {
    dir: TempDir,
    version: &'static str,
    member: Member,
}

impl Scene {
    fn new(version: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("store/v2")).unwrap();
        let member = Member::alone().unwrap();
        Self {
            dir,
            version,
            member,
        }
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn serve<T>(&self, work: impl FnOnce(&Etcd) -> T) -> T {
        let binary = oracles::etcd(self.version).unwrap();
        let etcd = Etcd::serving(&binary, &self.member, &self.data_dir(), &[]).unwrap();
        work(&etcd)
    }

    fn full(&self, etcd: &Etcd, revision: i64, created: i64) {
        let mut bytes = Vec::new();
        etcd.snapshot(&mut bytes).unwrap();
        if bytes.len() % 512 != 32 {
            let hash = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
            bytes.extend(hash);
        }
        let name = format!("store/v2/Full-00000000-{revision:08}-{created}");
        fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    fn initialize(&self, flags: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["initialize", "--output", "json", "--data-dir"]);
        command.arg(self.data_dir()).arg("--store-container");
        command.arg(self.dir.path().join("store")).args(flags);
        Run::of(command)
    }

    fn done(&self, flags: &[&str]) -> Value {
        let run = self.initialize(flags);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }
}

fn ask(etcd: &Etcd, rpc: &str, request: Value) {
    etcd.ask(rpc, &request, None).unwrap();
}

/// Users and roles, and authentication if `on`.
fn users(etcd: &Etcd, on: bool) {
    ask(
        etcd,
        "auth/user/add",
        json!({"name": "root", "password": "x"}),
    );
    ask(etcd, "auth/role/add", json!({"name": "root"}));
    ask(
        etcd,
        "auth/user/grant",
        json!({"user": "root", "role": "root"}),
    );
    ask(
        etcd,
        "auth/user/add",
        json!({"name": "alice", "password": "x"}),
    );
    ask(etcd, "auth/role/add", json!({"name": "readers"}));
    if on {
        ask(etcd, "auth/enable", json!({}));
    }
}

/// A full without users, then users, then the member is damaged in its database alone.
fn damage(data_dir: &Path) {
    let db = data_dir.join("member/snap/db");
    let mut bytes = fs::read(&db).unwrap();
    // A page of keys, or what else stands there; the meta pages stay.
    let end = bytes.len().min(8 * 4096);
    bytes[8192..end].fill(0);
    fs::write(&db, bytes).unwrap();
}

/// A copy of `from` as its etcd left it becomes the data directory.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

/// A member behind its backups, with what no backup has.
fn behind(version: &'static str, on: bool) -> Scene {
    let scene = Scene::new(version);
    let old = scene.dir.path().join("old");
    scene.serve(|etcd| {
        for number in 0..10 {
            etcd.put(format!("key-{number}").as_bytes(), b"1").unwrap();
        }
    });
    copy(&scene.data_dir(), &old);
    // The history goes on from the copy, and a full is taken without users.
    scene.serve(|etcd| {
        let mut last = 0;
        for number in 0..10 {
            last = etcd.put(format!("key-{number}").as_bytes(), b"2").unwrap();
        }
        scene.full(etcd, last, 1_795_400_000);
    });
    fs::remove_dir_all(scene.data_dir()).unwrap();
    fs::rename(&old, scene.data_dir()).unwrap();
    scene.serve(|etcd| {
        etcd.grant(0x77, 3600).unwrap();
        users(etcd, on);
    });
    scene
}

#[test]
fn users_roles_and_leases_that_no_backup_has_are_told_and_the_member_is_kept() {
    for version in ["3.4.23", "3.5.35", "3.6.16", "3.7.3"] {
        let scene = behind(version, false);
        let done = scene.done(&[]);
        assert_eq!(done["restored"]["kinship"], "same", "{version}: {done}");
        let beyond = &done["restored"]["beyond"];
        assert_eq!(beyond["is_known"], true, "{version}: {done}");
        assert_eq!(beyond["users"], json!(["alice", "root"]), "{version}");
        assert_eq!(beyond["roles"], json!(["readers", "root"]), "{version}");
        assert_eq!(beyond["leases"], json!(["77"]), "{version}");
        assert_eq!(done["loss"]["measure"], "no_revision", "{version}: {done}");
        let told = done["explanation"].as_str().unwrap();
        assert!(!told.contains("Nothing that the store"), "{told}");
        assert!(told.contains("users: alice, root"), "{told}");
        assert!(scene.data_dir().join(".etcdbr.old/member/snap/db").exists());
    }
}

/// Who had to log in before would have been let in without a word.
#[test]
fn authentication_is_not_switched_off_unless_it_is_asked_for() {
    for version in ["3.4.23", "3.5.35", "3.6.16", "3.7.3"] {
        let scene = behind(version, true);
        let before = support::contents(&scene.data_dir());
        let run = scene.initialize(&[]);
        run.failed_with(&[
            "authentication is on",
            "--allow-authentication-off",
            "users: alice, root",
        ]);
        assert_eq!(support::contents(&scene.data_dir()), before, "{version}");
        let done = scene.done(&["--allow-authentication-off"]);
        assert_eq!(done["restored"]["beyond"]["authentication_off"], true);
    }
}

/// `--salvage-wal` brought the keys of the log back and left its users out.
#[test]
fn salvage_takes_users_and_roles_along() {
    for version in ["3.4.23", "3.5.35", "3.6.16", "3.7.3"] {
        let scene = Scene::new(version);
        scene.serve(|etcd| {
            let mut last = 0;
            for number in 0..10 {
                last = etcd.put(format!("key-{number}").as_bytes(), b"1").unwrap();
            }
            scene.full(etcd, last, 1_795_400_000);
            users(etcd, false);
        });
        damage(&scene.data_dir());
        let done = scene.done(&["--salvage-wal"]);
        assert_eq!(done["salvage"]["state"], "done", "{version}: {done}");
        let warned = done["restored"]["warnings"].to_string();
        assert!(
            warned.contains("users and roles were salvaged"),
            "{version}: {done}"
        );
        scene.serve(|etcd| {
            let listed = |rpc: &str| etcd.ask(rpc, &json!({}), None).unwrap();
            assert_eq!(listed("auth/user/list")["users"], json!(["alice", "root"]));
            assert_eq!(
                listed("auth/role/list")["roles"],
                json!(["readers", "root"])
            );
            ask(etcd, "auth/enable", json!({}));
        });
    }
}

/// Nothing is said to be lost where nothing is: the users are in the backup. The test of this had no users.
#[test]
fn the_same_users_are_no_loss() {
    for version in ["3.4.23", "3.5.35", "3.6.16", "3.7.3"] {
        let scene = Scene::new(version);
        let old = scene.dir.path().join("old");
        scene.serve(|etcd| {
            etcd.put(b"key", b"1").unwrap();
            etcd.grant(0x77, 3600).unwrap();
            users(etcd, false);
            // Into the database: an etcd 3.4 hashes a password anew whenever it applies its log, so that
            // such a user of the log alone is never known to be the same.
            etcd.snapshot(std::io::sink()).unwrap();
        });
        copy(&scene.data_dir(), &old);
        scene.serve(|etcd| {
            let last = etcd.put(b"other", b"2").unwrap();
            scene.full(etcd, last, 1_795_400_000);
        });
        fs::remove_dir_all(scene.data_dir()).unwrap();
        fs::rename(&old, scene.data_dir()).unwrap();
        let done = scene.done(&[]);
        let beyond = &done["restored"]["beyond"];
        assert_eq!(beyond["is_known"], true, "{version}: {done}");
        for kind in ["users", "roles", "leases", "alarms", "v2_keys"] {
            assert_eq!(beyond[kind], json!([]), "{version}: {done}");
        }
        assert_eq!(done["loss"]["measure"], "nothing", "{version}: {done}");
        assert_eq!(done["old"], Value::Null, "{version}: {done}");
        scene.serve(|etcd| {
            let listed = etcd.ask("auth/user/list", &json!({}), None).unwrap();
            assert_eq!(listed["users"], json!(["alice", "root"]), "{version}");
        });
    }
}
