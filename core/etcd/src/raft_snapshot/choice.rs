use crate::wal::{SnapshotRecord, Start};

use super::{Damage, Snapshot, SnapshotName};

/// Where a member goes on when it starts, and what it passes over.
#[derive(Debug, Default)]
pub struct Choice {
    /// The snapshot to go on from; before the first entry when none is left.
    pub start: Start,
    /// Its name; `None` when none is left.
    pub name: Option<SnapshotName>,
    /// Newer ones that cannot be read, newest first. etcd renames them to `.broken`.
    pub broken: Vec<(SnapshotName, Damage)>,
    /// Newer ones that the log does not know, newest first: etcd died before it could note them.
    pub orphans: Vec<SnapshotName>,
}

/// Chooses as etcd does (snapshotter.go, `LoadNewestAvailable`): the newest file that can be
/// read and that has a counting record in the log ([`crate::wal::Log::counting_snapshots`]).
///
/// `newest_first` is read only as far as is needed.
pub fn choose<'r>(
    newest_first: impl IntoIterator<Item = (SnapshotName, Result<Snapshot, Damage>)>,
    counting: impl IntoIterator<Item = &'r SnapshotRecord>,
) -> Choice {
    let counting: Vec<(u64, u64)> = counting.into_iter().map(|s| (s.index, s.term)).collect();
    let mut choice = Choice::default();
    for (name, read) in newest_first {
        let metadata = match read {
            Ok(snapshot) => snapshot.metadata,
            Err(damage) => {
                choice.broken.push((name, damage));
                continue;
            }
        };
        if !counting.contains(&(metadata.index, metadata.term)) {
            choice.orphans.push(name);
            continue;
        }
        choice.name = Some(name);
        choice.start = Start {
            index: metadata.index,
            term: metadata.term,
            conf_state: metadata.conf_state,
        };
        break;
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raftpb::{ConfState, SnapshotMetadata};

    fn file(index: u64) -> (SnapshotName, Result<Snapshot, Damage>) {
        let metadata = SnapshotMetadata {
            conf_state: ConfState {
                voters: vec![index],
                ..ConfState::default()
            },
            index,
            term: 2,
        };
        let snapshot = Snapshot {
            data: None,
            metadata,
        };
        (SnapshotName { term: 2, index }, Ok(snapshot))
    }

    fn record(index: u64, term: u64) -> SnapshotRecord {
        SnapshotRecord {
            index,
            term,
            conf_state: None,
        }
    }

    /// Traps 42 and 43.
    #[test]
    fn broken_and_orphaned_files_are_passed_over_and_told() {
        let mut broken = file(12);
        broken.1 = Err(Damage::Empty);
        let records = [record(0, 0), record(6, 2), record(12, 2), record(9, 1)];
        let choice = choose([file(15), broken, file(9), file(6), file(3)], &records);
        assert_eq!(choice.name, Some(SnapshotName { term: 2, index: 6 }));
        assert_eq!(choice.start.conf_state.voters, [6]);
        assert_eq!(choice.broken[0].0.index, 12);
        let orphans: Vec<u64> = choice.orphans.iter().map(|name| name.index).collect();
        assert_eq!(orphans, [15, 9]);
    }

    #[test]
    fn without_a_file_the_log_counts_from_its_beginning() {
        let choice = choose([], &[record(6, 2)]);
        assert_eq!((choice.name, choice.start), (None, Start::default()));
    }
}
