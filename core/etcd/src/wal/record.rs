use prost::{DecodeError, Message};

use crate::raftpb::{ConfState, Entry, HardState};

use super::Fault;

pub(super) const METADATA: i64 = 1;
pub(super) const ENTRY: i64 = 2;
pub(super) const HARD_STATE: i64 = 3;
pub(super) const CRC: i64 = 4;
pub(super) const SNAPSHOT: i64 = 5;

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

/// Whose log this is; the same in every file of a log.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Metadata {
    /// Id of the member.
    #[prost(uint64, required, tag = "1")]
    pub node_id: u64,
    /// Id of its cluster.
    #[prost(uint64, required, tag = "2")]
    pub cluster_id: u64,
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
            ENTRY => Entry::decode(data).map(Self::Entry).map_err(malformed),
            HARD_STATE => HardState::decode(data)
                .map(Self::HardState)
                .map_err(malformed),
            CRC => Ok(Self::Crc(raw.crc)),
            SNAPSHOT => SnapshotRecord::decode(data)
                .map(Self::Snapshot)
                .map_err(malformed),
            other => Err(Fault::UnknownType(other)),
        }
    }
}
