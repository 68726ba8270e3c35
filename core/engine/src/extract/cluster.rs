//! Whether an etcd is the one that was backed up: pure.

use crate::keyspace::Backup;

/// Whose the backup is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of this etcd.
    Same,
    /// Of another: the one of the backup, and this one, in words.
    Other(String, String),
    /// Nothing tells.
    Unknown,
}

/// By the ids of the clusters that wrote it, which metadata names; without them by its members.
pub(super) fn whose(backup: &Backup, cluster_id: u64, members: &[u64]) -> Whose {
    let ids = &backup.cluster_ids;
    if !ids.is_empty() {
        let is_its = |id: &String| u64::from_str_radix(id, 16) == Ok(cluster_id);
        return match ids.iter().any(is_its) {
            true => Whose::Same,
            false => Whose::Other(
                format!(
                    "cluster {}",
                    ids.iter().cloned().collect::<Vec<_>>().join(", ")
                ),
                format!("cluster {cluster_id:x}"),
            ),
        };
    }
    match backup.members.is_empty() {
        true => Whose::Unknown,
        false if backup.members.iter().any(|id| members.contains(id)) => Whose::Same,
        false => Whose::Other(
            format!("a cluster of the members {}", in_hex(&backup.members)),
            format!("cluster {cluster_id:x} of the members {}", in_hex(members)),
        ),
    }
}

fn in_hex(ids: &[u64]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("{id:x}")).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(cluster_ids: &[&str], members: &[u64]) -> Backup {
        Backup {
            revision: 1,
            time: None,
            compact_revision: None,
            base: None,
            deltas: Vec::new(),
            branch: None,
            cluster_ids: cluster_ids.iter().map(|id| (*id).to_owned()).collect(),
            members: members.to_vec(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_cluster_is_known_by_its_id_and_else_by_a_member() {
        let of = |ids: &[&str], members: &[u64]| whose(&backup(ids, members), 0xc1, &[1, 2]);
        assert_eq!(of(&["a1", "c1"], &[9]), Whose::Same);
        assert_eq!(of(&[], &[9, 2]), Whose::Same);
        assert_eq!(of(&[], &[]), Whose::Unknown);
        let Whose::Other(backup, live) = of(&["a1"], &[1]) else {
            panic!("another id is another cluster, whatever its members are called");
        };
        assert_eq!((&*backup, &*live), ("cluster a1", "cluster c1"));
        let Whose::Other(backup, live) = of(&[], &[0xff]) else {
            panic!("no member is the same");
        };
        assert!(
            backup.contains("ff") && live.contains("1, 2"),
            "{backup}, {live}"
        );
    }
}
