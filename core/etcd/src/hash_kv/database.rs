use bolt::{Bucket, Cursor, Db, ReadAt};

use crate::revision::{Entry, Kind, Revision};
use crate::schema::bucket;
use crate::store_state::{Compacted, StoreState};
use crate::{Error, KeySet};

use super::{HashKv, Keep, Pending, key_of, parse_entry};

/// What an etcd started on a database answers to HashKV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The revision up to which was hashed.
    pub revision: i64,
    /// The hash.
    pub hash: u32,
    /// `None` where etcd answers -1.
    pub compact_revision: Option<i64>,
}

/// Computes what an etcd started on this database answers for `revision`, or for the current
/// one. Reads the bucket once, and before that backwards what is newer than the compact
/// revision; all of it if a compaction is pending.
///
/// `seed`: see [`KeySet::with_seed`].
pub fn of_database<R: ReadAt>(
    db: &Db<R>,
    revision: Option<i64>,
    seed: u64,
) -> Result<Answer, Error> {
    let state = StoreState::read(db)?;
    let revision = revision.unwrap_or(state.revision);
    let compact_revision = state.compaction.revision();
    if revision > state.revision || compact_revision.is_some_and(|compact| revision < compact) {
        return Err(Error::NoSuchRevision {
            revision,
            compacted: compact_revision,
            current: state.revision,
        });
    }
    Ok(Answer {
        revision,
        hash: as_compacted(db, revision, state.compaction, seed)?,
        compact_revision,
    })
}

/// The hash at `revision` if the database said that it is `compacted` so. It is the same before
/// and after a compaction has removed what it may.
pub fn as_compacted<R: ReadAt>(
    db: &Db<R>,
    revision: i64,
    compacted: Compacted,
    seed: u64,
) -> Result<u32, Error> {
    let keep = Keep::of_database(db, revision, compacted, seed)?;
    let mut hash = HashKv::new(revision, compacted.revision(), keep);
    if let Some(bucket) = db.bucket(bucket::KEY)? {
        let mut cursor = bucket.cursor();
        while let Some((key, value)) = cursor.next()? {
            hash.push(key, value)?;
        }
    }
    Ok(hash.finish())
}

/// Changes that follow on a database and are not in it.
#[derive(Debug, Clone)]
pub struct Later {
    /// The keys that they change.
    pub touched: KeySet,
    /// Whether one of those keys is live in the end.
    pub some_live: bool,
}

impl Keep {
    /// What is kept when `revision` of this database is hashed. `seed`: see
    /// [`KeySet::with_seed`].
    pub fn of_database<R: ReadAt>(
        db: &Db<R>,
        revision: i64,
        compacted: Compacted,
        seed: u64,
    ) -> Result<Self, Error> {
        let nothing = Later {
            touched: KeySet::with_seed(seed),
            some_live: false,
        };
        Self::of_database_and(db, revision, compacted, nothing, seed)
    }

    /// The same, when `later` changes follow on `revision` and are hashed too.
    pub fn of_database_and<R: ReadAt>(
        db: &Db<R>,
        revision: i64,
        compacted: Compacted,
        later: Later,
        seed: u64,
    ) -> Result<Self, Error> {
        let bucket = db.bucket(bucket::KEY)?;
        match (bucket, compacted.revision()) {
            (Some(bucket), Some(compact)) if compacted.is_pending() => {
                let Later { touched, some_live } = later;
                let begun = Pending::at(compact, seed).before(touched, some_live);
                pending(&bucket, revision, begun)
            }
            (Some(bucket), Some(compact)) => untouched(&bucket, revision, compact, later),
            _ => Ok(Self::Everything),
        }
    }
}

/// Walks from `revision` to the oldest entry.
fn pending<R: ReadAt>(
    bucket: &Bucket<'_, R>,
    revision: i64,
    mut pending: Pending,
) -> Result<Keep, Error> {
    let mut backwards = Backwards::from(bucket, revision)?;
    while let Some((entry, key)) = backwards.next()? {
        pending.note(entry, key);
    }
    Ok(pending.keep())
}

/// Walks from `revision` down to the compact revision, and on only until a live key is found,
/// which mostly is at once.
fn untouched<R: ReadAt>(
    bucket: &Bucket<'_, R>,
    revision: i64,
    compact: i64,
    later: Later,
) -> Result<Keep, Error> {
    let mut backwards = Backwards::from(bucket, revision)?;
    let Later {
        mut touched,
        mut some_live,
    } = later;
    while let Some((entry, key)) = backwards.next()? {
        let newest = if entry.revision.main > compact {
            touched.insert(key)
        } else if some_live {
            break;
        } else {
            !touched.contains(key)
        };
        some_live |= newest && entry.kind == Kind::Put;
    }
    Ok(if some_live {
        Keep::Untouched(touched)
    } else {
        Keep::Everything
    })
}

/// The entries up to a revision, newest first, with the user keys they changed.
struct Backwards<'a, R> {
    cursor: Cursor<'a, R>,
}

impl<'a, R: ReadAt> Backwards<'a, R> {
    fn from(bucket: &Bucket<'a, R>, revision: i64) -> Result<Self, Error> {
        let mut cursor = bucket.cursor();
        // Onto the first newer entry, or after the last: the next step back is the newest.
        if let Some(next) = revision.checked_add(1) {
            cursor.seek(&Revision::new(next, 0).to_bytes())?;
        }
        Ok(Self { cursor })
    }

    fn next(&mut self) -> Result<Option<(Entry, &[u8])>, Error> {
        let Some((key, value)) = self.cursor.prev()? else {
            return Ok(None);
        };
        let entry = parse_entry(key)?;
        Ok(Some((entry, key_of(entry, value)?)))
    }
}
