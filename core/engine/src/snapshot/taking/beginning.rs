//! Where a snapshotter goes on: how far the newest chain of the store reaches, and what proves its history.

use std::io::Read;

use jiff::Timestamp;
use snapstore::Key;

use super::chain_there::ChainEnds;
use super::error::{Error, Result};
use super::held::held;
use super::last_event::last_event;
use super::notice::{Listener, Notice};
use super::raft_log::LogMark;
use crate::backups::branches::{Branch, Holdings};
use crate::backups::chain::overlapping;
use crate::backups::delta::HashCheck;
use crate::backups::fetch::unreadable;
use crate::backups::listing::read_catalogue;
use crate::backups::metadata::{
    AllMetadata, Beside, Lineage, Metadata, Previous, open_all, read_all,
};
use crate::backups::{self, Chain, Kind, Snapshot, chains, content};
use crate::error::Error as System;
use crate::session::Session;
use crate::snapshot::deltas::Witness;
use crate::snapshot::description::witness_of;
use crate::snapshot::machine::Reached;

/// What the store holds.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) reached: Reached,
    /// `None`: what wrote the newest chain knows none, or there is no chain.
    pub(super) lineage: Option<Lineage>,
    /// The newest event that is known of its history.
    pub(super) witness: Option<Witness>,
    /// Events of it that are known, in order.
    pub(super) witnesses: Vec<Witness>,
    /// The latest time in a name, seconds since 1970: names ascend.
    pub(super) created: i64,
    pub(super) previous: Option<Previous>,
    /// What the next delta continues, if one may.
    pub(super) ends: Option<ChainEnds>,
    /// A delta since its full that overlaps with another.
    pub(super) overlap: Option<Key>,
    /// Where the log of raft stood at the newest full that tells.
    pub(super) log: Option<LogMark>,
    /// When its full was begun.
    pub(super) full: Option<Timestamp>,
    /// What no event carries, as it was then.
    pub(super) beside: Beside,
}

/// Reads what is there.
pub(super) async fn read(session: &Session, listener: &dyn Listener) -> Result<Beginning> {
    let catalogue = read_catalogue(session).await?;
    let read = session
        .cancel
        .run_until_cancelled(read_all(&*session.store));
    let all = read.await.ok_or(Error::Interrupted)?;
    let mut all = all.map_err(|source| Error::Metadata {
        location: session.store.location().to_string(),
        source,
    })?;
    let opening = open_all(&mut all, &*session.store, &session.keys);
    let opened = session.cancel.run_until_cancelled(opening).await;
    let opened = opened.ok_or(Error::Interrupted)?;
    opened.map_err(|source| Error::Metadata {
        location: session.store.location().to_string(),
        source: source.into(),
    })?;
    for ignored in &catalogue.ignored {
        listener.notice(&Notice::Unreadable {
            key: Some(ignored.key.clone()),
            why: ignored.reason.clone(),
        });
    }
    for why in all.unreadable.values() {
        let why = why.to_string();
        listener.notice(&Notice::Unreadable { key: None, why });
    }
    let created = catalogue.snapshots.iter().map(|one| one.name.created);
    let created = created.max().unwrap_or(0);
    let holdings = Holdings::of(catalogue, &all);
    match holdings.newest() {
        Some(newest) => {
            let mut beginning = of_branch(session, newest, &all, created, listener).await?;
            if holdings.doubt(Some(newest)).is_some() {
                // Something may lead further, and cannot be read: a full rests on nothing.
                beginning.reached = Reached::Broken(beginning.reached.last());
                beginning.ends = None;
            }
            let ends = beginning.ends.as_ref();
            let is_full = |full: &&Snapshot| ends.is_some_and(|ends| ends.full == *full.key());
            let listed = &holdings.listed;
            let full = listed.fulls().find(is_full);
            let overlap = full.and_then(|full| overlapping(full, listed));
            beginning.overlap = overlap.map(|delta| delta.key().clone());
            Ok(beginning)
        }
        None => Ok(Beginning {
            reached: Reached::Nothing,
            lineage: None,
            witness: None,
            witnesses: Vec::new(),
            created,
            previous: None,
            ends: None,
            overlap: None,
            log: None,
            full: None,
            beside: Beside::default(),
        }),
    }
}

