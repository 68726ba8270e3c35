use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use bolt::ReadAt;
use prost::Message;

use crate::Error;
use crate::raftpb::Entry;

use super::frame::WORD_LEN;
use super::record::RawRecord;
use super::{Damage, Fault, Reader, SegmentName};

/// Enough that reading a log costs few system calls, little enough to be nothing.
const READ_AHEAD: usize = 1 << 18;

/// The files of one log, in the order of their names.
#[derive(Debug)]
pub struct Files<R> {
    files: Vec<(SegmentName, R)>,
}

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Ordinal of the file.
    pub(super) file: u32,
    /// Bytes of the record, without its length word and its padding.
    pub(super) len: u32,
    /// Position of its length word, in bytes.
    pub(super) offset: u64,
}

/// The records of [`Files`], one after the other.
pub type Records<'a, R> =
    Reader<BufReader<Forward<'a, R>>, Box<dyn Iterator<Item = io::Result<Part<'a, R>>> + 'a>>;

type Part<'a, R> = (SegmentName, BufReader<Forward<'a, R>>);

impl<R: ReadAt> Files<R> {
    /// These files, in any order. They may begin in the middle of a log: etcd removes old ones.
    pub fn new(files: impl IntoIterator<Item = (SegmentName, R)>) -> Self {
        let files: BTreeMap<SegmentName, R> = files.into_iter().collect();
        Self {
            files: files.into_iter().collect(),
        }
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = SegmentName> + '_ {
        self.files.iter().map(|(name, _)| *name)
    }

    /// Their names, and their lengths in bytes; of one that cannot be asked 0.
    pub fn sizes(&self) -> impl Iterator<Item = (SegmentName, u64)> + '_ {
        let sizes = self.files.iter();
        sizes.map(|(name, file)| (*name, file.size().unwrap_or(0)))
    }

    /// Reads all records, from the first file on.
    pub fn records(&self) -> Records<'_, R> {
        let parts = self.files.iter().map(|(name, file)| {
            let forward = Forward {
                len: file.size()?,
                file,
                at: 0,
            };
            Ok((*name, BufReader::with_capacity(READ_AHEAD, forward)))
        });
        Reader::new(Box::new(parts))
    }

    /// Reads again an entry that was found at `place`.
    pub(super) fn entry(&self, place: Place) -> Result<Entry, Error> {
        let Some((name, file)) = self.files.get(place.file as usize) else {
            return Err(Error::Read {
                what: "a WAL file".to_owned(),
                source: io::ErrorKind::NotFound.into(),
            });
        };
        let mut bytes = vec![0; place.len as usize];
        file.read_exact_at(&mut bytes, place.offset + WORD_LEN as u64)
            .map_err(|source| Error::Read {
                what: format!("WAL file {name}"),
                source,
            })?;
        let damage = |fault| Damage {
            segment: *name,
            offset: place.offset,
            fault,
        };
        let raw =
            RawRecord::decode(bytes.as_slice()).map_err(|error| damage(Fault::Record(error)))?;
        let data = raw.data.unwrap_or_default();
        let entry = Entry::decode(data.as_slice()).map_err(|source| {
            damage(Fault::Data {
                record_type: raw.record_type,
                source,
            })
        })?;
        Ok(entry)
    }
}

/// Reads a file from its beginning to the end it had.
#[derive(Debug)]
pub struct Forward<'a, R> {
    file: &'a R,
    at: u64,
    len: u64,
}

impl<R: ReadAt> Read for Forward<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len - self.at).unwrap_or(usize::MAX);
        let count = buf.len().min(left);
        self.file.read_exact_at(&mut buf[..count], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
