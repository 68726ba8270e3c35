use std::io::{self, Read};

use prost::Message;

use super::frame::{Frame, WORD_LEN};
use super::record::{CRC, RawRecord};
use super::{Fault, SegmentName};

/// A disk writes a sector whole or not at all.
const SECTOR: u64 = 512;

/// One file being read.
#[derive(Debug)]
pub(super) struct Segment<R> {
    pub(super) name: SegmentName,
    source: R,
    /// Of the next length word.
    offset: u64,
    buffer: Vec<u8>,
}

/// What stands at an offset.
pub(super) enum Step {
    Record {
        raw: RawRecord,
        /// In bytes.
        len: u64,
    },
    End,
    /// `torn`: a crash during the write explains it, if no file follows.
    Fault {
        fault: Fault,
        torn: bool,
    },
}

impl<R: Read> Segment<R> {
    pub(super) fn new(name: SegmentName, source: R) -> Self {
        Self {
            name,
            source,
            offset: 0,
            buffer: Vec::new(),
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the next record and continues `crc`, the running checksum, over it. `None` is
    /// a reader that began in the middle of a log: the first crc record tells it.
    ///
    /// The offset moves on only past a good record, so it names the record at fault.
    pub(super) fn next(&mut self, crc: &mut Option<u32>) -> io::Result<Step> {
        let frame = match self.fill(WORD_LEN as u64)? {
            0 => return Ok(Step::End),
            8 => match self
                .buffer
                .first_chunk()
                .and_then(|word| Frame::parse(*word))
            {
                Some(frame) => frame,
                None => return Ok(Step::End),
            },
            _ => {
                return Ok(Step::Fault {
                    fault: Fault::CutOffLength,
                    torn: true,
                });
            }
        };
        let len = frame.len();
        let read = self.fill(len)?;
        if read < len {
            let fault = Fault::CutOffRecord {
                len,
                missing: len - read,
            };
            return Ok(Step::Fault { fault, torn: true });
        }
        match self.decode(frame, crc) {
            Ok(raw) => {
                self.offset += WORD_LEN as u64 + len;
                Ok(Step::Record {
                    raw,
                    len: frame.record,
                })
            }
            Err(fault) => Ok(Step::Fault {
                fault,
                torn: self.has_unwritten_sector(),
            }),
        }
    }

    fn decode(&self, frame: Frame, crc: &mut Option<u32>) -> Result<RawRecord, Fault> {
        let record_len = self.buffer.len() - frame.padding as usize;
        let raw = RawRecord::decode(&self.buffer[..record_len]).map_err(Fault::Record)?;
        let computed = match (raw.record_type, *crc) {
            // etcd takes 0 for unknown as well: wal.go, ReadAll.
            (CRC, None | Some(0)) => raw.crc,
            (CRC, Some(before)) => before,
            (_, before) => {
                let data = raw.data.as_deref().unwrap_or_default();
                crc32c::crc32c_append(before.unwrap_or(0), data)
            }
        };
        if raw.crc != computed {
            return Err(Fault::Checksum {
                stored: raw.crc,
                computed,
            });
        }
        *crc = Some(computed);
        Ok(raw)
    }

    /// Reads up to `len` bytes into the buffer and says how many there were. Allocates as
    /// bytes arrive: a wrong length costs no more memory than the rest of the file.
    fn fill(&mut self, len: u64) -> io::Result<u64> {
        self.buffer.clear();
        self.source
            .by_ref()
            .take(len)
            .read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() as u64)
    }

    /// Whether some sector of the record in the buffer is all zero: preallocated, and not
    /// reached by the write (decoder.go, isTornEntry).
    fn has_unwritten_sector(&self) -> bool {
        let start = (self.offset + WORD_LEN as u64) % SECTOR;
        let first = self.buffer.len().min((SECTOR - start) as usize);
        let (first, rest) = self.buffer.split_at(first);
        std::iter::once(first)
            .chain(rest.chunks(SECTOR as usize))
            .any(|sector| !sector.is_empty() && sector.iter().all(|byte| *byte == 0))
    }
}
