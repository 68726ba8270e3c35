use std::fs::File;
use std::path::{Path, PathBuf};

use etcd::data_dir::WAL;
use etcd::replay::describe;
use etcd::wal::{Damage, Files, Positioned, Record, SegmentName};
use serde::Serialize;

use super::Check;
use super::kind::{Kind, nothing_in, refuse_other};
use crate::data_dir;
use crate::error::{Error, Result};

/// A write-ahead log, as far as it can be read.
#[derive(Debug, Default, Serialize)]
pub struct LogView {
    /// Its files, oldest first.
    pub files: Vec<SegmentView>,
    /// Whose it is, in hex.
    pub member_id: Option<String>,
    /// Of which cluster, in hex.
    pub cluster_id: Option<String>,
    /// Latest term that the member has seen; `None` when no record tells, as the next two.
    pub term: Option<u64>,
    /// Who got its vote in that term, in hex; 0 for nobody.
    pub vote: Option<String>,
    /// Index up to which it knew entries to be committed.
    pub commit: Option<u64>,
    /// Snapshots noted in it.
    pub snapshots: Vec<SnapshotRecordView>,
    /// Every entry in the order written, overwritten ones too.
    pub entries: Vec<EntryView>,
    /// What was checked.
    pub checks: Vec<Check>,
}

/// A file of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SegmentView {
    /// Its name.
    pub name: String,
    /// Its length, in bytes, of which the end may be zeros.
    pub bytes: u64,
    /// How many records it holds.
    pub records: u64,
}

/// A snapshot that a log notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotRecordView {
    /// Index of the last entry in it.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// Whether etcd would go on from it: it is not after the commit index.
    pub counts: bool,
    /// Who had a vote, in hex; not noted by etcd 3.4.
    pub voters: Vec<String>,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryView {
    /// Its position.
    pub index: u64,
    /// Term of the leader that wrote it.
    pub term: u64,
    /// The file it lies in.
    pub file: String,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// What it asks for. Keys, but neither values nor passwords.
    pub request: String,
}

/// Reads the log at `path`: a file of one, its directory, or a data directory.
pub fn log(path: &Path) -> Result<LogView> {
    let (segments, name) = segments(path)?;
    let files = Files::new(segments);
    let mut view = LogView::default();
    let mut records = files.records();
    let mut fault = None;
    let mut order = Order::default();
    for positioned in records.by_ref() {
        match positioned {
            Ok(positioned) => view.take(positioned, &mut order),
            Err(error) => {
                fault = Some(error.to_string());
                break;
            }
        }
    }
    let commit = view.commit.unwrap_or(0);
    for snapshot in &mut view.snapshots {
        snapshot.counts = snapshot.index <= commit;
    }
    view.measure(&files);
    if let Some(name) = name {
        view.rename(&name);
    }
    view.judge(fault, records.torn(), &order);
    Ok(view)
}

fn hex(ids: &[u64]) -> Vec<String> {
    ids.iter().map(|id| format!("{id:x}")).collect()
}

/// What the indexes of the entries show.
#[derive(Default)]
struct Order {
    last: Option<u64>,
    overwritten: u64,
    /// The last entry before it, and the first one after.
    gap: Option<(u64, u64)>,
}

impl Order {
    fn note(&mut self, index: u64) {
        match self.last {
            Some(last) if index <= last => {
                let more = (last - index).saturating_add(1);
                self.overwritten = self.overwritten.saturating_add(more);
            }
            Some(last) if index > last.saturating_add(1) => self.gap = Some((last, index)),
            _ => {}
        }
        self.last = Some(index);
    }
}

impl LogView {
    fn take(&mut self, positioned: Positioned, order: &mut Order) {
        let file = positioned.segment.to_string();
        self.count(&file);
        match positioned.record {
            Record::Metadata(metadata) => {
                self.member_id = Some(format!("{:x}", metadata.node_id));
                self.cluster_id = Some(format!("{:x}", metadata.cluster_id));
            }
            Record::HardState(state) => {
                self.term = Some(state.term);
                self.vote = Some(format!("{:x}", state.vote));
                self.commit = Some(state.commit);
            }
            Record::Snapshot(snapshot) => {
                let voters = snapshot.conf_state.map(|state| state.voters);
                self.snapshots.push(SnapshotRecordView {
                    index: snapshot.index,
                    term: snapshot.term,
                    counts: false,
                    voters: hex(&voters.unwrap_or_default()),
                });
            }
            Record::Entry(entry) => {
                order.note(entry.index);
                self.entries.push(EntryView {
                    index: entry.index,
                    term: entry.term,
                    file,
                    offset: positioned.offset,
                    request: describe(&entry),
                });
            }
            Record::Crc(_) => {}
        }
    }

    fn count(&mut self, file: &str) {
        match self.files.last_mut().filter(|last| last.name == file) {
            Some(last) => last.records += 1,
            None => self.files.push(SegmentView {
                name: file.to_owned(),
                bytes: 0,
                records: 1,
            }),
        }
    }

