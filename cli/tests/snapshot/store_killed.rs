use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use testkit::emulators::MortalMinio;
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::snapshotter::Snapshotter;
use crate::support::Run;

const BUCKET: &str = "etcdbr-killed";

/// `etcdbrctl` with a store in this MinIO.
fn command(minio: &MortalMinio, words: &[&str]) -> Command {
    let (user, password) = minio.account();
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().envs([
        ("AWS_ACCESS_KEY_ID", user),
        ("AWS_SECRET_ACCESS_KEY", password),
        ("AWS_REGION", "us-east-1"),
    ]);
    command.args(words);
    command.args(["--storage-provider", "S3", "--store-container", BUCKET]);
    command.args(["--store-endpoint-override", &minio.url()]);
    command
}

/// A store that is killed at any moment, in the middle of uploads and between an object and its metadata: what was said to
/// be stored restores when it is back, and nothing is missing in between.
#[test]
fn what_was_said_before_the_store_was_killed_is_there_after_it() {
    let mut minio = MortalMinio::start(BUCKET).unwrap();
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let room = tempfile::tempdir().unwrap();
    let start = [
        "snapshot",
        "--endpoints",
        etcd.client_url(),
        "--delta-snapshot-period",
        "1s",
        "--delta-snapshot-memory-limit",
        "3000",
        "--schedule",
        "@every 2s",
        "--log-format",
        "json",
    ];
    let log = room.path().join("snapshotter.log");
    let mut snapshotter = Snapshotter::spawn(command(&minio, &start), log);
    let mut random = fastrand::Rng::with_seed(12);
    etcd.put(b"begun", b"1").unwrap();
    snapshotter.stores(2);
    for round in 0..40_u8 {
        for put in 0..random.u32(1..60) {
            etcd.put(format!("key-{put}").as_bytes(), &[round; 100])
                .unwrap();
        }
        thread::sleep(Duration::from_millis(random.u64(0..400)));
        minio.kill().unwrap();
        let held = etcd.put(b"while it was down", &[round]).unwrap();
        thread::sleep(Duration::from_millis(random.u64(0..300)));
        minio.start_again().unwrap();
        snapshotter.stores(held);
    }
    let said = snapshotter.stored();
    assert_eq!(snapshotter.stop().code, Some(0));
    assert!(said.len() > 80, "{said:?}");
    let verified = |revision: i64| {
        let revision = revision.to_string();
        let words = ["verify", "--to-revision", &revision, "-o", "json"];
        let run = Run::of(command(&minio, &words));
        assert_eq!(run.code, Some(0), "{revision}: {}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    for revision in said.iter().step_by(said.len() / 12 + 1).chain(said.last()) {
        let report = verified(*revision);
        assert_eq!(report["revision"], *revision, "{report}");
        let hash = etcd.hash_kv(*revision).unwrap().hash;
        assert_eq!(report["hash_kv"], hash, "revision {revision}");
    }
    // Nobody has taken what failed for another history.
    let list = Run::of(command(&minio, &["list", "-o", "json"]));
    let listed: Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!(listed["lineages"], Value::Null, "{}", list.stdout);
}
