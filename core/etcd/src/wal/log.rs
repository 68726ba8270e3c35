use std::collections::BTreeSet;

use bolt::ReadAt;
use prost::Message;

use crate::Error;
use crate::raftpb::{ConfChange, ConfChangeType, ConfState, Entry, EntryType, HardState};

use super::files::{Files, Place};
use super::{Damage, Fault, Metadata, Positioned, Record, SnapshotRecord};

/// The snapshot from which a log is continued; the default is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Start {
    /// Index of the last entry in the snapshot.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// Who took part in decisions there. Empty before the first entry: the members of a new
    /// cluster are its first entries.
    pub conf_state: ConfState,
}

impl From<&SnapshotRecord> for Start {
    fn from(record: &SnapshotRecord) -> Self {
        Self {
            index: record.index,
            term: record.term,
            conf_state: record.conf_state.clone().unwrap_or_default(),
        }
    }
}

/// What a log amounts to, once it was read from end to end.
///
/// Holds 32 bytes an entry; what an entry carries is read again when it is asked for.
#[derive(Debug)]
pub struct Log<R> {
    files: Files<R>,
    metadata: Option<Metadata>,
    hard_state: HardState,
    snapshots: Vec<SnapshotRecord>,
    /// Index of the first entry kept.
    first: u64,
    entries: Vec<Logged>,
    /// The gap before the first entry kept.
    gap: Option<Damage>,
    torn: Option<Damage>,
    start: Start,
    /// Index of the first entry in the files, the start whichever.
    oldest: Option<u64>,
    /// How many entries founded the cluster, if the files hold these.
    founding: Option<u64>,
    /// Bytes of the longest record of an entry.
    longest: u64,
}

/// An entry, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Logged {
    term: u64,
    place: Place,
    entry_type: i32,
}

impl<R: ReadAt> Log<R> {
    /// Reads all files, oldest first. The entries that are left have no gap among them, and
    /// those that a later leader overwrote are gone.
    pub fn read(files: Files<R>) -> Result<Self, Error> {
        let mut assembly = Assembly::default();
        let mut records = files.records();
        for positioned in records.by_ref() {
            assembly.take(positioned?);
        }
        let torn = records.take_torn();
        drop(records);
        Ok(Self {
            oldest: (!assembly.entries.is_empty()).then_some(assembly.first),
            founding: assembly.founding(),
            longest: assembly.longest,
            files,
            metadata: assembly.metadata,
            hard_state: assembly.hard_state,
            snapshots: assembly.snapshots,
            first: assembly.first,
            entries: assembly.entries,
            gap: assembly.gap,
            torn,
            start: Start::default(),
        })
    }

    /// The newest snapshot not after entry `applied` that the log can be started at: where to
    /// begin when a database is older than the member's newest snapshot.
    pub fn start_before(&self, applied: u64) -> Option<Start> {
        let first = self.first_index().unwrap_or(u64::MAX);
        let fits = |s: &&SnapshotRecord| s.index <= applied && first <= s.index.saturating_add(1);
        self.counting_snapshots()
            .filter(fits)
            .last()
            .map(Start::from)
    }

    /// Leaves what follows on a snapshot. The log must hold the record of just this snapshot, or
    /// etcd refuses to start; and entries from the next one on, if any.
    pub fn starting_at(mut self, start: Start) -> Result<Self, Error> {
        let recorded = self.snapshots.iter().find(|s| s.index == start.index);
        match recorded {
            Some(record) if record.term == start.term => {}
            Some(record) => {
                return Err(self.at_end(Fault::SnapshotMismatch {
                    index: start.index,
                    wanted: start.term,
                    found: record.term,
                }));
            }
            None => return Err(self.at_end(Fault::NoSnapshotRecord { index: start.index })),
        }
        if !self.entries.is_empty() && self.first > start.index.saturating_add(1) {
            let fault = Fault::EntryGap {
                last: start.index,
                found: self.first,
            };
            return Err(self
                .gap
                .take()
                .map_or_else(|| self.at_end(fault), Error::from));
        }
        let last = self.first.saturating_add(self.entries.len() as u64);
        if last <= start.index {
            self.oldest = None;
        }
        let known = usize::try_from(start.index.saturating_add(1).saturating_sub(self.first));
        let known = known.unwrap_or(usize::MAX).min(self.entries.len());
        self.entries.drain(..known);
        self.first = start.index.saturating_add(1);
        self.start = start;
        Ok(self)
    }

