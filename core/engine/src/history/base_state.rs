//! What the full holds of a revision that a delta brings again.

use std::path::Path;

use bolt::{Bucket, Db, ReadAt};
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Revision};
use etcd::schema::bucket;
use etcd::store_state::StoreState;

use crate::backups::delta::{Batch, DecodedEvent, LeasePolicy};
use crate::backups::{Error, Result, Snapshot};
use crate::error::Error as System;

/// The database that the events continue.
#[derive(Clone, Copy)]
pub(crate) struct Base<'a, R> {
    pub(crate) db: &'a Db<R>,
    pub(crate) state: &'a StoreState,
    /// The full; `None` for the empty database.
    pub(crate) snapshot: Option<&'a Snapshot>,
    /// The file of the database, for messages.
    pub(crate) path: &'a Path,
}

impl<R: ReadAt> Base<'_, R> {
    /// What has been compacted away cannot be compared.
    pub(crate) fn compacted(&self, revision: i64) -> bool {
        self.state.compaction.revision() >= Some(revision)
    }

    fn unreadable(&self, full: &Snapshot, error: etcd::Error) -> Error {
        match System::of_disk(self.path, error) {
            Ok(disk) => disk.into(),
            Err(error) => Error::damaged(full.key(), error),
        }
    }

    fn keys(&self, full: &Snapshot) -> Result<Option<Bucket<'_, R>>> {
        let found = self.db.bucket(bucket::KEY);
        found.map_err(|error| self.unreadable(full, error.into()))
    }

    /// Whether the full holds the entry that an event writes.
    pub(crate) fn agrees(
        &self,
        full: &Snapshot,
        batch: &Batch,
        event: &DecodedEvent,
        leases: LeasePolicy,
    ) -> Result<bool> {
        let Some(keys) = self.keys(full)? else {
            return Ok(false);
        };
        let (key, value) = batch.entry(event);
        let Some(held) = keys
            .get(key)
            .map_err(|error| self.unreadable(full, error.into()))?
        else {
            return Ok(false);
        };
        let (Ok(held), Ok(mut carried)) = (KeyValue::decode(&held), KeyValue::decode(value)) else {
            return Ok(false);
        };
        if leases == LeasePolicy::Drop {
            carried.lease = held.lease;
        }
        Ok(held == carried)
    }

    /// Whether the full holds more of a revision than what ends with `last`.
    pub(crate) fn goes_on_after(&self, full: &Snapshot, last: Revision) -> Result<bool> {
        if last.main > self.state.revision || self.compacted(last.main) {
            return Ok(false);
        }
        let damaged = |error: bolt::Error| self.unreadable(full, error.into());
        let Some(keys) = self.keys(full)? else {
            return Ok(false);
        };
        let mut cursor = keys.cursor();
        let next = Revision::new(last.main, last.sub + 1).to_bytes();
        let Some((key, _)) = cursor.seek(&next).map_err(damaged)? else {
            return Ok(false);
        };
        let entry = Entry::parse(key).map_err(|error| Error::damaged(full.key(), error))?;
        Ok(entry.revision.main == last.main)
    }
}
