//! A full that was written later than objects of higher revisions: by another history, or by a machine
//! whose clock was ahead. Its last entries are looked for in what the other objects lead to.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::revision::Entry;

use super::tail::{self, KEYS, LAST, Written, find};
use crate::backups::{Error, Plan, Reading, Result, Snapshot, Stop};
use crate::history::Remarks;
use crate::history::apply::Entries;
use crate::history::output::Output;
use crate::history::walk::Walk;
use crate::session::Session;

/// Whether what `full` holds last is what `others` lead to at its revision, entry for entry, down to
/// three different keys. `others` is a plan without it, up to there. Two files without a name are made in
/// `temp_dir`, as large as the databases.
pub(crate) fn is_of_one_history(
    session: &Session,
    full: &Snapshot,
    others: &Plan,
    reading: Reading,
    temp_dir: &Path,
) -> Result<bool> {
    let alone = Plan {
        base: Some(full.clone()),
        deltas: Vec::new(),
        stop: Stop::End,
    };
    let (file, other_file) = (unnamed(temp_dir)?, unnamed(temp_dir)?);
    let remarks = Remarks::default();
    let walk = |plan, file| Walk {
        session,
        plan,
        reading,
        file,
        path: temp_dir,
        remarks: &remarks,
    };
    let (own, theirs) = (walk(&alone, &file), walk(others, &other_file));
    let (state, _) = own.base()?;
    let db = Db::open(&file).map_err(|error| own.failed(error))?;
    let (base, deltas) = theirs.base()?;
    let other_db = Db::open(&other_file).map_err(|error| theirs.failed(error))?;
    let mut collected = Collected {
        entries: BTreeMap::new(),
        seed: session.seed,
    };
    let outcome = theirs.replay(&other_db, &base, deltas, &mut collected)?;
    // A full may be ahead of its name.
    let reached = outcome.revision.min(state.revision);
    if reached < full.name.last {
        return Ok(false);
    }
    let written = tail::of_database(&db, session.seed).map_err(|error| own.failed(error))?;
    let newest = written
        .iter()
        .filter(|one| one.entry.revision.main <= reached);
    all_found(newest, &collected, &other_db).map_err(|error| Error::of_file(temp_dir, error))
}

fn unnamed(dir: &Path) -> Result<Output> {
    let file = tempfile::tempfile_in(dir).map_err(Error::io("create a temporary file in", dir))?;
    Ok(Output::new(file)?)
}

fn all_found<'w, R: ReadAt>(
    newest_first: impl Iterator<Item = &'w Written>,
    collected: &Collected,
    base: &Db<R>,
) -> std::result::Result<bool, etcd::Error> {
    let (mut keys, mut is_any) = (HashSet::new(), false);
    for written in newest_first {
        if keys.len() == KEYS {
            break;
        }
        let is_there = match collected.entries.get(&written.entry.to_bytes().to_vec()) {
            Some(other) => other == written,
            None => find(base, written, collected.seed)? == Some(true),
        };
        if !is_there {
            return Ok(false);
        }
        keys.insert(written.key);
        is_any = true;
    }
    Ok(is_any)
}

/// The newest entries that deltas bring.
struct Collected {
    entries: BTreeMap<Vec<u8>, Written>,
    seed: u64,
}

impl Entries for Collected {
    type Error = Error;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let written = Entry::parse(key)
            .ok()
            .and_then(|entry| Written::of(entry, value, self.seed));
        if let Some(written) = written {
            self.entries.insert(key.to_vec(), written);
        }
        if self.entries.len() > LAST {
            self.entries.pop_first();
        }
        Ok(())
    }
}