    /// Whose log it is.
    pub fn metadata(&self) -> Option<Metadata> {
        self.metadata
    }

    /// The hard state written last.
    pub fn hard_state(&self) -> HardState {
        self.hard_state
    }

    /// The snapshot that the entries follow on.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The record that a crash cut off at the end of the last file: what precedes its offset is
    /// whole, and etcd truncates the file there when it starts.
    pub fn torn(&self) -> Option<&Damage> {
        self.torn.as_ref()
    }

    /// All snapshots that the log has a record of, oldest first.
    pub fn snapshots(&self) -> &[SnapshotRecord] {
        &self.snapshots
    }

    /// The snapshots that count: those not after the commit index of the last hard state
    /// (wal.go, `ValidSnapshotEntries`). A `.snap` file without such a record is an orphan.
    pub fn counting_snapshots(&self) -> impl Iterator<Item = &SnapshotRecord> {
        let commit = self.hard_state.commit;
        self.snapshots.iter().filter(move |s| s.index <= commit)
    }

    /// Index of the first entry, if there is one.
    pub fn first_index(&self) -> Option<u64> {
        (!self.entries.is_empty()).then_some(self.first)
    }

    /// Index of the last entry, or of the start when none follows.
    pub fn last_index(&self) -> u64 {
        match self.entries.len() as u64 {
            0 => self.start.index,
            count => self.first.saturating_add(count - 1),
        }
    }

    /// Index of the first entry that the files hold, without a gap up to the last, wherever the log is
    /// started at. `None` where they end before the start.
    pub fn oldest_index(&self) -> Option<u64> {
        self.oldest
    }

    /// How many entries founded the cluster: conf changes in term 1, before there was a leader. Nothing
    /// was written up to there. `None` when the files begin later.
    pub fn founding(&self) -> Option<u64> {
        self.founding
    }

    /// Bytes of the longest record of an entry in the files, without its length word and its padding.
    pub fn longest_entry(&self) -> u64 {
        self.longest
    }

    /// Whether the log was begun by a restore, which makes a snapshot of the founding entries
    /// (etcdutl, snapshot/v3_snapshot.go, `saveWALAndSnap`): then any revision may be the first.
    pub fn is_of_a_restore(&self) -> bool {
        self.snapshots.iter().any(|s| s.index > 0 && s.term <= 1)
    }

    /// The term of an entry, or of the start.
    pub fn term(&self, index: u64) -> Option<u64> {
        if index == self.start.index {
            return Some(self.start.term);
        }
        self.logged(index).map(|logged| logged.term)
    }

    /// Who may have a vote, by the snapshot that the log starts from and the changes after it, whether
    /// they were committed or not.
    pub fn voters(&self) -> Result<BTreeSet<u64>, Error> {
        let start = &self.start.conf_state;
        let mut voters: BTreeSet<u64> = start.voters.iter().copied().collect();
        voters.extend(&start.voters_outgoing);
        for index in self.start.index.saturating_add(1)..=self.last_index() {
            if !self.is_conf_change(index) {
                continue;
            }
            let data = self.entry(index)?.and_then(|entry| entry.data);
            let change = ConfChange::decode(data.as_deref().unwrap_or_default());
            // One that cannot be read stops a replay; here it may add somebody.
            match change.map(|change| (change.change_type(), change.node_id)) {
                Ok((ConfChangeType::RemoveNode, id)) => drop(voters.remove(&id)),
                Ok((ConfChangeType::AddNode, id)) => drop(voters.insert(id)),
                Ok(_) => {}
                Err(_) => drop(voters.insert(u64::MAX)),
            }
        }
        Ok(voters)
    }

