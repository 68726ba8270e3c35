//! What keeps the etcd that was named with `--etcd-version` from starting on a member that is whole, and what
//! can be done about it.
//!
//! Sources, beside what each of them was seen to do: etcdserver/api/membership/cluster.go, `Recover`, and
//! downgrade.go; server/storage/schema/schema.go; server/storage/util.go, `AssertNoV2StoreContent`;
//! etcdserver/apply_v2.go; wal/decoder.go; membership/cluster.go, `ValidateMaxLearnerConfig`.

use std::fs::File;
use std::path::Path;

use etcd::replay::{ServerVersion, Servers};
use etcd::v2_keys::V2Keys;
use etcd::wal::Log;

use super::database::Open;
use crate::lineage::along;
use crate::size::counted;

/// Learners that an etcd from 3.6 on starts with, unless its flag says more.
const LEARNERS: usize = 1;

/// Bytes of a record and its padding from which on older etcds do not read it (wal/decoder.go).
const RECORD: u64 = 10 << 20;

/// What stands in the way of the etcd that will start, each with a remedy. Nothing where none is named.
pub(super) fn obstacles(
    data_dir: &Path,
    servers: Servers,
    open: &Open,
    log: &Log<File>,
) -> Vec<String> {
    let Servers::Only(version) = servers else {
        return Vec::new();
    };
    let v2 = along(data_dir, log);
    let unknown = v2.as_ref().err().map(|error| {
        format!(
            "whether keys of the v2 API keep etcd {version} from starting cannot be told: {error}"
        )
    });
    let v2 = v2.unwrap_or_default();
    let learners = open.members.iter().filter(|member| member.is_learner);
    [
        unknown,
        older_than_the_cluster(version, open, &v2),
        older_than_the_storage(version, open),
        of_the_v2_api(version, &v2).or_else(|| of_etcd_2(version, &v2)),
        too_long(version, log.longest_entry()),
        too_many_learners(version, learners.count()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn older_than_the_cluster(version: ServerVersion, open: &Open, v2: &V2Keys) -> Option<String> {
    // Up to 3.5 the version stands beside the keys of the v2 API, since 3.6 in the database.
    let cluster = match version.minor {
        ..=4 => v2.cluster_version.as_deref(),
        5 => {
            let newer = v2.newer_cluster_version.as_deref();
            newer.or(v2.cluster_version.as_deref())
        }
        _ => open.state.cluster_version.as_deref(),
    };
    let cluster = minor(cluster?)?;
    match open.downgrade.as_deref().and_then(minor) {
        Some(target) if version.minor == 5 && target == version.minor => None,
        Some(target) if version.minor == 5 => Some(format!(
            "etcd {version} does not start on it: the cluster is being downgraded to 3.{target}. Start an \
             etcd 3.{target}, or end the downgrade (etcdctl downgrade cancel)"
        )),
        _ if version.minor < cluster => Some(format!(
            "etcd {version} does not start on it: the cluster is at version 3.{cluster}. Start an etcd \
             3.{cluster}; to go back, let that one enable the downgrade first (etcdctl downgrade enable), or \
             restore a backup with `etcdbrctl restore`"
        )),
        _ => None,
    }
}

/// Up to 3.5 etcd does not look at it.
fn older_than_the_storage(version: ServerVersion, open: &Open) -> Option<String> {
    let storage = minor(open.state.storage_version.as_deref()?)?;
    (version.minor >= 6 && version.minor < storage).then(|| {
        format!(
            "etcd {version} does not start on it: its storage is of version 3.{storage}. Start an etcd \
             3.{storage}, and let that one downgrade the cluster first (etcdctl downgrade enable)"
        )
    })
}

fn of_the_v2_api(version: ServerVersion, v2: &V2Keys) -> Option<String> {
    let what = match (version.minor, v2.is_custom, v2.first_request) {
        (..=5, ..) => return None,
        (6, true, _) => format!("its newest raft snapshot holds {}", named(v2)),
        (_, _, Some(entry)) => format!("entry {entry} of its log is a request of the v2 API"),
        _ => return None,
    };
    Some(format!(
        "etcd {version} does not start on it: {what}, which etcd from 3.6 on refuses. Start an etcd 3.5 with \
         --enable-v2, take what is needed out of the v2 API, remove its keys, and let that etcd make a raft \
         snapshot (--snapshot-count) before the newer one starts"
    ))
}

/// etcd up to 3.5 writes such at each of its starts, and 3.6 reads them.
fn of_etcd_2(version: ServerVersion, v2: &V2Keys) -> Option<String> {
    let entry = v2.first_of_etcd_2.filter(|_| version.minor >= 7)?;
    Some(format!(
        "etcd {version} does not start on it: entry {entry} of its log is a request of etcd 2, as an etcd up \
         to 3.5 writes at its start. Start an etcd 3.6, and let it make a raft snapshot (--snapshot-count) \
         before the newer one starts"
    ))
}

fn named(v2: &V2Keys) -> String {
    match v2.keys.first() {
        None => String::from("directories or users of the v2 API"),
        Some(first) => format!(
            "{} of the v2 API ({}{})",
            counted(v2.keys.len(), "key", "keys"),
            first.escape_debug(),
            if v2.keys.len() > 1 { ", ..." } else { "" }
        ),
    }
}

fn too_long(version: ServerVersion, longest: u64) -> Option<String> {
    let padding = (8 - longest % 8) % 8;
    if longest.saturating_add(padding) < RECORD {
        return None;
    }
    let exits = match (version.minor, version.patch) {
        // What was seen, or read in the source; it is not known where in between the limit was lifted.
        (4, ..=23) | (5, ..=1) => "does not start",
        (4, _) | (5, 2..=34) => "may not start",
        _ => return None,
    };
    Some(format!(
        "etcd {version} {exits} on it: its log has an entry of {longest} bytes, and early etcds read none \
         of 10 MiB or more. Start an etcd 3.5.35 or later"
    ))
}

fn too_many_learners(version: ServerVersion, learners: usize) -> Option<String> {
    (version.minor >= 6 && learners > LEARNERS).then(|| {
        format!(
            "etcd {version} starts on it only with --max-learners {learners}: the cluster has {learners} \
             learners"
        )
    })
}

/// The 5 of 3.5.0.
fn minor(version: &str) -> Option<u64> {
    let (minor, _) = version.strip_prefix("3.")?.split_once('.')?;
    minor.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "1 keys of the v2 API (/a, ...)" was said of one, as if there were more.
    #[test]
    fn one_key_of_the_v2_api_is_one() {
        let of = |keys: &[&str]| {
            named(&V2Keys {
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                ..V2Keys::default()
            })
        };
        assert_eq!(of(&["/a"]), "1 key of the v2 API (/a)");
        assert_eq!(of(&["/a", "/b"]), "2 keys of the v2 API (/a, ...)");
    }
}
