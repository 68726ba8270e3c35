//! What is in a database that was restored, read without an etcd.

use std::fs::File;
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::compaction::{Compaction, Verdict};
use etcd::hash_kv;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::bucket;
use etcd::store_state::Compacted;
use sha2::{Digest, Sha256};

use crate::backups::metadata::{KeyBucket, Witness};
use crate::history::live_keys;

/// What it holds.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) revision: i64,
    pub(super) compact_revision: Option<i64>,
    pub(super) hash_kv: u32,
    pub(super) keys: u64,
    pub(super) sample: Vec<Sampled>,
    /// Over all entries up to the end of the full.
    pub(super) of_full: KeyBucket,
}

/// A key as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sampled {
    pub(super) key: Vec<u8>,
    pub(super) value_sha256: [u8; 32],
    pub(super) create_revision: i64,
    pub(super) mod_revision: i64,
    pub(super) version: i64,
    pub(super) lease: i64,
}

/// A restored database, at a revision, and where its full ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) path: &'a Path,
    pub(super) revision: i64,
    pub(super) base_revision: i64,
    pub(super) seed: u64,
}

impl At<'_> {
    fn open(&self) -> Result<Db<File>, etcd::Error> {
        let unreadable = |source| bolt::Error::Io {
            doing: "open, to read",
            offset: 0,
            len: 0,
            source,
        };
        Ok(Db::open(File::open(self.path).map_err(unreadable)?)?)
    }

    /// Reads all of it; of so many keys, spread over all, what they hold.
    pub(super) fn facts(&self, sample: usize) -> Result<Facts, etcd::Error> {
        let db = self.open()?;
        let answer = hash_kv::of_database(&db, Some(self.revision), self.seed)?;
        let keys = live_keys::count(&db, self.revision, self.seed)?;
        Ok(Facts {
            revision: self.revision,
            compact_revision: answer.compact_revision,
            hash_kv: answer.hash,
            keys,
            sample: self.sampled(&db, keys, sample)?,
            of_full: self.of_full(&db)?,
        })
    }

    /// What an etcd that is `compacted` there answers to HashKV, if it holds the same.
    pub(super) fn hash_as_compacted(&self, compacted: Option<i64>) -> Result<u32, etcd::Error> {
        let compacted = Compacted {
            scheduled: compacted,
            finished: compacted,
        };
        hash_kv::as_compacted(&self.open()?, self.revision, compacted, self.seed)
    }

    fn sampled<R: ReadAt>(
        &self,
        db: &Db<R>,
        keys: u64,
        wanted: usize,
    ) -> Result<Vec<Sampled>, etcd::Error> {
        let mut sample = Vec::new();
        let Some(bucket) = db.bucket(bucket::KEY)? else {
            return Ok(sample);
        };
        // Evenly: the n-th of them stands at n times the keys by those that are wanted.
        let is_next = |live: u64, taken: usize| {
            let (live, taken) = (u128::from(live), taken as u128);
            live * wanted as u128 >= taken * u128::from(keys)
        };
        let mut compaction = Compaction::at(self.revision, self.seed);
        let (mut live, mut cursor) = (0_u64, bucket.cursor());
        let mut item = cursor.last()?;
        while let Some((key, value)) = item {
            let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
            let entry = Entry::parse(key).map_err(in_bucket)?;
            let kv = KeyValue::decode(value).map_err(in_bucket)?;
            let is_kept = compaction.decide(entry, kv.key) == Verdict::Keep;
            if is_kept && entry.kind == Kind::Put && !kv.key.is_empty() {
                if sample.len() < wanted && is_next(live, sample.len()) {
                    sample.push(Sampled::of(&kv));
                }
                live += 1;
            }
            item = cursor.prev()?;
        }
        Ok(sample)
    }

    fn of_full<R: ReadAt>(&self, db: &Db<R>) -> Result<KeyBucket, etcd::Error> {
        let mut sums = KeyBucket {
            crc32c: 0,
            bytes: 0,
            entries: 0,
        };
        let Some(bucket) = db.bucket(bucket::KEY)? else {
            return Ok(sums);
        };
        let mut cursor = bucket.cursor();
        while let Some((key, value)) = cursor.next()? {
            let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
            if Entry::parse(key).map_err(in_bucket)?.revision.main > self.base_revision {
                break;
            }
            sums.crc32c = crc32c::crc32c_append(crc32c::crc32c_append(sums.crc32c, key), value);
            sums.bytes += (key.len() + value.len()) as u64;
            sums.entries += 1;
        }
        Ok(sums)
    }

    /// What it holds where the witness of a snapshot was written, in the words of [`told`].
    pub(super) fn at_witness(&self, witness: &Witness) -> Result<Option<String>, etcd::Error> {
        let db = self.open()?;
        let (Some(bucket), Some(wanted)) = (db.bucket(bucket::KEY)?, witness.key_bytes()) else {
            return Ok(None);
        };
        let mut cursor = bucket.cursor();
        let mut item = cursor.seek(&Revision::new(witness.mod_revision, 0).to_bytes())?;
        while let Some((key, value)) = item {
            let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
            let entry = Entry::parse(key).map_err(in_bucket)?;
            if entry.revision.main != witness.mod_revision {
                break;
            }
            let kv = KeyValue::decode(value).map_err(in_bucket)?;
            if kv.key == wanted {
                let deleted = entry.kind == Kind::Tombstone;
                let (create, version) = match deleted {
                    true => (0, 0),
                    false => (kv.create_revision, kv.version),
                };
                return Ok(Some(told(deleted, create, version)));
            }
            item = cursor.next()?;
        }
        Ok(None)
    }
}

/// An event in words that can be compared.
pub(super) fn told(deleted: bool, create_revision: i64, version: i64) -> String {
    match deleted {
        true => "a deletion".to_owned(),
        false => format!("a put, version {version} since revision {create_revision}"),
    }
}

impl Sampled {
    fn of(kv: &KeyValue<'_>) -> Self {
        Self {
            key: kv.key.to_vec(),
            value_sha256: Sha256::digest(kv.value).into(),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            lease: kv.lease,
        }
    }

    /// The same, as an etcd answers it.
    pub(super) fn answered(kv: &client::KeyValue) -> Self {
        Self {
            key: kv.key.to_vec(),
            value_sha256: Sha256::digest(&kv.value).into(),
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            lease: kv.lease,
        }
    }
}