    /// Whether the entry changes the membership.
    pub(crate) fn is_conf_change(&self, index: u64) -> bool {
        self.logged(index)
            .is_some_and(|logged| logged.entry_type != i32::from(EntryType::Normal))
    }

    /// Reads an entry, or `None` when the log has none of this index.
    pub fn entry(&self, index: u64) -> Result<Option<Entry>, Error> {
        let logged = self.logged(index);
        logged
            .map(|logged| self.files.entry(logged.place))
            .transpose()
    }

    /// Where an entry lies: the file, and the position of its length word in bytes.
    pub fn position(&self, index: u64) -> Option<(super::SegmentName, u64)> {
        let place = self.logged(index)?.place;
        let name = self.files.names().nth(place.file as usize)?;
        Some((name, place.offset))
    }

    /// The files.
    pub fn files(&self) -> &Files<R> {
        &self.files
    }

    fn logged(&self, index: u64) -> Option<&Logged> {
        let ordinal = index.checked_sub(self.first)?;
        self.entries.get(usize::try_from(ordinal).ok()?)
    }

    /// A fault of the log as a whole, named after its last file.
    fn at_end(&self, fault: Fault) -> Error {
        Damage {
            segment: self.files.names().last().unwrap_or_default(),
            offset: 0,
            fault,
        }
        .into()
    }
}

/// The log, as far as it was read.
#[derive(Debug, Default)]
struct Assembly {
    metadata: Option<Metadata>,
    hard_state: HardState,
    snapshots: Vec<SnapshotRecord>,
    first: u64,
    entries: Vec<Logged>,
    gap: Option<Damage>,
    /// Ordinal and name of the file being read.
    file: Option<(u32, super::SegmentName)>,
    longest: u64,
}

impl Assembly {
    /// See [`Log::founding`].
    fn founding(&self) -> Option<u64> {
        let founds =
            |entry: &&Logged| entry.term <= 1 && entry.entry_type != i32::from(EntryType::Normal);
        (self.first == 1).then(|| self.entries.iter().take_while(founds).count() as u64)
    }

    fn take(&mut self, positioned: Positioned) {
        let file = match self.file {
            Some((file, name)) if name == positioned.segment => file,
            Some((file, _)) => file + 1,
            None => 0,
        };
        self.file = Some((file, positioned.segment));
        match positioned.record {
            Record::Metadata(metadata) => self.metadata = Some(metadata),
            Record::HardState(state) => self.hard_state = state,
            Record::Snapshot(snapshot) => self.snapshots.push(snapshot),
            Record::Crc(_) => {}
            Record::Entry(ref entry) => {
                self.longest = self.longest.max(positioned.len);
                let place = Place {
                    file,
                    // Reader::next has held the record in memory.
                    len: u32::try_from(positioned.len).unwrap_or(u32::MAX),
                    offset: positioned.offset,
                };
                let logged = Logged {
                    term: entry.term,
                    entry_type: entry.entry_type,
                    place,
                };
                self.append(logged, entry.index, &positioned);
            }
        }
    }

    /// An entry replaces the one of its index and drops those after it: a later leader
    /// overwrote what was never committed. After a gap the log begins anew: a member that lagged
    /// far got a snapshot from its leader and went on after that.
    fn append(&mut self, logged: Logged, index: u64, positioned: &Positioned) {
        let next = self.first.saturating_add(self.entries.len() as u64);
        if self.entries.is_empty() || index < self.first || index > next {
            if !self.entries.is_empty() && index > next {
                self.gap = Some(Damage {
                    segment: positioned.segment,
                    offset: positioned.offset,
                    fault: Fault::EntryGap {
                        last: next.saturating_sub(1),
                        found: index,
                    },
                });
            }
            self.entries.clear();
            self.first = index;
        } else {
            self.entries.truncate((index - self.first) as usize);
        }
        self.entries.push(logged);
    }
}
