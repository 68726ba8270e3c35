//! An etcd dies at its start of a lease, a user or a member that it cannot read. Only keys were looked
//! at, so such a directory was called whole, and etcd did not start.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bolt::Db;
use etcd::schema::bucket;
use serde_json::json;
use support::Run;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;
use testkit::wait::until;

/// One record of each kind, as an etcd writes it.
fn write(etcd: &Etcd) {
    etcd.put(b"key", b"value").unwrap();
    etcd.grant(7, 3600).unwrap();
    for (rpc, request) in [
        ("auth/user/add", json!({"name": "root", "password": "x"})),
        ("auth/role/add", json!({"name": "root"})),
        ("auth/user/grant", json!({"user": "root", "role": "root"})),
        (
            "maintenance/alarm",
            // Of a member with a long id: else the record is two bytes, which stand elsewhere too.
            json!({"action": "ACTIVATE", "alarm": "CORRUPT", "memberID": "1311768467463790320"}),
        ),
    ] {
        etcd.ask(rpc, &request, None).unwrap();
    }
    // A snapshot is of what is committed. The version of the cluster is agreed on a while after the
    // start: on a busy machine it was not there yet.
    let limit = Duration::from_secs(60);
    let known = || Ok(has_cluster_version(etcd).then_some(()));
    until("the version of the cluster", limit, known).unwrap();
}

fn has_cluster_version(etcd: &Etcd) -> bool {
    let mut bytes = Vec::new();
    etcd.snapshot(&mut bytes).unwrap();
    let db = Db::open(bytes).unwrap();
    let bucket = db.bucket(bucket::CLUSTER).unwrap();
    bucket.is_some_and(|bucket| bucket.cursor().next().unwrap().is_some())
}

fn validate(dir: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args(["validate", "--data-dir"])
        .arg(dir);
    Run::of(command)
}

/// The file with a bit of the first record of `bucket` flipped, wherever a copy of it stands.
fn flipped(file: &Path, name: &[u8]) -> Vec<u8> {
    let db = Db::open(File::open(file).unwrap()).unwrap();
    let found = db.bucket(name).unwrap().unwrap();
    let mut cursor = found.cursor();
    let (key, value) = cursor.next().unwrap().unwrap();
    let (record, at) = (
        [key, value].concat(),
        match value.is_empty() {
            true => 0,
            false => key.len(),
        },
    );
    let mut bytes = fs::read(file).unwrap();
    let places: Vec<usize> = bytes
        .windows(record.len())
        .enumerate()
        .filter_map(|(place, window)| (window == record).then_some(place + at))
        .collect();
    for place in places {
        bytes[place] ^= 0x47;
    }
    bytes
}

fn every_record_is_read(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let member = Member::alone().unwrap();
    let dir = room.path().join("data");
    let mut etcd = Etcd::serving(&oracles::etcd(version).unwrap(), &member, &dir, &[]).unwrap();
    write(&etcd);
    etcd.kill();
    let whole = validate(&dir);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);

    let file = dir.join("member/snap/db");
    let bytes = fs::read(&file).unwrap();
    for name in [
        bucket::LEASE,
        bucket::ALARM,
        bucket::AUTH_USERS,
        bucket::AUTH_ROLES,
        bucket::MEMBERS,
        bucket::CLUSTER,
    ] {
        fs::write(&file, flipped(&file, name)).unwrap();
        let found = validate(&dir);
        let told = name.escape_ascii().to_string();
        assert_eq!(found.code, Some(13), "{told}: {}", found.stdout);
        assert!(found.stdout.contains(&told), "{told}: {}", found.stdout);
        fs::write(&file, &bytes).unwrap();
    }
}

testkit::on_every_etcd!(every_record_is_read);
