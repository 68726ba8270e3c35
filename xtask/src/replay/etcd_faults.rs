//! What etcds themselves get wrong, so that what they acknowledged is not what they say after a kill.
//! The log behind a full leads to what was acknowledged: a difference is no fault of ours there.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use anyhow::Result;
use bolt::Db;
use etcd::mvcc::KeyValue;
use etcd::replay::{Salvage, ServerVersion, Servers};
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;
use etcd::store_state::{StoreState, alarms};

use super::directory::{self, Directory};

pub(super) const EARLY_3_5: Servers = Servers::Only(ServerVersion { minor: 5, patch: 1 });

/// Why the etcd of this directory, booted, may say something else than the log behind `full`.
pub(super) fn known(full: &Path, killed: &Path, servers: Servers) -> Result<Option<&'static str>> {
    let directory = Directory::open(killed)?;
    if forgets_guards(&directory, servers)? {
        return Ok(Some("it forgot the guards of alarms while it ran"));
    }
    if loses_a_key(full, killed, servers)? {
        return Ok(Some("its compaction lost a key"));
    }
    Ok(None)
}

/// Up to 3.5 an etcd that runs forgets the guard of an alarm that is raised when another is raised or
/// disarmed, and writes again; one that starts with raised alarms has the guards of all (apply.go,
/// `Alarm`, and server.go, `restoreAlarms`). The log behind the full is that of one that ran.
fn forgets_guards(directory: &Directory, servers: Servers) -> Result<bool> {
    let forgets = matches!(servers, Servers::Only(version) if version.minor <= 5);
    Ok(forgets && !alarms(&directory.db)?.is_empty())
}

/// A key that one transaction deletes and puts again is removed by a compaction at just that revision:
/// what is kept is the last entry of the generation that ends there, which is the tombstone, and not
/// the first one of the next (server/storage/mvcc/key_index.go of 3.6.16, `doCompact`: `tomb >= atRev`).
/// The etcd that runs still has the key in its index, and writes what it would; one that is started has
/// lost it.
fn loses_a_key(full: &Path, killed: &Path, servers: Servers) -> Result<bool> {
    let killed_db = Db::open(File::open(killed.join(etcd::data_dir::DB))?)?;
    let Some(compacted) = StoreState::read(&killed_db)?.compaction.revision() else {
        return Ok(false);
    };
    let mut entries = Vec::new();
    let full = Db::open(File::open(full)?)?;
    if let Some(bucket) = full.bucket(bucket::KEY)? {
        let mut cursor = bucket.cursor();
        while let Some((key, value)) = cursor.next()? {
            entries.push((Entry::parse(key)?, value.to_vec()));
        }
    }
    let at = StoreState::read(&full)?;
    let log = directory::whole_log(killed)?;
    if let Some(start) = log.start_before(at.consistent_index) {
        let log = log.starting_at(start)?;
        let salvage = Salvage::begin(&full, &log, servers)?;
        salvage.state().each_added(|entry, value| {
            entries.push((entry, value.to_vec()));
            Ok(())
        })?;
    }
    let mut deleted = BTreeSet::new();
    for (entry, value) in &entries {
        if entry.revision.main != compacted {
            continue;
        }
        let key = KeyValue::decode(value)?.key;
        match entry.kind {
            Kind::Tombstone => drop(deleted.insert(key)),
            Kind::Put if deleted.contains(key) => return Ok(true),
            Kind::Put => {}
        }
    }
    Ok(false)
}
