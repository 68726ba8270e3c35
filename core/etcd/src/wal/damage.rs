use prost::DecodeError;

use super::metadata::Metadata;
use super::name::SegmentName;

/// What is wrong with a log, and where.
#[derive(Debug, thiserror::Error)]
#[error("WAL file {segment}, offset {offset}: {fault}")]
pub struct Damage {
    /// The file.
    pub segment: SegmentName,
    /// Position of the record's length word in the file, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// Why a record cannot be taken for what etcd wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file ends inside a length word.
    #[error("the file ends inside a record's length")]
    CutOffLength,
    /// The file ends inside the record.
    #[error("the file ends {missing} bytes before its record of {len} bytes")]
    CutOffRecord {
        /// Length of the record with its padding, in bytes.
        len: u64,
        /// How many of these bytes there are not.
        missing: u64,
    },
    /// The length word is not that of the record after it.
    #[error("a length of {len} bytes, which the record there does not have")]
    Length {
        /// What the word says, with padding, in bytes.
        len: u64,
    },
    /// The data ends with a zero length word, and goes on after it.
    #[error("a length of zero, where the log ends, and data after it at offset {at}")]
    DataAfterEnd {
        /// Position of the first byte that is not zero, in bytes.
        at: u64,
    },
    /// The record's data is a message that etcd does not write.
    #[error("record of type {record_type}: {what}")]
    Content {
        /// The record's type.
        record_type: i64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The frame holds no record message.
    #[error("not a WAL record: {0}")]
    Record(DecodeError),
    /// The record is not what was written, or not after what it was written after.
    #[error("checksum {stored:#010x} does not match the log up to here, {computed:#010x}")]
    Checksum {
        /// In the record.
        stored: u32,
        /// Over the data of all records so far.
        computed: u32,
    },
    /// A type that etcd does not know.
    #[error("unknown record type {0}")]
    UnknownType(i64),
    /// The record's data is not the message its type says.
    #[error("record of type {record_type} has malformed data: {source}")]
    Data {
        /// The record's type.
        record_type: i64,
        /// Why.
        source: DecodeError,
    },
    /// A file begins with the checksum so far and with whose log it is (wal.go, `Create` and `cut`).
    #[error("the file does not begin with a checksum and the ids of a member")]
    Beginning,
    /// The files come from different members.
    #[error("metadata of member {:x} of cluster {:x}, but the log began with member {:x} of cluster {:x}", found.node_id, found.cluster_id, first.node_id, first.cluster_id)]
    MetadataConflict {
        /// Of the first file.
        first: Metadata,
        /// Here.
        found: Metadata,
    },
    /// A file is missing, or the files are out of order.
    #[error("follows a file of sequence {previous:#x}: a file is missing or out of order")]
    SequenceGap {
        /// Sequence number of the file before.
        previous: u64,
    },
    /// Entries are missing.
    #[error("entry {found} follows entry {last}: entries are missing")]
    EntryGap {
        /// Index of the last entry before.
        last: u64,
        /// Index of this one.
        found: u64,
    },
    /// etcd does not start from a snapshot that the log has no record of.
    #[error("the log has no record of the snapshot at index {index}")]
    NoSnapshotRecord {
        /// The index.
        index: u64,
    },
    /// The log has a snapshot at the index to start from, but of another term.
    #[error("the snapshot record at index {index} has term {found}, not {wanted}")]
    SnapshotMismatch {
        /// The index.
        index: u64,
        /// The term to start from.
        wanted: u64,
        /// The term in the log.
        found: u64,
    },
}
