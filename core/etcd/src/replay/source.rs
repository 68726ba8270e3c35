use std::cell::RefCell;

use bolt::{Db, ReadAt};

use crate::Error;
use crate::mvcc::KeyValue;
use crate::raftpb;
use crate::revision::Entry;
use crate::schema::bucket;
use crate::wal::Log;

use super::answer::Reason;
use super::keyspace::ValueAt;
use super::txn::Values;

/// Where bytes come from that are too many to keep.
pub(super) struct Source<'a, D, W> {
    pub(super) db: &'a Db<D>,
    pub(super) log: &'a Log<W>,
    /// The entry read last: the values of a transaction follow each other.
    last: RefCell<Option<(u64, raftpb::Entry)>>,
}

/// Why a replay does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// It would have to guess.
    Stopped(Reason),
    /// Bytes could not be had.
    Failed(Error),
}

impl From<Reason> for Halt {
    fn from(reason: Reason) -> Self {
        Self::Stopped(reason)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<'a, D: ReadAt, W: ReadAt> Source<'a, D, W> {
    pub(super) fn new(db: &'a Db<D>, log: &'a Log<W>) -> Self {
        Self {
            db,
            log,
            last: RefCell::default(),
        }
    }

    /// The bytes of a value.
    pub(super) fn read(&self, at: ValueAt) -> Result<Vec<u8>, Error> {
        match at {
            ValueAt::Database(revision) => {
                let key = Entry::put(revision).to_bytes();
                let stored = match self.db.bucket(bucket::KEY)? {
                    Some(bucket) => bucket.get(&key)?.unwrap_or_default(),
                    None => Vec::new(),
                };
                let kv = KeyValue::decode(&stored)
                    .map_err(|malformed| malformed.in_bucket(bucket::KEY, &key))?;
                Ok(kv.value.to_vec())
            }
            ValueAt::Log { entry, offset, len } => {
                let mut last = self.last.borrow_mut();
                if last.as_ref().is_none_or(|(index, _)| *index != entry) {
                    *last = self.log.entry(entry)?.map(|read| (entry, read));
                }
                let data = last.as_ref().and_then(|(_, entry)| entry.data.as_deref());
                let (offset, len) = (offset as usize, len as usize);
                let value = data.and_then(|data| data.get(offset..offset.checked_add(len)?));
                Ok(value.unwrap_or_default().to_vec())
            }
        }
    }
}

impl<D: ReadAt, W: ReadAt> Values for Source<'_, D, W> {
    type Error = Halt;

    fn value(&self, at: ValueAt) -> Result<Vec<u8>, Halt> {
        Ok(self.read(at)?)
    }
}
