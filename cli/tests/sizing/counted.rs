//! What a snapshotter really asks of S3, beside what is planned.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use testkit::emulators::MortalMinio;
use testkit::etcd::Etcd;
use testkit::proxy::Proxy;
use testkit::{oracles, wait};

use crate::requests::Requests;
use crate::steps::{Chain, Found, collection, delta, full, start, stop};

const BUCKET: &str = "etcdbr-sizing";

/// How long is waited for a snapshotter.
const LIMIT: Duration = Duration::from_secs(60);

/// What is that old is deleted by a collection, which spares what may still be written. The store takes requests that are up to
/// fifteen minutes off.
const LATER: &str = "+12m";

/// Those of a request line, as price lists tell them apart.
fn kind(request: &str) -> Requests {
    let none = Requests::default();
    let (method, target) = request.split_once(' ').unwrap();
    let is_listing = target.contains("list-type=2") || target.contains("?uploads");
    match method {
        "PUT" => Requests { put: 1, ..none },
        "POST" => Requests { post: 1, ..none },
        "GET" if is_listing => Requests { list: 1, ..none },
        "GET" => Requests { get: 1, ..none },
        "HEAD" => Requests { head: 1, ..none },
        "DELETE" => Requests { delete: 1, ..none },
        other => unreachable!("{other}"),
    }
}

/// A snapshotter that stores through the proxy.
struct Snapshotter {
    child: Child,
    log: PathBuf,
}

impl Snapshotter {
    fn start(command: &mut Command, log: &Path) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap())
            .spawn();
        Self {
            child: child.unwrap(),
            log: log.to_owned(),
        }
    }

    fn says(&self, words: &str, times: usize) {
        let said = || fs::read_to_string(&self.log).unwrap();
        let waited = wait::until(words, LIMIT, || {
            Ok((said().matches(words).count() >= times).then_some(()))
        });
        waited.unwrap_or_else(|error| unreachable!("{error}: {}", said()));
    }

    fn stop(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Snapshotter {
    fn drop(&mut self) {
        // It has ended already where it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Place<'a> {
    minio: &'a MortalMinio,
    url: &'a str,
}

impl Place<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let (user, password) = self.minio.account();
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().envs([
            ("AWS_ACCESS_KEY_ID", user),
            ("AWS_SECRET_ACCESS_KEY", password),
            ("AWS_REGION", "us-east-1"),
        ]);
        command.args(words);
        command.args(["--storage-provider", "S3", "--store-container", BUCKET]);
        command.args(["--store-endpoint-override", self.url]);
        command
    }

    fn snapshotter(&self, etcd: &Etcd, flags: &[&str]) -> Command {
        let endpoint = ["snapshot", "--endpoints", etcd.client_url()];
        let usual = ["--delta-snapshot-period", "1s", "--log-format", "json"];
        let plain = ["--compress-snapshots=false"];
        self.command(&[&endpoint[..], &usual, &plain, flags].concat())
    }

    /// Snapshots and their bytes, as `list` tells them.
    fn listed(&self) -> Vec<Value> {
        let list = self.command(&["list", "-o", "json"]).output().unwrap();
        assert!(list.status.success(), "{list:?}");
        let listed: Value = serde_json::from_slice(&list.stdout).unwrap();
        let chains = listed["chains"].as_array().unwrap().iter();
        let snapshots = chains.flat_map(|chain| {
            let deltas = chain["deltas"].as_array().unwrap();
            deltas.iter().chain([&chain["full"]])
        });
        snapshots.cloned().collect()
    }
}

/// Writes, and waits until a delta holds it.
fn deltas(etcd: &Etcd, snapshotter: &Snapshotter, count: usize) {
    for number in 1..=count {
        etcd.put(b"key", number.to_string().as_bytes()).unwrap();
        snapshotter.says("took delta", number);
    }
}

/// The page says what is paid for; one step that asks once more than planned, thousands of times a day, would show on a bill alone.
#[test]
fn a_snapshotter_asks_a_real_store_what_is_planned() {
    let minio = MortalMinio::start(BUCKET).unwrap();
    let proxy = Proxy::start(&minio.url()).unwrap();
    let room = tempfile::tempdir().unwrap();
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    // More than one part of a full.
    for number in 0..8 {
        etcd.put(&[number], &[number; 1 << 20]).unwrap();
    }
    let place = Place {
        minio: &minio,
        url: proxy.url(),
    };
    let direct = Place {
        minio: &minio,
        url: &minio.url(),
    };
    let mut command = direct.snapshotter(&etcd, &["--schedule", "@every 24h"]);
    let mut first = Snapshotter::start(&mut command, &room.path().join("first.log"));
    first.says("took full", 1);
    deltas(&etcd, &first, 3);
    first.stop();
    let old = direct.listed();
    assert_eq!(old.len(), 4);

    proxy.keep_requests();
    let policy = ["--garbage-collection-policy=LimitBased", "--max-backups=1"];
    let times = ["--schedule", "@every 10m", "--garbage-collection-period=2s"];
    let mut command = place.snapshotter(&etcd, &[&policy[..], &times].concat());
    let library = oracles::faketime().unwrap();
    command.envs([("FAKETIME", LATER), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")]);
    command.env("LD_PRELOAD", library);
    let mut second = Snapshotter::start(&mut command, &room.path().join("second.log"));
    second.says("took full", 1);
    second.says("collected garbage", 1);
    deltas(&etcd, &second, 5);
    second.stop();
    let counted: Requests = proxy.kept_requests().iter().map(|one| kind(one)).sum();

    let kept = direct.listed();
    assert_eq!(kept.len(), 6);
    let bytes = |one: &Value| one["bytes"].as_u64().unwrap();
    let of_full = kept.iter().map(bytes).max().unwrap();
    assert!(of_full > 8 << 20, "{of_full}");
    let found = Found {
        snapshots: old.len() as u64 + 1,
        deleted: old.len() as u64,
    };
    let planned = start(old.len() as u64)
        + full(of_full, 5 << 20)
        + collection(found)
        + delta(Chain::Full)
        + delta(Chain::Deltas).times(4)
        + stop();
    assert_eq!(counted, planned, "{:#?}", proxy.kept_requests());
}
