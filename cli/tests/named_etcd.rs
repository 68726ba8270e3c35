//! `--etcd-version V` names the etcd that will start. A member was called whole for one that exits on it: what
//! makes it exit is said, with what to do. Each word of it is checked against the etcds themselves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use support::Run;
use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Etcd, Member};
use testkit::oracles::{self, ETCDS};

/// A member, and copies of it on which etcds are tried.
struct Tried {
    room: TempDir,
    member: Member,
}

impl Tried {
    fn new() -> Self {
        Self {
            room: tempfile::tempdir().unwrap(),
            member: Member::alone().unwrap(),
        }
    }

    fn dir(&self) -> PathBuf {
        self.room.path().join("data")
    }

    fn start(&self, version: &str, flags: &[&str]) -> Etcd {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Etcd::serving(
            &oracles::etcd(version).unwrap(),
            &self.member,
            &self.dir(),
            &flags,
        )
        .unwrap()
    }

    /// Whether an etcd of `version` serves a copy of it, and what it said last if it does not.
    fn serves(&self, version: &str, flags: &[&str]) -> Result<(), String> {
        let copy = self.room.path().join("copy");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(self.dir())
            .arg(&copy)
            .status();
        assert!(copied.unwrap().success());
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let binary = oracles::etcd(version).unwrap();
        let served = Etcd::serving(&binary, &self.member, &copy, &flags).map(drop);
        fs::remove_dir_all(copy).unwrap();
        served.map_err(|error| format!("{error:#}"))
    }

    /// Holds what is said of each version against what it does. Those in `refuse` do not start, and say the
    /// second of the words themselves; the third is said of them before.
    fn agrees(&self, refuse: &[(&str, &str, &str)]) {
        for version in ETCDS.map(|oracle| oracle.version()) {
            let remarks = remarks(&self.dir(), version);
            let served = self.serves(version, &[]);
            let refuses = refuse.iter().find(|(refuses, ..)| *refuses == version);
            let Some((_, own_words, told)) = refuses else {
                served.unwrap();
                assert!(!remarks.contains("start on it"), "{version}: {remarks}");
                continue;
            };
            assert!(served.is_err(), "{version} starts: {remarks}");
            let said = served.unwrap_err();
            assert!(
                said.contains("it ended") && said.contains(own_words),
                "{version}: {said}"
            );
            let expected = format!("etcd {version} does not start on it");
            assert!(remarks.contains(&expected), "{version}: {remarks}");
            assert!(remarks.contains(told), "{version}: {remarks}");
        }
    }
}

/// An etcd up to 3.5 writes two requests of the v2 API at each start, and 3.7 knows none.
const OWN_REQUESTS: (&str, &str, &str) = ("3.7.3", "", "a request of etcd 2");

/// What is said of the member for an etcd of `version`. It is whole all the same.
fn remarks(dir: &Path, version: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args(["validate", "--output", "json"]);
    command
        .args(["--etcd-version", version, "--data-dir"])
        .arg(dir);
    let run = Run::of(command);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(said["verdict"], "DataDirectoryValid", "{version}: {said}");
    said["remarks"].to_string()
}

fn put(etcd: &Etcd, count: usize) {
    for at in 0..count {
        etcd.put(format!("k{at}").as_bytes(), b"value").unwrap();
    }
}

#[test]
fn keys_of_the_v2_api_in_a_raft_snapshot() {
    let tried = Tried::new();
    let etcd = tried.start("3.4.23", &["--enable-v2", "--snapshot-count", "10"]);
    etcd.put_v2("/old", "1").unwrap();
    put(&etcd, 30);
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    // The newest snapshot is after etcd's own requests of the v2 API, and 3.7 does not look into it.
    tried.agrees(&[("3.6.16", "v2-deprecation", "/old")]);
}

#[test]
fn keys_of_the_v2_api_in_the_log() {
    let tried = Tried::new();
    let etcd = tried.start("3.4.23", &["--enable-v2"]);
    etcd.put_v2("/old", "1").unwrap();
    put(&etcd, 3);
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    tried.agrees(&[
        ("3.6.16", "", "request of the v2 API"),
        ("3.7.3", "", "request of the v2 API"),
    ]);
}