/// The newest chain of a lineage.
async fn of_branch(
    session: &Session,
    branch: &Branch,
    all: &AllMetadata,
    created: i64,
    listener: &dyn Listener,
) -> Result<Beginning> {
    let chain = chains(&branch.catalogue).pop().unwrap_or_default();
    let metadata = |snapshot: &Snapshot| all.by_snapshot.get(snapshot.key().file_name());
    let of_full = chain.full.as_ref().and_then(metadata);
    let last = last_of(&chain);
    let of_last = last.and_then(metadata);
    let is_open = is_open(session, &chain, listener).await;
    // What no lineage names is not continued by what has one: its first snapshot is a full.
    let continued = branch.lineage.as_ref().filter(|_| is_open);
    let held = match continued.filter(|_| chain.gap.is_none()) {
        Some(_) => held_by(session, &chain, of_full, listener).await,
        None => Held::default(),
    };
    let noted = branch.catalogue.snapshots.iter().filter_map(metadata);
    let mut witnesses: Vec<Witness> = noted.filter_map(witness_of).collect();
    witnesses.extend(held.last);
    witnesses.sort_by_key(|witness| witness.mod_revision);
    witnesses.dedup_by_key(|witness| witness.mod_revision);
    let newest = witnesses.last().cloned();
    let has_none = of_last.and_then(witness_of).is_none();
    let is_unknown = |delta: &&Snapshot| delta.name.kind == Kind::Delta && has_none;
    let of_delta = match last.filter(is_unknown).filter(|_| is_open) {
        Some(delta) => read_last(session, delta, listener).await,
        None => None,
    };
    // The full may hold more than the delta after it.
    let witness = of_delta
        .into_iter()
        .chain(newest)
        .max_by_key(|one| one.mod_revision);
    let reached = match continued {
        Some(_) => reached(&chain, held.revision),
        None => Reached::Broken(last.map_or(0, |last| last.name.last)),
    };
    Ok(Beginning {
        ends: ends(&chain).filter(|_| !matches!(reached, Reached::Broken(_))),
        overlap: None,
        reached,
        lineage: branch.lineage.clone(),
        witness,
        witnesses,
        created,
        // Of an object of another history none of this one says that it was before it.
        previous: branch.lineage.as_ref().and(last).map(|last| Previous {
            snapshot: last.key().file_name().to_owned(),
            stored_sha256: of_last.and_then(|metadata| metadata.stored_sha256.clone()),
        }),
        log: branch
            .catalogue
            .snapshots
            .iter()
            .filter_map(|full| LogMark::of(metadata(full)?))
            .max_by_key(|mark| mark.revision),
        full: chain.full.as_ref().and_then(|full| full.name.created_at()),
        beside: of_full
            .and_then(|full| full.beside.clone())
            .unwrap_or_default(),
    })
}

/// What the full of a chain holds.
#[derive(Default)]
struct Held {
    /// Its last revision.
    revision: Option<i64>,
    /// Its last event, where nobody has noted it.
    last: Option<Witness>,
}

/// What the full of a chain holds, by its metadata; by all of it where a crash has kept that from being written: deltas
/// may end below what it holds, and an etcd that parted from it there would be taken for the one it is of.
async fn held_by(
    session: &Session,
    chain: &Chain,
    of_full: Option<&Metadata>,
    listener: &dyn Listener,
) -> Held {
    let noted = of_full.and_then(|metadata| metadata.holds);
    let (None, Some(full)) = (noted, &chain.full) else {
        return Held {
            revision: noted,
            last: None,
        };
    };
    match held(session, full).await {
        Ok(holds) => Held {
            revision: Some(holds.revision),
            last: holds.last_event.as_ref().map(Witness::of_last),
        },
        Err(error) => {
            let (key, why) = (Some(full.key().clone()), error.to_string());
            listener.notice(&Notice::Unreadable { key, why });
            Held::default()
        }
    }
}

