//! The commit that turns a backup's database into a new member's.

use std::collections::BTreeMap;

use bolt::{Append, Db, Tail};
use etcd::fresh_start::FreshStart;
use etcd::revision::{Entry, LAST, Revision};
use etcd::schema::{bucket, meta};
use etcd::store_state::{self, StoreState};

use super::request::{History, Request};
use super::salvage::{self, Checked, Salvaged};
use crate::backups::fetch::Deltas;
use crate::error::{Error, Result};
use crate::history::LeaseCounts;
use crate::history::apply::{Entries, Outcome};
use crate::history::output::Output;
use crate::history::walk::{Walk, contents};

/// Entries go behind the last one of the key bucket.
struct Appended<'w, 'a> {
    walk: &'w Walk<'a>,
    tail: Tail<'w, &'a Output>,
}

impl Entries for Appended<'_, '_> {
    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.tail
            .push(key, value)
            .map_err(|error| self.walk.failed(error))
    }
}

/// What the database was extended by.
pub(crate) struct Extended {
    pub(crate) outcome: Outcome,
    pub(crate) leases: LeaseCounts,
    pub(crate) salvaged: Option<Salvaged>,
    /// What an operator would want to hear of.
    pub(crate) warnings: Vec<String>,
    /// The revision before it was raised.
    pub(crate) reached: i64,
}

/// Appends the events of the deltas and what makes the member new, in one commit.
pub(crate) fn extend(
    walk: &Walk<'_>,
    (state, deltas): (&StoreState, Deltas),
    start: &FreshStart,
    request: &Request,
) -> Result<Extended> {
    let changes = &request.changes;
    let failed = |error| walk.failed(error);
    let db = Db::open(walk.file).map_err(failed)?;
    let mut append = Append::open(walk.file).map_err(failed)?;
    let tail = append.tail(bucket::KEY).map_err(failed)?;
    let (log, refused) = match request.salvage.as_ref() {
        None => (None, None),
        Some(source) => match salvage::log(&source.data_dir, state) {
            Ok(log) => (Some((log, source.servers)), None),
            Err(refused) => (None, Some(refused)),
        },
    };
    let log = log.as_ref().map(|(log, servers)| Ok((log, *servers)));
    let log = refused.map(Err).or(log);
    let mut entries = Checked::new(Appended { walk, tail }, &db, log);
    let mut outcome = walk.replay(&db, state, deltas, &mut entries)?;
    let up_to = request.salvage.as_ref().and_then(|source| source.up_to);
    // An etcd that finds none begins with 1 (server/auth/store.go, NewAuthStore).
    let auth_revision = store_state::auth_revision(&db).map_err(|error| walk.unreadable(error))?;
    let auth_revision = auth_revision.max(1);
    let marks = (auth_revision, walk.session.seed);
    let (mut entries, behind) = entries.finish(&mut outcome, up_to, marks)?;
    let reached = outcome.revision;
    bump(&mut outcome, &mut entries, changes.bump_revision)?;

    let mut warnings = Vec::new();
    if let Some((behind, _)) = &behind
        && let Some(users) = salvage::users(behind, auth_revision)
    {
        warnings.push(users.told());
        for (name, records) in users.buckets {
            append.replace(name, &records).map_err(failed)?;
        }
    }
    let (leases, counts) = match &behind {
        Some((behind, salvaged)) if salvaged.changes > 0 || behind.revision() == reached => {
            let leases = salvage::leases(behind);
            let counts = LeaseCounts {
                kept: leases.len(),
                ..LeaseCounts::default()
            };
            (leases, counts)
        }
        _ => walk.leases(&db, &outcome, changes.unknown_lease_ttl)?,
    };
    let mut marks = contents(&db, bucket::META).map_err(failed)?;
    marks.extend(start.meta.clone());
    if changes.history == History::MarkedCompacted {
        let mark = Revision::new(outcome.revision, 0).to_bytes();
        marks.insert(meta::SCHEDULED_COMPACTION.to_vec(), mark.to_vec());
    }
    append.replace(bucket::LEASE, &leases).map_err(failed)?;
    append.replace(bucket::META, &marks).map_err(failed)?;
    append
        .replace(bucket::MEMBERS, &start.members)
        .map_err(failed)?;
    append
        .replace(bucket::MEMBERS_REMOVED, &BTreeMap::new())
        .map_err(failed)?;
    walk.session.phase("flushing to disk")?;
    append.commit().map_err(failed)?;
    Ok(Extended {
        outcome,
        reached,
        leases: counts,
        salvaged: behind.map(|(_, salvaged)| salvaged),
        warnings,
    })
}

/// An entry without a value, so many revisions ahead, as `etcdutl snapshot restore
/// --bump-revision` writes it (etcd 3.6, `etcdutl/snapshot/v3_snapshot.go`).
fn bump(outcome: &mut Outcome, entries: &mut impl Entries, by: u64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    let bumped = outcome.revision.checked_add_unsigned(by);
    outcome.revision = bumped.filter(|bumped| *bumped <= LAST).ok_or_else(|| {
        let at = outcome.revision;
        Error::Options(format!(
            "--bump-revision {by} leads beyond all revisions from {at}"
        ))
    })?;
    let entry = Entry::put(Revision::new(outcome.revision, 0)).to_bytes();
    outcome.hash(&entry);
    entries.push(&entry, b"")
}
