//! Snapshots that sidecars have acknowledged, and whether each leads to what etcd had.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use testkit::{etcd::HashKv, oracles, program};

use crate::pod::Pod;
use crate::support::Site;

/// The etcdctl that is asked for HashKV: any fits any server.
const ETCDCTL: &str = "3.5.1";

/// What a sidecar has said is stored: names, and the revision that each reaches.
pub(crate) fn acknowledged(pod: &Pod) -> BTreeMap<String, i64> {
    let log = pod.log();
    // The last line may be half written.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let taken = |line: &str| {
        let (_, rest) = line.split_once("took ")?;
        let (kind, rest) = rest.split_once(' ')?;
        let (name, rest) = rest.split_once(',')?;
        let (_, revision) = rest.split_once("revision=")?;
        let revision = revision.split_whitespace().next()?.parse().ok()?;
        let name = name.trim_start_matches("v2/").to_owned();
        ["full", "delta"]
            .contains(&kind)
            .then_some((name, revision))
    };
    whole.lines().filter_map(taken).collect()
}

impl Pod {
    /// etcd's own hash of a revision, asked of this member.
    pub(crate) fn hash_kv(&self, revision: i64) -> u32 {
        // A follower may be a moment late.
        self.until("it has that revision", |pod| pod.has_revision(revision));
        let etcdctl = oracles::etcd(ETCDCTL).unwrap().sibling("etcdctl");
        let mut command: Command = self.place.command(&etcdctl.unwrap());
        command.env("ETCDCTL_API", "3");
        command.args(["--endpoints", &self.endpoint()]);
        command.args(["endpoint", "hashkv", "-w", "json", "--rev"]);
        command.arg(revision.to_string());
        let told = program::run(&mut command).unwrap();
        HashKv::parse(&told).unwrap().hash
    }
}

/// Each of these revisions restores, to the hash that etcd has of it.
pub(crate) fn lead_to_what_etcd_had(site: &Site, revisions: &BTreeSet<i64>, pod: &Pod) {
    assert!(!revisions.is_empty());
    for revision in revisions {
        let text = revision.to_string();
        let run = site.run("verify", &["-o", "json", "--to-revision", &text]);
        assert_eq!(run.code, Some(0), "revision {revision}: {}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["revision"], *revision, "{report}");
        let hash = pod.hash_kv(*revision);
        assert_eq!(report["hash_kv"], hash, "revision {revision}");
    }
}
