//! A cluster of three that tests stop, and that changes its leader.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::{oracles, wait};

/// A cluster of three.
pub(crate) fn cluster(version: &str, room: &Path) -> Vec<Etcd> {
    let members = Member::cluster(["one", "two", "three"]).unwrap();
    let members = members.map(|member| {
        let data = room.join(member.name());
        (member, data)
    });
    Etcd::cluster(&oracles::etcd(version).unwrap(), &members).unwrap()
}

/// All its endpoints, as one flag takes them.
pub(crate) fn endpoints(etcds: &[Etcd]) -> String {
    let urls: Vec<&str> = etcds.iter().map(Etcd::client_url).collect();
    urls.join(",")
}

/// A put that some member takes, at once or after an election.
pub(crate) fn put(etcds: &[Etcd], key: &[u8], value: &[u8]) -> i64 {
    let put = || Ok(etcds.iter().find_map(|etcd| etcd.put(key, value).ok()));
    wait::until("a put", Duration::from_secs(60), put).unwrap()
}

fn status(etcd: &Etcd) -> Option<(String, String)> {
    let status = etcd.ask("maintenance/status", &json!({}), None).ok()?;
    let leader = status["leader"].as_str()?.to_owned();
    Some((status["header"]["member_id"].as_str()?.to_owned(), leader))
}

/// Bytes of its file, by its own word.
pub(crate) fn file_size(etcd: &Etcd) -> u64 {
    size_of(etcd, "dbSize")
}

/// Bytes of it that are in use.
pub(crate) fn in_use(etcd: &Etcd) -> u64 {
    size_of(etcd, "dbSizeInUse")
}

fn size_of(etcd: &Etcd, what: &str) -> u64 {
    let status = etcd.ask("maintenance/status", &json!({}), None).unwrap();
    status[what].as_str().unwrap().parse().unwrap()
}

/// Which of them leads, by its own word.
pub(crate) fn leader(etcds: &[Etcd]) -> usize {
    let leads = |etcd: &Etcd| status(etcd).is_some_and(|(id, leader)| id == leader);
    let found = || Ok(etcds.iter().position(leads));
    wait::until("a leader", Duration::from_secs(60), found).unwrap()
}

/// The leader hands over to another. Whether it does is not waited for.
pub(crate) fn hand_over(etcds: &[Etcd], from: usize, to: usize) {
    let Some((id, _)) = status(&etcds[to]) else {
        return;
    };
    let target: Value = json!({ "targetID": id });
    // Refused where it leads no more.
    let _ = etcds[from].ask("maintenance/transfer-leadership", &target, None);
}

/// Stops it as the kernel does, or lets it go on.
pub(crate) fn send(etcd: &Etcd, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(etcd.pid()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}
