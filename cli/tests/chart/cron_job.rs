//! The Jobs of the chart, on a real etcd: what they would do each night.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::rendered::{arguments, name, objects, of_kind, of_the_program, pods};
use crate::support::Run;

/// The command of a pod, with the directory that is mounted there.
fn command(pod: &Value, store: &str) -> Command {
    let container = of_the_program(pod)[0];
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args(arguments(container));
    for variable in container["env"].as_array().unwrap() {
        let value = variable["value"].as_str().unwrap();
        let value = value.replace("/home/nonroot/etcd-bucket", store);
        command.env(variable["name"].as_str().unwrap(), value);
    }
    command
}

fn told(command: Command) -> Value {
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_full_is_taken_and_old_ones_are_collected() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    etcd.until_its_version_is_stored().unwrap();
    etcd.put(b"a", b"1").unwrap();
    let room = tempfile::tempdir().unwrap();
    let store = room.path().join("store").display().to_string();
    let values = json!({
        "backup": {
            "storageProvider": "Local", "local": {"claim": "backups"},
            "garbageCollectionPolicy": "LimitBased", "maxBackups": 1,
        },
        "cronJob": {"enabled": true, "endpoints": [etcd.client_url()]},
    });
    let rendered = objects(&values);
    let jobs: Vec<&str> = of_kind(&rendered, "CronJob")
        .into_iter()
        .map(name)
        .collect();
    assert_eq!(jobs, ["main-etcd-backups", "main-etcd-collection"]);
    assert!(of_kind(&rendered, "StatefulSet").is_empty());
    let pods = pods(&rendered);
    let taken = told(command(&pods[0], &store));
    assert_eq!(taken["full"]["holds"], 2, "{taken}");
    assert_eq!(
        fs::read_dir(room.path().join("store/main-etcd/v2"))
            .unwrap()
            .count(),
        1
    );
    told(command(&pods[0], &store));
    let collected = told(command(&pods[1], &store));
    // What was written a moment ago stays.
    assert_eq!(collected["deleted"], 0, "{collected}");
}