#[test]
fn an_entry_above_the_limit_of_early_etcds() {
    let tried = Tried::new();
    let etcd = tried.start("3.4.23", &["--max-request-bytes", "30000000"]);
    etcd.put(b"big", &vec![b'x'; 12 << 20]).unwrap();
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    let limit = "max entry size limit exceeded";
    tried.agrees(&[
        ("3.4.23", limit, "10 MiB"),
        ("3.5.1", limit, "10 MiB"),
        OWN_REQUESTS,
    ]);
}

#[test]
fn a_cluster_of_a_newer_version() {
    let versions = ETCDS.map(|oracle| oracle.version());
    for (at, version) in versions.into_iter().enumerate() {
        let tried = Tried::new();
        let etcd = tried.start(version, &[]);
        put(&etcd, 3);
        agreed_on_a_version(&etcd);
        drop(etcd);
        let minor = &version[..3];
        let told = format!("3.{}", &minor[2..]);
        // 3.4 does not understand how etcd since 3.6 notes the version.
        let knows = |older: &&&str| minor < "3.6" || !older.starts_with("3.4");
        let older = versions[..at]
            .iter()
            .filter(|older| !older.starts_with(minor))
            .filter(knows);
        let mut refuse: Vec<_> = older.map(|older| (*older, "", told.as_str())).collect();
        if minor < "3.6" {
            refuse.push(OWN_REQUESTS);
        }
        tried.agrees(&refuse);
    }
}

/// The version of the cluster is agreed on a while after the start.
fn agreed_on_a_version(etcd: &Etcd) {
    let known = || {
        let mut bytes = Vec::new();
        etcd.snapshot(&mut bytes)?;
        let db = bolt::Db::open(bytes)?;
        let state = etcd::store_state::StoreState::read(&db)?;
        // Since 3.6 that of the storage follows a moment later.
        let has_both = |version: &String| {
            version.as_str() < "3.6" || state.storage_version.as_ref() == Some(version)
        };
        Ok(state
            .cluster_version
            .filter(|version| version != "3.0.0" && has_both(version))
            .map(drop))
    };
    let limit = std::time::Duration::from_secs(60);
    testkit::wait::until("the version of the cluster", limit, known).unwrap();
}

#[test]
fn two_learners() {
    let tried = Tried::new();
    let etcd = tried.start("3.6.16", &["--max-learners", "2"]);
    for port in [1, 2] {
        let url = format!("http://127.0.0.1:{port}");
        let learner = json!({"peerURLs": [url], "isLearner": true});
        etcd.ask("cluster/member/add", &learner, None).unwrap();
    }
    etcd.snapshot(std::io::sink()).unwrap();
    drop(etcd);
    let said = tried.serves("3.6.16", &[]).unwrap_err();
    assert!(said.contains("too many learner"), "{said}");
    let told = remarks(&tried.dir(), "3.6.16");
    assert!(told.contains("only with --max-learners 2"), "{told}");
    tried.serves("3.6.16", &["--max-learners", "2"]).unwrap();
}

/// `restore` warned that no etcd older than the one of the backup starts on what is restored. Those up to 3.5
/// all do: what they look at is not in there.
#[test]
fn the_warning_of_a_restore_is_true_of_every_version() {
    for version in ["3.5.35", "3.6.16", "3.7.3"] {
        let tried = Tried::new();
        let etcd = tried.start(version, &[]);
        put(&etcd, 10);
        agreed_on_a_version(&etcd);
        let mut database = Vec::new();
        etcd.snapshot(&mut database).unwrap();
        drop(etcd);
        let mut store = Store::create(tried.room.path().join("store"), Layout::V2).unwrap();
        store
            .full(11, &database, Compression::None, Occasion::Regular)
            .unwrap();
        fs::remove_dir_all(tried.dir()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["restore", "--output", "json", "--data-dir"]);
        command
            .arg(tried.dir())
            .arg("--store-container")
            .arg(store.root());
        command.args(tried.member.flags());
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let warned = report["warnings"].to_string();
        let refuse: &[_] = match version {
            "3.7.3" => &[("3.6.16", "is not supported", "3.7")],
            _ => &[],
        };
        let is_warned = warned.contains("from 3.6 on that is older");
        assert_eq!(is_warned, !refuse.is_empty(), "{warned}");
        tried.agrees(refuse);
    }
}
