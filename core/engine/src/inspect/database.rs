use std::fs::File;
use std::path::{Path, PathBuf};

use bolt::{Db, Meta, MetaFault, ReadAt, Visitor};
use etcd::Malformed;
use etcd::data_dir::DB;
use etcd::lease::Lease;
use etcd::membership::StoredMember;
use etcd::mvcc::KeyValue;
use etcd::revision::Entry;
use etcd::schema::bucket;
use etcd::store_state::StoreState;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Check;
use super::kind::{Kind, nothing_in, refuse_no_database, refuse_other};
use crate::backups::database_file::unpacked;
use crate::error::{Error, Result};
use crate::lock;

/// Length of the SHA-256 after the pages of a snapshot, in bytes.
const HASH: u64 = 32;
/// Pages are whole sectors: a length that is 32 more can only be that of a snapshot.
const SECTOR: u64 = 512;

/// etcd's database, as far as it can be read.
#[derive(Debug, Default, Serialize)]
pub struct DatabaseView {
    /// In bytes; `None` when no meta page can be read, as the next two.
    pub page_size: Option<u32>,
    /// Pages in use or free, below the end of what is used.
    pub pages: Option<u64>,
    /// The last transaction.
    pub transaction: Option<u64>,
    /// What it is filled with, in the order of the names.
    pub buckets: Vec<BucketView>,
    /// Main revision of the last change; `None` when it cannot be read, as all that follows.
    pub revision: Option<i64>,
    /// Compaction begun last.
    pub compaction_begun: Option<i64>,
    /// Compaction completed last.
    pub compaction_finished: Option<i64>,
    /// Index of the last raft entry applied.
    pub consistent_index: Option<u64>,
    /// Its term, since 3.5.
    pub term: Option<u64>,
    /// Version of the layout, since 3.6.
    pub storage_version: Option<String>,
    /// Version that all members support.
    pub cluster_version: Option<String>,
    /// Whether users are checked; `None` when that cannot be read.
    pub auth_enabled: Option<bool>,
    /// Ids of the members in hex, and their names.
    pub members: Vec<(String, String)>,
    /// What was checked.
    pub checks: Vec<Check>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketView {
    /// Its name.
    pub name: String,
    /// How many entries it has.
    pub items: u64,
    /// What they hold, in bytes.
    pub bytes: u64,
}

/// Reads the database at `path`: the file, a snapshot of one, or a data directory.
pub fn database(path: &Path) -> Result<DatabaseView> {
    let path = file(path)?;
    refuse_other(&path, Kind::Database)?;
    if lock::is_held(&path).map_err(Error::io("read", &path))? {
        return Err(Error::DataDir {
            what: format!(
                "{} uses it, and what it reads there changes under way; stop that process, or \
                 inspect a snapshot of it (`etcdctl snapshot save`)",
                lock::holder(&path)
            ),
            path,
        });
    }
    let file = unpacked(&path)?;
    let mut view = DatabaseView::default();
    let hash = trailing_hash(&file).map_err(Error::io("read", &path))?;
    match Db::open(&file) {
        Err(error) => {
            refuse_no_database(&path)?;
            let damaged = Check::damaged("meta pages", error.to_string());
            view.checks.push(damaged);
        }
        Ok(db) => view.read(&db),
    }
    view.checks.extend(hash);
    Ok(view)
}

/// The file that is meant by `path`.
fn file(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let below = [path.join(DB), path.join("snap/db"), path.join("db")];
    let known = below.into_iter().find(|file| file.is_file());
    known.ok_or_else(|| nothing_in(path, "database", DB))
}

impl DatabaseView {
    fn read(&mut self, db: &Db<&File>) {
        let meta = db.meta();
        self.page_size = Some(meta.page_size);
        self.pages = Some(meta.high_water);
        self.transaction = Some(meta.txid);
        self.checks.push(meta_pages(meta, db.other_meta()));
        let mut contents = Contents::default();
        let report = bolt::check(db, &mut contents);
        self.buckets = contents.buckets;
        self.checks.push(if report.is_clean() {
            let (used, free) = (report.used_pages, report.free_pages);
            let found = format!("{} items on {used} pages, {free} pages free", report.items);
            Check::fine("pages", found)
        } else {
            Check::damaged("pages", report.to_string())
        });
        match (contents.malformed, report.is_clean()) {
            (Some(what), _) => self.checks.push(Check::damaged("entries", what)),
            (None, true) => {
                let found = "keys, leases and members are what etcd writes";
                self.checks.push(Check::fine("entries", found));
            }
            // Nobody knows what stands on the pages that cannot be read.
            (None, false) => {}
        }
        match StoreState::read(db) {
            Ok(state) => self.stand(state, report.is_clean()),
            Err(error) => self.checks.push(Check::damaged("marks", error.to_string())),
        }
        if let Ok(members) = etcd::store_state::members(db) {
            let shown = members.into_iter();
            self.members = shown.map(|one| (one.id.to_string(), one.name)).collect();
        }
    }