/// The last event of a delta of which nothing is noted; `None`, and told, where it cannot be read.
async fn read_last(
    session: &Session,
    delta: &Snapshot,
    listener: &dyn Listener,
) -> Option<Witness> {
    match last_event(session, delta).await {
        Ok(witness) => witness,
        Err(error) => {
            let (key, why) = (Some(delta.key().clone()), error.to_string());
            listener.notice(&Notice::Unreadable { key, why });
            None
        }
    }
}

/// Whether the newest object of a chain can be read here, as far as encryption is concerned. What could not be proven must not be
/// continued: it is told, and a full begins a chain with a key of its own.
async fn is_open(session: &Session, chain: &Chain, listener: &dyn Listener) -> bool {
    let Some(last) = last_of(chain).filter(|last| last.name.encoding.is_encrypted()) else {
        return true;
    };
    if !session.keys.encrypts() {
        let key = last.key();
        listener.notice(&Notice::EncryptionEnds { key });
    }
    match first_byte(session, last).await {
        Err(error @ backups::Error::Locked { .. }) => {
            let (key, why) = (Some(last.key().clone()), error.to_string());
            listener.notice(&Notice::Unreadable { key, why });
            false
        }
        // Anything else is found out where it is read.
        _ => true,
    }
}

async fn first_byte(session: &Session, snapshot: &Snapshot) -> backups::Result<()> {
    let (session, snapshot) = (session.clone(), snapshot.clone());
    let runtime = session.runtime.clone();
    let reading = runtime.spawn_blocking(move || {
        let mut content = content::open(&session, &snapshot, HashCheck::Skipped);
        let read = content.read(&mut [0; 1]);
        read.map(drop)
            .map_err(|error| unreadable(&session, &snapshot, error))
    });
    let died = |_| System::Died("it opened an object".to_owned());
    reading.await.map_err(died)?
}

/// The object that brings the newest revision of a chain.
fn last_of(chain: &Chain) -> Option<&Snapshot> {
    let objects = chain.full.iter().chain(&chain.deltas);
    objects.max_by_key(|snapshot| (snapshot.name.last, snapshot.name.kind))
}

fn ends(chain: &Chain) -> Option<ChainEnds> {
    let key = |snapshot: &Snapshot| snapshot.key().clone();
    Some(ChainEnds {
        full: chain.full.as_ref().map(key)?,
        last: last_of(chain).map(key)?,
    })
}

/// How far a chain reaches whose full `holds` this.
fn reached(chain: &Chain, holds: Option<i64>) -> Reached {
    let last = last_of(chain).map_or(0, |last| last.name.last);
    match (&chain.full, holds) {
        // What no full precedes leads nowhere: a full is due at once. So it is where nobody knows what it holds.
        (None, _) | (_, None) => Reached::Broken(last),
        _ if chain.gap.is_some() => Reached::Broken(last),
        (Some(full), Some(holds)) if last == full.name.last => Reached::Full { named: last, holds },
        _ => Reached::Delta(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;

    fn of(names: &[&str]) -> Reached {
        let chain = chains(&catalogue(names)).pop().unwrap();
        reached(&chain, Some(12))
    }

    /// Deltas were added after a hole, and counted as restorable.
    #[test]
    fn only_a_chain_without_a_hole_is_continued() {
        let full = "Full-00000000-00000010-1";
        let named = Reached::Full {
            named: 10,
            holds: 12,
        };
        assert_eq!(of(&[full]), named);
        let delta = "Incr-00000011-00000020-2";
        assert_eq!(of(&[full, delta]), Reached::Delta(20));
        let after = "Incr-00000022-00000030-3";
        assert_eq!(of(&[full, delta, after]), Reached::Broken(30));
        assert_eq!(of(&[delta]), Reached::Broken(20));
        let chain = chains(&catalogue(&[full, delta])).pop().unwrap();
        assert_eq!(reached(&chain, None), Reached::Broken(20));
    }
}
