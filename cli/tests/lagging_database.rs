//! An etcd was killed before it wrote to its database what it had acknowledged: that is in its log
//! alone. The reference starts an etcd on the very directory to find out where it stands.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use damage::{Ground, STORES, copy};
use serde_json::Value;
use support::{Run, contents};
use testkit::etcd::Etcd;

/// The revision up to which writes were acknowledged.
const AT: i64 = 100;

fn etcdbrctl(ground: &Ground, verb: &str, dir: &Path, store: &str) -> (Option<i32>, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args([verb, "--output", "json"]);
    command.arg("--data-dir").arg(dir);
    command.arg("--store-container").arg(ground.store(store));
    if verb == "initialize" {
        command.args(ground.member.flags());
    }
    let run = Run::of(command);
    let said = serde_json::from_str(&run.stdout);
    (
        run.code,
        said.unwrap_or_else(|_| unreachable!("{}", run.stderr)),
    )
}

fn the_log_counts(version: &str) {
    let ground = Ground::lagging(version);
    let database = File::open(ground.base().join("member/snap/db")).unwrap();
    let database = bolt::Db::open(database).unwrap();
    let state = etcd::store_state::StoreState::read(&database).unwrap();
    assert!(state.revision <= 60, "it lags: {}", state.revision);
    let dir = ground.path().join("try/data");
    for (store, leads_to) in STORES {
        let _ = fs::remove_dir_all(&dir);
        copy(&ground.base(), &dir);
        let before = contents(&dir);
        let behind = leads_to.is_some_and(|leads_to| leads_to > AT);
        for mode in ["validate", "initialize"] {
            let (code, said) = etcdbrctl(&ground, mode, &dir, store);
            let verdict = match behind {
                true => "RevisionConsistencyError",
                false => "DataDirectoryValid",
            };
            assert_eq!(said["verdict"], verdict, "{store}: {said}");
            let expected = match (mode, behind) {
                ("validate", true) => 14,
                _ => 0,
            };
            assert_eq!(code, Some(expected), "{store}: {said}");
            if mode == "validate" || !behind {
                assert!(contents(&dir) == before, "{store}: touched");
            } else {
                assert_eq!(said["restored"]["revision"], 110);
                assert_eq!(said["old"], Value::Null, "all of it is in the backup");
            }
            if leads_to == Some(AT) {
                let words = said["explanation"].as_str().unwrap();
                assert!(words.contains("at revision 100"), "{words}");
            }
        }
        if !behind {
            continue;
        }
        let etcd = Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
        assert_eq!(etcd.revision().unwrap(), 110);
    }
    // The last one was left alone: an etcd finds all of it in the log.
    let etcd = Etcd::on(&ground.binary, &ground.member, &dir).unwrap();
    let state = etcd.state().unwrap();
    assert_eq!(state.revision(), AT);
    assert_eq!(state.difference(&ground.state), None);
}

testkit::on_every_etcd!(the_log_counts);
