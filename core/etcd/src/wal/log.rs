use crate::Error;
use crate::raftpb::{Entry, HardState};

use super::{Damage, Fault, Metadata, Positioned, Record, SnapshotRecord};

/// The snapshot from which a log is continued; index 0 and term 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Start {
    /// Index of the last entry in the snapshot.
    pub index: u64,
    /// Its term.
    pub term: u64,
}

/// What the records of a log amount to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Log {
    /// Whose log it is.
    pub metadata: Option<Metadata>,
    /// The last one written.
    pub hard_state: HardState,
    /// Entries after the start, without a hole; those that a later leader overwrote are gone.
    pub entries: Vec<Entry>,
    /// Whether the log holds the record of the snapshot to start from. etcd refuses to start
    /// when it does not.
    pub holds_start: bool,
}

impl Log {
    /// Assembles the entries after `start`.
    pub fn assemble<I>(records: I, start: Start) -> Result<Self, Error>
    where
        I: IntoIterator<Item = Result<Positioned, Error>>,
    {
        let mut log = Self::default();
        for positioned in records {
            let Positioned {
                segment,
                offset,
                record,
            } = positioned?;
            log.take(record, start).map_err(|fault| Damage {
                segment,
                offset,
                fault,
            })?;
        }
        Ok(log)
    }

    fn take(&mut self, record: Record, start: Start) -> Result<(), Fault> {
        match record {
            Record::Metadata(metadata) => self.metadata = Some(metadata),
            Record::HardState(state) => self.hard_state = state,
            Record::Entry(entry) => return self.append(entry, start.index),
            Record::Snapshot(snapshot) if snapshot.index == start.index => {
                if snapshot.term != start.term {
                    return Err(Fault::SnapshotMismatch {
                        index: start.index,
                        wanted: start.term,
                        found: snapshot.term,
                    });
                }
                self.holds_start = true;
            }
            Record::Snapshot(_) | Record::Crc(_) => {}
        }
        Ok(())
    }

    /// An entry replaces the one of its index and drops those after it: a later leader
    /// overwrote what was never committed.
    fn append(&mut self, entry: Entry, start: u64) -> Result<(), Fault> {
        let Some(ordinal) = entry
            .index
            .checked_sub(start)
            .and_then(|n| n.checked_sub(1))
        else {
            return Ok(());
        };
        match usize::try_from(ordinal) {
            Ok(kept) if kept <= self.entries.len() => {
                self.entries.truncate(kept);
                self.entries.push(entry);
                Ok(())
            }
            _ => {
                let last = start + self.entries.len() as u64;
                Err(Fault::EntryGap {
                    last,
                    found: entry.index,
                })
            }
        }
    }
}

/// The snapshots of a log that count: those not after the commit index of the last hard
/// state (wal.go, ValidSnapshotEntries). A `.snap` file without such a record is an orphan.
pub fn valid_snapshots<I>(records: I) -> Result<Vec<SnapshotRecord>, Error>
where
    I: IntoIterator<Item = Result<Positioned, Error>>,
{
    let mut snapshots = Vec::new();
    let mut commit = 0;
    for positioned in records {
        match positioned?.record {
            Record::Snapshot(snapshot) => snapshots.push(snapshot),
            Record::HardState(state) => commit = state.commit,
            _ => {}
        }
    }
    snapshots.retain(|snapshot| snapshot.index <= commit);
    Ok(snapshots)
}
