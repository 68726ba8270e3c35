//! Whether a member and what shall take its place hold one history.
//!
//! Revisions are counted in every cluster alike: that a backup leads further than a member says
//! nothing while it may be of another cluster, or of a history that was left by a restore. So the
//! entries that the member wrote last are looked for. Older ones prove little: two histories that
//! part share all that was written before.
//!
//! A backup that is compacted lacks the entries that were overwritten since, and a fork that wrote
//! the same keys looks just like that. An overwritten entry can show a different history, never the
//! same one.

use std::collections::HashSet;
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::replay::Servers;
use serde::Serialize;

use super::overwritten::{Trace, traces};
use super::tail::{KEYS, Tail, find, tail};

/// What the last entries of a member say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lineage {
    /// What it wrote last was found, and nothing speaks against the rest.
    Same,
    /// Of what it wrote last, some was overwritten or deleted since and then compacted away; all that
    /// can be compared fits, down to entries that were found.
    Overwritten,
    /// At this revision the two differ.
    Other(i64),
    /// They differ at this revision, and wherever they can be compared: not even a beginning is shared. So
    /// it is with another cluster.
    Foreign(i64),
    /// Nothing proves that they are of one history: the member cannot be read to its end, or what it
    /// wrote last is compacted away.
    Unknown,
}

/// What a restore has led to.
#[derive(Clone, Copy)]
pub(crate) struct Restored<'a, R> {
    pub(crate) db: &'a Db<R>,
    /// What it is compacted at; -1 for never.
    pub(crate) compacted: i64,
    /// The last revision that it can be compared at.
    pub(crate) reached: i64,
}

/// Compares the member in `data_dir`, its log included, with what was restored. `servers`: which etcd
/// would apply the log. `seed`: for hashes of keys.
pub(crate) fn lineage_of<R: ReadAt>(
    data_dir: &Path,
    servers: Servers,
    restored: Restored<'_, R>,
    seed: u64,
) -> Lineage {
    let Some(mut tail) = tail(data_dir, servers, seed) else {
        return Lineage::Unknown;
    };
    tail.written
        .retain(|written| written.entry.revision.main <= restored.reached);
    // What was restored was read and checked before: only a failing disk ends this.
    look_for(&tail, restored, seed).unwrap_or(Lineage::Unknown)
}

fn look_for<R: ReadAt>(
    tail: &Tail,
    restored: Restored<'_, R>,
    seed: u64,
) -> Result<Lineage, etcd::Error> {
    let (mut missing, mut differing, mut is_any_found) = (Vec::new(), HashSet::new(), false);
    let mut newest = None;
    for written in &tail.written {
        let revision = written.entry.revision.main;
        match find(restored.db, written, seed)? {
            Some(true) => is_any_found = true,
            None if revision <= restored.compacted => missing.push(*written),
            Some(false) | None => {
                newest.get_or_insert(revision);
                differing.insert(written.key);
            }
        }
        // From here on it is known what it is.
        if newest.is_some() && is_any_found {
            break;
        }
    }
    match newest {
        // One that was spoilt on the disk differs as well.
        Some(revision) if !is_any_found && differing.len() >= KEYS => {
            return Ok(Lineage::Foreign(revision));
        }
        Some(revision) => return Ok(Lineage::Other(revision)),
        None => {}
    }
    let traces = match missing.is_empty() {
        true => Default::default(),
        false => match traces(restored.db, tail, &missing, seed)? {
            Ok(traces) => traces,
            Err(revision) => return Ok(Lineage::Other(revision)),
        },
    };
    let seen = tail.written.iter().map(|written| {
        let trace = traces.get(&written.entry);
        (written.key, trace.copied().unwrap_or(Trace::Found))
    });
    Ok(judge(seen))
}

/// By the newest entries of the member, newest first: which key each is of, and what is left of it.
fn judge(seen: impl Iterator<Item = (u128, Trace)>) -> Lineage {
    let (mut keys, mut overwritten, mut all_found) = (HashSet::new(), false, true);
    for (key, trace) in seen {
        if keys.len() == KEYS {
            break;
        }
        match trace {
            Trace::Found => drop(keys.insert(key)),
            Trace::Overwritten => (overwritten, all_found) = (true, false),
            Trace::Gone => return Lineage::Unknown,
        }
    }
    match (keys.len(), overwritten) {
        (KEYS, false) => Lineage::Same,
        (KEYS, true) => Lineage::Overwritten,
        // It wrote to fewer keys than that.
        (1.., _) if all_found => Lineage::Same,
        _ => Lineage::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::Trace::{Found, Gone, Overwritten};
    use super::*;

    fn judged(seen: &[(u128, Trace)]) -> Lineage {
        judge(seen.iter().copied())
    }

    #[test]
    fn only_the_newest_entries_prove_anything() {
        let found = [(1, Found), (2, Found), (3, Found)];
        assert_eq!(judged(&found), Lineage::Same);
        let fork = |newest| judged(&[&[(4, newest)], found.as_slice()].concat());
        assert_eq!(fork(Overwritten), Lineage::Overwritten);
        // An acknowledged write of the fork, of which nobody else knows.
        assert_eq!(fork(Gone), Lineage::Unknown);
        let expired = judged(&[found.as_slice(), &[(4, Gone)]].concat());
        assert_eq!(expired, Lineage::Same);
    }

    #[test]
    fn a_heartbeat_proves_nothing_beside_what_is_gone() {
        assert_eq!(judged(&[(1, Found), (1, Found), (1, Found)]), Lineage::Same);
        let beside = [(1, Found), (1, Found), (2, Gone), (3, Found), (4, Found)];
        assert_eq!(judged(&beside), Lineage::Unknown);
        assert_eq!(judged(&[(1, Found), (2, Overwritten)]), Lineage::Unknown);
        assert_eq!(judged(&[]), Lineage::Unknown);
    }
}
