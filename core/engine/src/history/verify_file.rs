//! What was written is read again, all of it, before anybody sees it.

use bolt::{Db, ReadAt};
use etcd::fold::KeyState;
use etcd::hash_kv::{HashKv, Keep};
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;
use etcd::store_state::StoreState;

use super::key_index::{Broken, Index};

/// What the post-write verification found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) hash_kv: u32,
    /// A hash over all entries, none left out: HashKV itself where nothing appended is compacted.
    pub(crate) whole: u32,
    /// The same up to the last entry of the base.
    pub(crate) base: u32,
    /// Where the store stands.
    pub(crate) revision: i64,
    /// What is compacted.
    pub(crate) compact_revision: Option<i64>,
}

/// Why what was read is not what should be there.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The file, at this page if it is known.
    File { page: Option<u64>, what: String },
    /// The disk gave an error, or what it gave makes no database.
    Unreadable(etcd::Error),
    /// The events do not continue the base.
    History(Broken),
}

/// Reads every page once: the structure is checked, HashKV computed, and the base checked against
/// what the first events of each key demand of it.
pub(crate) fn look<R: ReadAt>(
    db: &Db<R>,
    base_revision: i64,
    index: &mut Index,
    seed: u64,
) -> Result<Found, Wrong> {
    let state = StoreState::read(db).map_err(Wrong::Unreadable)?;
    let keep =
        Keep::of_database(db, state.revision, state.compaction, seed).map_err(Wrong::Unreadable)?;
    walk(db, &state, keep, base_revision, index, seed)
}

/// The same for the base alone, as it will be hashed when the events in `index` follow on it.
pub(crate) fn look_at_base<R: ReadAt>(
    db: &Db<R>,
    index: &mut Index,
    seed: u64,
) -> Result<Found, Wrong> {
    let state = StoreState::read(db).map_err(Wrong::Unreadable)?;
    let later = index.later(seed);
    let keep = Keep::of_database_and(db, state.revision, state.compaction, later, seed);
    walk(
        db,
        &state,
        keep.map_err(Wrong::Unreadable)?,
        state.revision,
        index,
        seed,
    )
}

fn walk<R: ReadAt>(
    db: &Db<R>,
    state: &StoreState,
    keep: Keep,
    base_revision: i64,
    index: &mut Index,
    seed: u64,
) -> Result<Found, Wrong> {
    let hash = HashKv::new(state.revision, state.compaction.revision(), keep);
    // Where some of what was appended counts as compacted, HashKV leaves it out and proves nothing
    // of it: then all of it is hashed beside.
    let some_left_out = state.compaction.revision() > Some(base_revision);
    let whole = some_left_out.then(|| HashKv::new(state.revision, None, Keep::Everything));
    index.begin_base();
    let mut look = Look {
        base_revision,
        index,
        seed,
        hash,
        whole,
        base: None,
        wrong: None,
    };
    sound(bolt::check(db, &mut look))?;
    let whole = look.whole().so_far();
    let Look {
        hash,
        base,
        wrong,
        index,
        ..
    } = look;
    if let Some(wrong) = wrong {
        return Err(Wrong::File {
            page: None,
            what: wrong,
        });
    }
    index.end_base().map_err(Wrong::History)?;
    Ok(Found {
        whole,
        base: base.unwrap_or(whole),
        hash_kv: hash.finish(),
        revision: state.revision,
        compact_revision: state.compaction.revision(),
    })
}

/// That the pages make a database.
fn sound(mut report: bolt::Report) -> Result<(), Wrong> {
    if let Some(error) = report.take_io_failure() {
        return Err(Wrong::Unreadable(error.into()));
    }
    match report.is_clean() {
        true => Ok(()),
        false => Err(Wrong::File {
            page: report.findings.first().map(|finding| finding.page),
            what: report.to_string(),
        }),
    }
}

struct Look<'a> {
    base_revision: i64,
    index: &'a mut Index,
    seed: u64,
    hash: HashKv,
    /// Over all entries, where `hash` leaves out some of those after the base.
    whole: Option<HashKv>,
    /// The whole hash at the first entry after the base.
    base: Option<u32>,
    /// The first thing wrong with an entry.
    wrong: Option<String>,
}

impl bolt::Visitor for Look<'_> {
    fn bucket(&mut self, _name: &[u8]) {}

    fn item(&mut self, name: &[u8], key: &[u8], value: &[u8]) {
        if self.wrong.is_some() {
            return;
        }
        self.wrong = match name {
            bucket::KEY => self.entry(key, value).err(),
            _ => {
                let read = etcd::record::check(name, key, value);
                let placed = read.map_err(|malformed| malformed.in_bucket(name, key));
                placed.err().map(|error| error.to_string())
            }
        };
    }
}

impl Look<'_> {
    fn whole(&self) -> &HashKv {
        self.whole.as_ref().unwrap_or(&self.hash)
    }

    fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), String> {
        let entry = Entry::parse(key).map_err(|error| error.to_string())?;
        let is_after_base = entry.revision.main > self.base_revision;
        if is_after_base && self.base.is_none() {
            self.base = Some(self.whole().so_far());
        }
        for hash in [Some(&mut self.hash), self.whole.as_mut()]
            .into_iter()
            .flatten()
        {
            hash.push(key, value).map_err(|error| error.to_string())?;
        }
        if is_after_base {
            return Ok(());
        }
        if self.index.len() == 0 {
            return Ok(());
        }
        let kv = KeyValue::decode(value)
            .map_err(|error| format!("the value of revision {}: {error}", entry.revision))?;
        let state = match entry.kind {
            Kind::Tombstone => KeyState::Absent,
            Kind::Put => KeyState::Live {
                create_revision: kv.create_revision,
                version: kv.version,
            },
        };
        let hash = xxhash_rust::xxh3::xxh3_128_with_seed(kv.key, self.seed);
        self.index.base(hash, state);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use bolt::BulkWriter;

    use super::*;

    /// Gives an input error for everything after its first pages.
    struct Failing(Vec<u8>);

    impl ReadAt for Failing {
        fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
            match offset < 8192 {
                true => self.0.read_exact_at(buf, offset),
                false => Err(io::Error::from(rustix::io::Errno::IO)),
            }
        }

        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }
    }

    /// A disk that gave an error under the restored file was taken for a damaged full, and `initialize`
    /// went back to an older state.
    #[test]
    fn a_disk_that_fails_is_no_damaged_full() {
        let file = std::sync::RwLock::new(Vec::new());
        let mut writer = BulkWriter::create(&file, 4096).unwrap();
        writer.bucket(b"key").unwrap();
        writer.finish().unwrap();
        let db = Db::open(Failing(file.into_inner().unwrap())).unwrap();
        let wrong = look(&db, 1, &mut Index::new(), 0).unwrap_err();
        let Wrong::Unreadable(error) = wrong else {
            unreachable!("{wrong:?}");
        };
        let told = crate::Error::of_disk("/a/db".as_ref(), error)
            .unwrap()
            .to_string();
        assert!(
            told.starts_with("cannot read /a/db: Input/output error"),
            "{told}"
        );
        let mut report = bolt::check(&db, &mut NoVisitor);
        assert!(matches!(
            report.take_io_failure(),
            Some(bolt::Error::Io { .. })
        ));
    }

    struct NoVisitor;

    impl bolt::Visitor for NoVisitor {
        fn bucket(&mut self, _name: &[u8]) {}
        fn item(&mut self, _bucket: &[u8], _key: &[u8], _value: &[u8]) {}
    }
}