    /// Takes what the marks say. On pages that are not sound, a mark that was not found may be there.
    fn stand(&mut self, state: StoreState, is_sound: bool) {
        // What stands for a mark that was not found: the revision before the first write, no entry, no users.
        let known = |is_found: bool| is_sound || is_found;
        self.revision = known(state.revision > 1).then_some(state.revision);
        self.compaction_begun = state.compaction.scheduled;
        self.compaction_finished = state.compaction.finished;
        self.consistent_index = known(state.consistent_index > 0).then_some(state.consistent_index);
        self.term = state.term;
        self.storage_version = state.storage_version;
        self.cluster_version = state.cluster_version;
        self.auth_enabled = known(state.auth_enabled).then_some(state.auth_enabled);
        if state.compaction.is_pending() {
            let found = "begun and not finished; etcd resumes it";
            self.checks.push(Check::repairable("compaction", found));
        } else if is_sound {
            self.checks
                .push(Check::fine("compaction", "none is pending"));
        }
    }
}

fn meta_pages(meta: &Meta, other: Result<&Meta, &MetaFault>) -> Check {
    match other {
        Ok(_) => Check::fine("meta pages", "both are valid"),
        Err(fault) => Check::repairable(
            "meta pages",
            format!(
                "one is damaged ({fault}); the other holds transaction {}, and etcd uses that",
                meta.txid
            ),
        ),
    }
}

/// Whether the hash after a snapshot is right; `None` of a file that has none.
fn trailing_hash(file: &File) -> std::io::Result<Option<Check>> {
    let size = ReadAt::size(file)?;
    let Some(pages) = size.checked_sub(HASH).filter(|pages| pages % SECTOR == 0) else {
        return Ok(None);
    };
    let (mut hasher, mut at) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    while at < pages {
        let len = buffer.len().min((pages - at) as usize);
        ReadAt::read_exact_at(file, &mut buffer[..len], at)?;
        hasher.update(&buffer[..len]);
        at += len as u64;
    }
    let mut stored = [0; HASH as usize];
    ReadAt::read_exact_at(file, &mut stored, pages)?;
    Ok(Some(if hasher.finalize().as_slice() == stored {
        Check::fine("snapshot hash", "the SHA-256 after the pages is right")
    } else {
        Check::damaged("snapshot hash", "the SHA-256 after the pages is not theirs")
    }))
}

/// What the buckets hold.
#[derive(Default)]
struct Contents {
    buckets: Vec<BucketView>,
    malformed: Option<String>,
}

impl Visitor for Contents {
    fn bucket(&mut self, name: &[u8]) {
        self.buckets.push(BucketView {
            name: name.escape_ascii().to_string(),
            items: 0,
            bytes: 0,
        });
    }

    fn item(&mut self, name: &[u8], key: &[u8], value: &[u8]) {
        if let Some(bucket) = self.buckets.last_mut() {
            bucket.items += 1;
            bucket.bytes += (key.len() + value.len()) as u64;
        }
        if self.malformed.is_none()
            && let Err(malformed) = parse(name, key, value)
        {
            self.malformed = Some(malformed.in_bucket(name, key).to_string());
        }
    }
}

fn parse(name: &[u8], key: &[u8], value: &[u8]) -> Result<(), Malformed> {
    match name {
        bucket::KEY => {
            Entry::parse(key)?;
            KeyValue::decode(value)?;
        }
        bucket::LEASE => drop(Lease::parse(key, value)?),
        bucket::MEMBERS => drop(StoredMember::parse(key, value)?),
        _ => {}
    }
    Ok(())
}
