use prost::{DecodeError, Message};

use crate::raftpb::{ConfState, Entry, EntryType, HardState};

use super::damage::Fault;
use super::metadata::Metadata;

pub(super) const METADATA: i64 = 1;
pub(super) const ENTRY: i64 = 2;
pub(super) const HARD_STATE: i64 = 3;
pub(super) const CRC: i64 = 4;
pub(super) const SNAPSHOT: i64 = 5;

/// Every type of record that etcd writes, and how it lies in its frame. A new one is added here, and to [`Record`],
/// whose uses the compiler then names; a type that has no row is refused wherever it stands.
const TYPES: [(i64, Data); 5] = [
    (METADATA, Data::Needed),
    (ENTRY, Data::Needed),
    (HARD_STATE, Data::Needed),
    (CRC, Data::Absent),
    (SNAPSHOT, Data::Needed),
];

/// Whether a record has data after its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    Needed,
    Absent,
}

/// Whether records of a type have data; `None` for a type that etcd does not write.
pub(super) fn data_of(record_type: i64) -> Option<Data> {
    let row = TYPES.iter().find(|(known, _)| *known == record_type);
    row.map(|(_, data)| *data)
}

/// A record as it lies in its frame (server/wal/walpb/record.proto).
#[derive(Clone, PartialEq, Message)]
pub(super) struct RawRecord {
    #[prost(int64, required, tag = "1")]
    pub(super) record_type: i64,
    #[prost(uint32, required, tag = "2")]
    pub(super) crc: u32,
    /// Absent in a crc record.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(super) data: Option<Vec<u8>>,
}

/// That a `.snap` file was written.
#[derive(Clone, PartialEq, Message)]
pub struct SnapshotRecord {
    /// Index of the last entry in the snapshot; 0 in the record that begins a log.
    #[prost(uint64, required, tag = "1")]
    pub index: u64,
    /// Its term.
    #[prost(uint64, required, tag = "2")]
    pub term: u64,
    /// The members at `index`. Since 3.5, and never in the record that begins a log.
    #[prost(message, optional, tag = "3")]
    pub conf_state: Option<ConfState>,
}

/// A record of the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Begins every file, after its crc record.
    Metadata(Metadata),
    /// An entry of the raft log.
    Entry(Entry),
    /// Replaces the hard state before it.
    HardState(HardState),
    /// The running CRC-32C up to here, with which the first record of a file continues it.
    Crc(u32),
    /// A snapshot was taken.
    Snapshot(SnapshotRecord),
}

impl Record {
    pub(super) fn from_raw(raw: RawRecord) -> Result<Self, Fault> {
        let record_type = raw.record_type;
        let content = |what| Fault::Content { record_type, what };
        if raw.data.is_none() && data_of(record_type) == Some(Data::Needed) {
            return Err(content("it has no data"));
        }
        let data = raw.data.unwrap_or_default();
        let data = data.as_slice();
        let malformed = |source: DecodeError| Fault::Data {
            record_type: raw.record_type,
            source,
        };
        match raw.record_type {
            METADATA => Metadata::decode(data)
                .map(Self::Metadata)
                .map_err(malformed),
            ENTRY => {
                let entry = Entry::decode(data).map_err(malformed)?;
                check_entry(&entry).map_err(content)?;
                Ok(Self::Entry(entry))
            }
            HARD_STATE => match HardState::decode(data).map_err(malformed)? {
                state if state.term == 0 && state.commit > 0 => {
                    Err(content("entries are committed in no term"))
                }
                state if data.len() > state.encoded_len() => {
                    Err(content("it holds more than a hard state"))
                }
                state => Ok(Self::HardState(state)),
            },
            CRC => Ok(Self::Crc(raw.crc)),
            SNAPSHOT => SnapshotRecord::decode(data)
                .map(Self::Snapshot)
                .map_err(malformed),
            other => Err(Fault::UnknownType(other)),
        }
    }
}

/// The checksum covers the data of a record and not its type: by one bit a hard state becomes an entry
/// that takes the place of another.
fn check_entry(entry: &Entry) -> Result<(), &'static str> {
    let has_data = entry.data.as_ref().is_some_and(|data| !data.is_empty());
    match EntryType::try_from(entry.entry_type) {
        Err(_) => Err("an entry of an unknown type"),
        Ok(_) if entry.index == 0 || entry.term == 0 => Err("an entry without index or term"),
        Ok(EntryType::Normal) => Ok(()),
        // Of an empty one raft makes an empty normal entry (raft.go, `stepLeader`).
        Ok(_) if !has_data => Err("a change of membership that changes nothing"),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which types there are stood as a range in two files and as a match in a third: a type added to one of them
    /// was still refused as garbage by the others.
    #[test]
    fn a_type_has_a_row_where_and_only_where_a_record_is_made_of_it() {
        for record_type in -1..16 {
            let raw = RawRecord {
                record_type,
                crc: 0,
                data: Some(Vec::new()),
            };
            let is_unknown = matches!(Record::from_raw(raw), Err(Fault::UnknownType(_)));
            assert_eq!(is_unknown, data_of(record_type).is_none(), "{record_type}");
        }
    }
}
