//! Clusters of three members, and the program on what is left of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::{oracles, wait};

use crate::support::Run;

/// Three members that serve. A port that was free may be another test's before they listen on it.
pub(crate) fn cluster(version: &str, room: &Path) -> (Vec<Etcd>, Vec<(Member, PathBuf)>) {
    Etcd::three(&oracles::etcd(version).unwrap(), room, &[]).unwrap()
}

/// A put that some member takes, at once or after an election: it is acknowledged.
pub(crate) fn put(etcds: &[Etcd], key: &str) -> i64 {
    let put = || {
        Ok(etcds
            .iter()
            .find_map(|etcd| etcd.put(key.as_bytes(), b"value").ok()))
    };
    wait::until("a put", Duration::from_secs(60), put).unwrap()
}

pub(crate) fn command(dirs: &[&PathBuf], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().arg("recover-quorum");
    for dir in dirs {
        command.arg("--data-dir").arg(dir);
    }
    command.args(args);
    command
}

pub(crate) fn run(dirs: &[&PathBuf], args: &[&str]) -> Run {
    Run::of(command(dirs, args))
}

/// A plan, which must be possible.
pub(crate) fn planned(dirs: &[&PathBuf], args: &[&str]) -> Value {
    let run = run(dirs, &[&["-o", "json"], args].concat());
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

pub(crate) fn id_of(plan: &Value) -> &str {
    plan["cluster_id"].as_str().unwrap()
}

pub(crate) fn dir_of(plan: &Value) -> &str {
    let chosen = usize::try_from(plan["chosen"].as_u64().unwrap()).unwrap();
    plan["candidates"][chosen]["data_dir"].as_str().unwrap()
}

pub(crate) fn ids(etcd: &Etcd) -> (String, Vec<Value>) {
    let listed = etcd.ask("cluster/member/list", &json!({}), None).unwrap();
    let cluster = listed["header"]["cluster_id"].as_str().unwrap();
    let members = listed["members"].as_array().unwrap().clone();
    (cluster.to_owned(), members)
}

/// The alone one of the new cluster.
pub(crate) fn started(version: &str, member: &Member, dir: &Path) -> Etcd {
    let binary = oracles::etcd(version).unwrap();
    Etcd::serving(&binary, member, dir, &[]).unwrap()
}

/// Adds `member` as a learner, starts it on an empty directory and promotes it.
pub(crate) fn join(version: &str, alone: &Etcd, name: &str, room: &Path) -> Etcd {
    let only = alone.member().peer_url();
    let newcomer = Member::alone().unwrap();
    let url = newcomer.peer_url().to_owned();
    let add = json!({ "peerURLs": [url], "isLearner": true });
    let added = alone.ask("cluster/member/add", &add, None).unwrap();
    let id = added["member"]["ID"].as_str().unwrap().to_owned();
    let initial = format!("{}={only},{name}={url}", alone.member().name());
    let flags = [
        "--name",
        name,
        "--initial-cluster",
        &initial,
        "--initial-cluster-state",
        "existing",
    ];
    let flags = flags.map(str::to_owned);
    let binary = oracles::etcd(version).unwrap();
    let dir = room.join(format!("joined-{name}"));
    let etcd = Etcd::starting(&binary, &newcomer, &dir, &flags).unwrap();
    let promote = || {
        let asked = alone.ask("cluster/member/promote", &json!({ "ID": id }), None);
        Ok(asked.ok())
    };
    wait::until("a promotion", Duration::from_secs(60), promote).unwrap();
    etcd
}