    /// Adds the lengths, and the files that were not reached.
    fn measure(&mut self, files: &Files<File>) {
        for (name, bytes) in files.sizes() {
            let name = name.to_string();
            match self.files.iter_mut().find(|file| file.name == name) {
                Some(file) => file.bytes = bytes,
                None => self.files.push(SegmentView {
                    name,
                    bytes,
                    records: 0,
                }),
            }
        }
    }

    /// Gives the one file its own name, where that is none of a log's.
    fn rename(&mut self, name: &str) {
        let names = self.files.iter_mut().map(|file| &mut file.name);
        let names = names.chain(self.entries.iter_mut().map(|entry| &mut entry.file));
        for shown in names {
            name.clone_into(shown);
        }
    }

    fn judge(&mut self, fault: Option<String>, torn: Option<&Damage>, order: &Order) {
        let records: u64 = self.files.iter().map(|file| file.records).sum();
        // Of what comes after a record that cannot be read, nothing is known.
        let extent = match &fault {
            Some(_) => Extent::UpToFault,
            None => Extent::Whole,
        };
        self.checks.push(match fault {
            Some(fault) => Check::damaged("records", fault),
            None => Check::fine(
                "records",
                format!("{records} records, each with its checksum, in files without a gap"),
            ),
        });
        let metadata = match &self.member_id {
            Some(id) => Check::fine("metadata", format!("all files are of member {id}")),
            None => Check::damaged("metadata", "no record says whose log this is"),
        };
        self.checks.extend(end(torn, extent));
        self.checks.push(metadata);
        self.checks.extend(self.entries(order, extent));
        self.checks.extend(self.commit(order, extent));
    }

    fn entries(&self, order: &Order, extent: Extent) -> Option<Check> {
        match (order.gap, extent) {
            (Some((before, after)), _) if !self.starts_between(before, after) => {
                Some(Check::damaged(
                    "entries",
                    format!(
                        "entry {after} follows entry {before}, with no snapshot of what is between"
                    ),
                ))
            }
            (_, Extent::Whole) => Some(Check::fine(
                "entries",
                format!("{} were overwritten by a later leader", order.overwritten),
            )),
            (_, Extent::UpToFault) => None,
        }
    }

    fn commit(&self, order: &Order, extent: Extent) -> Option<Check> {
        let of_snapshots = self.snapshots.iter().map(|snapshot| snapshot.index).max();
        let reached = order.last.max(of_snapshots).unwrap_or(0);
        match (self.commit, extent) {
            (Some(commit), _) if commit > reached => Some(Check::damaged(
                "commit",
                format!("entry {commit} was committed, and the log ends with {reached}"),
            )),
            (Some(commit), Extent::Whole) => Some(Check::fine(
                "commit",
                format!("{commit} of {reached} were known to be committed"),
            )),
            (None, Extent::Whole) => Some(Check::fine(
                "commit",
                "no record says how far entries were known to be committed",
            )),
            (_, Extent::UpToFault) => None,
        }
    }

    /// Whether the log goes on after a snapshot that the leader sent.
    fn starts_between(&self, before: u64, after: u64) -> bool {
        let mut noted = self.snapshots.iter();
        noted
            .any(|snapshot| snapshot.index > before && snapshot.index.checked_add(1) == Some(after))
    }
}

/// How much of the log was read.
#[derive(Debug, Clone, Copy)]
enum Extent {
    Whole,
    UpToFault,
}

fn end(torn: Option<&Damage>, extent: Extent) -> Option<Check> {
    match (torn, extent) {
        (Some(torn), _) => Some(Check::repairable(
            "end",
            format!(
                "{torn}: a crash cut it off; etcd truncates the file to {} bytes when it starts",
                torn.offset
            ),
        )),
        (None, Extent::Whole) => Some(Check::fine("end", "the last record is whole")),
        (None, Extent::UpToFault) => None,
    }
}

type Segments = Vec<(SegmentName, File)>;

/// The files of the log at `path`, open; and the name of a single one that no log gives. It is read as the first
/// of a log.
fn segments(path: &Path) -> Result<(Segments, Option<String>)> {
    if !path.is_dir() {
        refuse_other(path, Kind::Log)?;
        let file = File::open(path).map_err(Error::io("read", path))?;
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        return Ok(match SegmentName::parse(&shown) {
            Some(name) => (vec![(name, file)], None),
            None => (
                vec![(SegmentName::default(), file)],
                Some(shown.into_owned()),
            ),
        });
    }
    let dir = directory(path);
    let files = data_dir::segments(&dir).map_err(Error::io("read", &dir))?;
    match files.is_empty() {
        true => Err(nothing_in(&dir, "log (*.wal)", WAL)),
        false => Ok((files, None)),
    }
}

/// The directory of the log in a data directory, or `path` itself.
fn directory(path: &Path) -> PathBuf {
    let below = [path.join(WAL), path.join("wal")];
    let known = below.into_iter().find(|dir| dir.is_dir());
    known.unwrap_or_else(|| path.to_owned())
}
