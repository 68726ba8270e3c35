use std::io::{self, Read};
use std::iter::Peekable;

use crate::Error;

use super::segment::{Segment, Step};
use super::{Damage, Fault, Metadata, Record, SegmentName};

/// A record, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Positioned {
    /// The file.
    pub segment: SegmentName,
    /// Position of the record's length word in the file, in bytes.
    pub offset: u64,
    /// Length of the record, in bytes, without that word and the padding.
    pub len: u64,
    /// The record.
    pub record: Record,
}

/// Reads the records of a log, file after file, and checks all that can be checked on the
/// way: frames, the checksum chain, record types, equal metadata, contiguous sequence
/// numbers. Ends after the first error.
///
/// A torn record ends the log when it is in the last file; see [`Reader::torn`].
pub struct Reader<R, I: Iterator> {
    rest: Peekable<I>,
    current: Option<Segment<R>>,
    /// Records of the current file.
    read: u64,
    crc: Option<u32>,
    metadata: Option<Metadata>,
    previous_sequence: Option<u64>,
    /// Index of the last entry.
    last_entry: Option<u64>,
    torn: Option<Damage>,
    ended: bool,
}

impl<R, I> Reader<R, I>
where
    R: Read,
    I: Iterator<Item = io::Result<(SegmentName, R)>>,
{
    /// Reads these files, which must be in the order of their names. They may begin in the
    /// middle of a log. Sources should be buffered.
    pub fn new(segments: I) -> Self {
        Self {
            rest: segments.peekable(),
            current: None,
            read: 0,
            crc: None,
            metadata: None,
            previous_sequence: None,
            last_entry: None,
            torn: None,
            ended: false,
        }
    }

    /// After the last record: the record that a crash cut off at the end of the last file.
    /// What precedes its offset is whole; etcd truncates the file there when it starts.
    pub fn torn(&self) -> Option<&Damage> {
        self.torn.as_ref()
    }

    pub(super) fn take_torn(&mut self) -> Option<Damage> {
        self.torn.take()
    }

    fn advance(&mut self) -> Result<Option<Positioned>, Error> {
        loop {
            if self.current.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let Some(segment) = &mut self.current else {
                return Ok(None);
            };
            let (name, offset) = (segment.name, segment.offset());
            let damage = |fault| Damage {
                segment: name,
                offset,
                fault,
            };
            let read = |source| Error::Read {
                what: format!("WAL file {name}"),
                source,
            };
            match segment.next(&mut self.crc, self.last_entry).map_err(read)? {
                Step::Record { raw, len } => {
                    let record = Record::from_raw(raw).map_err(damage)?;
                    self.check_beginning(&record).map_err(damage)?;
                    self.check_metadata(&record).map_err(damage)?;
                    if let Record::Entry(entry) = &record {
                        self.last_entry = Some(entry.index);
                    }
                    return Ok(Some(Positioned {
                        segment: name,
                        offset,
                        len,
                        record,
                    }));
                }
                Step::End => self.current = None,
                Step::Fault { fault, torn: true } if self.rest.peek().is_none() => {
                    self.torn = Some(damage(fault));
                    return Ok(None);
                }
                Step::Fault { fault, .. } => return Err(damage(fault).into()),
            }
        }
    }

    fn open_next(&mut self) -> Result<bool, Error> {
        let Some(next) = self.rest.next() else {
            return Ok(false);
        };
        let (name, source) = next.map_err(|source| Error::Read {
            what: "a WAL file".to_owned(),
            source,
        })?;
        if let Some(previous) = self.previous_sequence.replace(name.sequence)
            && previous.checked_add(1) != Some(name.sequence)
        {
            let fault = Fault::SequenceGap { previous };
            return Err(Damage {
                segment: name,
                offset: 0,
                fault,
            }
            .into());
        }
        self.current = Some(Segment::new(name, source));
        self.read = 0;
        Ok(true)
    }

    fn check_beginning(&mut self, record: &Record) -> Result<(), Fault> {
        self.read += 1;
        match (self.read, record) {
            (1, Record::Crc(_)) | (2, Record::Metadata(_)) | (3.., _) => Ok(()),
            _ => Err(Fault::Beginning),
        }
    }

    fn check_metadata(&mut self, record: &Record) -> Result<(), Fault> {
        let Record::Metadata(found) = *record else {
            return Ok(());
        };
        let first = *self.metadata.get_or_insert(found);
        if first == found {
            Ok(())
        } else {
            Err(Fault::MetadataConflict { first, found })
        }
    }
}

impl<R, I> Iterator for Reader<R, I>
where
    R: Read,
    I: Iterator<Item = io::Result<(SegmentName, R)>>,
{
    type Item = Result<Positioned, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.advance().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
