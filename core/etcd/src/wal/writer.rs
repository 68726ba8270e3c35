use prost::Message;

use crate::raftpb::{Entry, HardState};

use super::frame::Frame;
use super::record::{CRC, ENTRY, HARD_STATE, METADATA, RawRecord, SNAPSHOT};
use super::{Metadata, SnapshotRecord};

/// Builds the bytes of one file of a log. The file is exactly as long as its records:
/// etcd 3.4 to 3.7 boot from it and preallocate the next one themselves.
#[derive(Debug, Clone)]
pub struct Writer {
    bytes: Vec<u8>,
    crc: u32,
}

impl Writer {
    /// Begins a file. `previous_crc` is the running CRC-32C at the end of the file before,
    /// 0 for the first.
    pub fn new(previous_crc: u32) -> Self {
        let mut writer = Self {
            bytes: Vec::new(),
            crc: previous_crc,
        };
        writer.push(CRC, None);
        writer
    }

    /// Appends the metadata, which every file has right at its beginning.
    pub fn metadata(&mut self, metadata: &Metadata) {
        self.push(METADATA, Some(metadata.encode_to_vec()));
    }

    /// Appends an entry.
    pub fn entry(&mut self, entry: &Entry) {
        self.push(ENTRY, Some(entry.encode_to_vec()));
    }

    /// Appends a hard state.
    pub fn hard_state(&mut self, state: &HardState) {
        self.push(HARD_STATE, Some(state.encode_to_vec()));
    }

    /// Appends the record of a snapshot.
    pub fn snapshot(&mut self, snapshot: &SnapshotRecord) {
        self.push(SNAPSHOT, Some(snapshot.encode_to_vec()));
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// The running CRC-32C, with which the next file begins.
    pub fn crc(&self) -> u32 {
        self.crc
    }

    fn push(&mut self, record_type: i64, data: Option<Vec<u8>>) {
        self.crc = crc32c::crc32c_append(self.crc, data.as_deref().unwrap_or_default());
        let record = RawRecord {
            record_type,
            crc: self.crc,
            data,
        }
        .encode_to_vec();
        let frame = Frame::of(&record);
        self.bytes.extend_from_slice(&frame.to_word());
        self.bytes.extend_from_slice(&record);
        self.bytes
            .extend(std::iter::repeat_n(0, frame.padding as usize));
    }
}
