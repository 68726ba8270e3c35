use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bolt::Db;
use etcd::mvcc::KeyValue;
use etcd::replay::{Refused, Salvage, Servers};
use etcd::revision::{Entry, Revision};
use etcd::store_state::StoreState;

use super::etcd_faults::{self, EARLY_3_5};
use super::{compare, directory};
use crate::etcd::{Change, Etcd, Watched};

/// Saves a full of an etcd. One that checks its users, or has died, gives none.
pub(super) fn back_up(etcd: &Etcd, full: &Path) {
    let saved = File::create(full)
        .map_err(anyhow::Error::from)
        .and_then(|file| etcd.snapshot(file));
    if saved.is_err() {
        // There is none, then, as before.
        let _ = fs::remove_file(full);
    }
}

/// Replays the log of the killed etcd after the full, and holds what comes of it against the etcd
/// booted on the copy. `None` when there is no full, or the log no longer reaches back to it, or it
/// is not certain what it did.
pub(super) fn same(
    full: &Path,
    killed: &Path,
    servers: Servers,
    etcd: &Etcd,
) -> Result<Option<u64>> {
    let compared = compared(full, killed, servers, etcd);
    match &compared {
        Err(_) if full.exists() && etcd_faults::explain_it(full, killed, servers)? => Ok(None),
        _ => compared,
    }
}

fn compared(full: &Path, killed: &Path, servers: Servers, etcd: &Etcd) -> Result<Option<u64>> {
    if !full.exists() {
        return Ok(None);
    }
    let full = Db::open(File::open(full)?)?;
    let at = StoreState::read(&full)?;
    let log = directory::whole_log(killed)?;
    let Some(start) = log.start_before(at.consistent_index) else {
        return Ok(None);
    };
    let log = log.starting_at(start)?;
    let mut salvage = match Salvage::begin(&full, &log, servers) {
        Ok(salvage) => salvage,
        // What an etcd that goes on holds in memory alone is not known; nothing was claimed.
        Err(Refused::Uncertain(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (here, there) = (salvage.revision(), compare::revision(etcd)?);
    // 3.5.1 may commit the index of an entry before its effect, which is lost when it is killed just then
    // (etcd issue 13766). The log still has it.
    if here == there + 1 && servers == EARLY_3_5 {
        return Ok(None);
    }
    // A watch would wait for a revision that never comes.
    ensure!(
        here <= there,
        "the log leads to revision {here} after the full, and the etcd is at {there}"
    );
    // Where users are checked nobody watches without a name.
    if !salvage.state().auth().is_enabled() {
        match check_events(&mut salvage, at.revision, here, etcd) {
            // The fulls of 3.5.1 may lack a change, which just this shows.
            Err(error) if is_refused(&error) && servers == EARLY_3_5 => return Ok(None),
            checked => checked.context("events")?,
        }
    }
    match salvage.beyond(at.revision, |_, _| Ok(())) {
        Ok(changes) => {
            compare::same(salvage.state(), etcd)?;
            Ok(Some(changes))
        }
        // A full of few puts proves nothing, and where no event could be watched neither.
        Err(Refused::Unproven) => Ok(None),
        Err(error) => Err(error).context("beyond"),
    }
}

fn is_refused(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Refused::Diverged(_)))
}

/// Holds what the etcd says has happened since the full, as deltas hold it, against what the log
/// regenerates, up to revision `until`, which must have happened.
fn check_events(
    salvage: &mut Salvage<'_, File, File>,
    since: i64,
    until: i64,
    etcd: &Etcd,
) -> Result<()> {
    let Watched::Events(events) = etcd.watch(since + 1, until)? else {
        return Ok(());
    };
    let mut at = Revision::new(since, 0);
    for event in events {
        // A watch gives the changes of a revision in their order.
        at = match event.revision() {
            main if main == at.main => Revision::new(main, at.sub + 1),
            main => Revision::new(main, 0),
        };
        let entry = match event.change {
            Change::Put => Entry::put(at),
            Change::Delete => Entry::tombstone(at),
        };
        let kv = KeyValue {
            key: &event.kv.key.0,
            create_revision: event.kv.create_revision.signed(),
            mod_revision: event.kv.mod_revision.signed(),
            version: event.kv.version.signed(),
            value: &event.kv.value.0,
            lease: event.kv.lease.signed(),
        };
        salvage.check(entry, &kv)?;
    }
    Ok(())
}
