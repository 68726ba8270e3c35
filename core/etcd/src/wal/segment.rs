use std::io::{self, Read};

use prost::Message;

use super::frame::{Frame, SECTOR, WORD_LEN};
use super::record::{CRC, RawRecord};
use super::remains::Remains;
use super::{Fault, SegmentName};

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
    /// a reader that began in the middle of a log: the first crc record tells it. `last_entry` is the
    /// index of the last entry read.
    ///
    /// The offset moves on only past a good record, so it names the record at fault.
    pub(super) fn next(
        &mut self,
        crc: &mut Option<u32>,
        last_entry: Option<u64>,
    ) -> io::Result<Step> {
        let read = self.fill(WORD_LEN as u64)?;
        if read == 0 {
            return Ok(Step::End);
        }
        let Some(word) = self.buffer.first_chunk::<WORD_LEN>().copied() else {
            let remains = self.remains(&[])?;
            return Ok(Step::Fault {
                fault: Fault::CutOffLength,
                torn: remains.is_left_by_a_crash(last_entry),
            });
        };
        let Some(frame) = Frame::parse(word) else {
            return self.end(last_entry);
        };
        let len = frame.len();
        let read = self.fill(len)?;
        let faulty = match read < len {
            true => Fault::CutOffRecord {
                len,
                missing: len - read,
            },
            false => match self.decode(frame, crc) {
                Ok(raw) => {
                    self.offset += WORD_LEN as u64 + len;
                    return Ok(Step::Record {
                        raw,
                        len: frame.record,
                    });
                }
                Err(fault) => fault,
            },
        };
        self.stop(word, frame, faulty, last_entry)
    }

    /// The data ends here, unless there is more of it.
    fn end(&mut self, last_entry: Option<u64>) -> io::Result<Step> {
        let remains = self.remains(&[])?;
        if remains.is_zero() {
            return Ok(Step::End);
        }
        Ok(Step::Fault {
            fault: Fault::DataAfterEnd {
                at: remains.first(),
            },
            torn: remains.is_unwritten(last_entry),
        })
    }

    /// A record that is not whole: torn, or damaged.
    fn stop(
        &mut self,
        word: [u8; WORD_LEN],
        frame: Frame,
        fault: Fault,
        last_entry: Option<u64>,
    ) -> io::Result<Step> {
        let is_cut = matches!(fault, Fault::CutOffRecord { .. });
        let unwritten = is_cut || self.has_unwritten_sector();
        let remains = self.remains(&word)?;
        let torn = unwritten && remains.is_part_of(frame, last_entry);
        let fault = match fault {
            // The file may be as long as ever, and the word at fault.
            Fault::CutOffRecord { len, .. } if !torn => Fault::Length { len },
            fault => fault,
        };
        Ok(Step::Fault { fault, torn })
    }

    /// What there is from the offset on: `word`, what is in the buffer, and the rest of the file.
    fn remains(&mut self, word: &[u8]) -> io::Result<Remains> {
        let Self {
            source,
            offset,
            buffer,
            ..
        } = self;
        Remains::collect(*offset, [word, buffer], source.by_ref())
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
