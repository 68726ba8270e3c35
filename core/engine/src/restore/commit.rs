//! The commit that turns a backup's database into a new member's.

use std::collections::BTreeMap;

use bolt::{Append, Db};
use etcd::fresh_start::FreshStart;
use etcd::revision::{Entry, LAST, Revision};
use etcd::schema::{bucket, meta};
use etcd::store_state::{self, StoreState};

use super::error::{BadOption, Error, Result};
use super::request::{History, Request};
use super::salvage::{self, Checked, LogReplay, Salvaged};
use crate::backups::fetch::Deltas;
use crate::history::LeaseCounts;
use crate::history::appended::Appended;
use crate::history::apply::{Entries, Outcome};
use crate::history::output::Output;
use crate::history::walk::{Walk, contents};
use crate::progress::Phase;

type Bucket = BTreeMap<Vec<u8>, Vec<u8>>;

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
    let failed = |error| Error::from(walk.failed(error));
    let db = Db::open(walk.file).map_err(failed)?;
    let mut append = Append::open(walk.file).map_err(failed)?;
    let auth_revision = auth_revision(walk, &db)?;
    let (mut log, source) = (None, request.salvage.as_ref());
    let slot = &mut log;
    let believed = source.map(move |source| {
        let read = salvage::log(&source.data_dir, state)?;
        Ok((&*slot.insert(read), source))
    });
    // Events, then what the log adds, then the raised revision.
    let tail = append.tail(bucket::KEY).map_err(failed)?;
    let mut entries = Checked::new(Appended::new(walk, tail), &db, believed);
    let mut outcome = walk.replay(&db, state, deltas, &mut entries)?;
    let up_to = source.and_then(|source| source.up_to);
    let known = (auth_revision, walk.session.seed);
    let (mut entries, replayed) = entries.finish(&mut outcome, up_to, known)?;
    let reached = outcome.revision;
    bump(&mut outcome, &mut entries, request.changes.bump_revision)?;
    // What is beside the keys.
    let warnings = users(walk, &mut append, replayed.as_ref(), auth_revision)?;
    let (leases, counts) = match &replayed {
        Some((replayed, salvaged)) if salvaged.changes > 0 || replayed.revision() == reached => {
            leases_of_log(replayed)
        }
        _ => walk.leases(&db, &outcome, request.changes.unknown_lease_ttl)?,
    };
    let marks = marks(walk, &db, start, (request.changes.history, &outcome))?;
    let buckets = vec![
        (bucket::LEASE, leases),
        (bucket::META, marks),
        (bucket::MEMBERS, start.members.clone()),
        (bucket::MEMBERS_REMOVED, Bucket::new()),
    ];
    replace_all(walk, &mut append, buckets)?;
    walk.session.phase(Phase::Flushing)?;
    append.commit().map_err(failed)?;
    Ok(Extended {
        outcome,
        reached,
        leases: counts,
        salvaged: replayed.map(|(_, salvaged)| salvaged),
        warnings,
    })
}

/// That of the full. An etcd that finds none begins with 1 (server/auth/store.go, NewAuthStore).
fn auth_revision(walk: &Walk<'_>, db: &Db<&Output>) -> Result<u64> {
    let read = store_state::auth_revision(db).map_err(|error| walk.unreadable(error))?;
    Ok(read.max(1))
}

/// Writes the users that only the log holds. What is to be told of them.
fn users(
    walk: &Walk<'_>,
    append: &mut Append<&Output>,
    replayed: Option<&(LogReplay<'_, '_>, Salvaged)>,
    auth_revision: u64,
) -> Result<Vec<String>> {
    let users = replayed.and_then(|(replayed, _)| salvage::users(replayed, auth_revision));
    let Some(users) = users else {
        return Ok(Vec::new());
    };
    let told = users.told();
    replace_all(walk, append, users.buckets)?;
    Ok(vec![told])
}

fn replace_all(
    walk: &Walk<'_>,
    append: &mut Append<&Output>,
    buckets: Vec<(&'static [u8], Bucket)>,
) -> Result<()> {
    for (name, content) in buckets {
        let replaced = append.replace(name, &content);
        replaced.map_err(|error| walk.failed(error))?;
    }
    Ok(())
}

/// Where the log says what leases there are, all of them are known.
fn leases_of_log(replayed: &LogReplay<'_, '_>) -> (Bucket, LeaseCounts) {
    let leases = salvage::leases(replayed);
    let counts = LeaseCounts {
        kept: leases.len(),
        ..LeaseCounts::default()
    };
    (leases, counts)
}

/// The meta bucket: that of the full, with what a new member begins with.
fn marks(
    walk: &Walk<'_>,
    db: &Db<&Output>,
    start: &FreshStart,
    (history, outcome): (History, &Outcome),
) -> Result<Bucket> {
    let mut marks = contents(db, bucket::META).map_err(|error| walk.failed(error))?;
    marks.extend(start.meta.clone());
    if history == History::MarkedCompacted {
        let mark = Revision::new(outcome.revision, 0).to_bytes();
        marks.insert(meta::SCHEDULED_COMPACTION.to_vec(), mark.to_vec());
    }
    Ok(marks)
}

/// An entry without a value, so many revisions ahead, as `etcdutl snapshot restore
/// --bump-revision` writes it (etcd 3.6, `etcdutl/snapshot/v3_snapshot.go`).
fn bump(outcome: &mut Outcome, entries: &mut impl Entries<Error = Error>, by: u64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    let bumped = outcome.revision.checked_add_unsigned(by);
    let from = outcome.revision;
    let bumped = bumped.filter(|bumped| *bumped <= LAST);
    outcome.revision = bumped.ok_or(BadOption::BumpBeyond { by, from })?;
    let entry = Entry::put(Revision::new(outcome.revision, 0)).to_bytes();
    outcome.hash(&entry);
    entries.push(&entry, b"")
}
