//! A number for each question that an operator has.

use super::level::Level;
use super::reach::Loss;
use crate::drill::{Drill, Verdict};
use crate::known::Known;
use crate::listing::{Lineage, Object, Proof};
use crate::sidecar::{Member, Taken};
use crate::store::Store;
use crate::words::{ago, bytes, counted, duration, grouped, moment, until};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What it is about.
    pub name: &'static str,
    /// The answer.
    pub value: String,
    /// What belongs to it.
    pub note: String,
}

pub(super) fn tiles(known: &Known) -> Vec<Tile> {
    let Some(store) = &known.store else {
        return Vec::new();
    };
    let mut tiles = vec![loss(known), proof(known)];
    tiles.extend(drill(known, &store.drill));
    tiles.extend([taken(known, "Last full"), taken(known, "Last delta")]);
    if let Some(sidecar) = &known.sidecar {
        tiles.extend(
            sidecar
                .backups
                .next_full
                .map(|due| tile("Next full", until(due, known.now), moment(due))),
        );
        tiles.extend(sidecar.member.as_ref().map(database));
    }
    tiles.push(stored(store));
    tiles
}

fn tile(name: &'static str, value: impl Into<String>, note: impl Into<String>) -> Tile {
    Tile {
        name,
        value: value.into(),
        note: note.into(),
    }
}

const NOT_KNOWN: &str = "not known";

fn loss(known: &Known) -> Tile {
    const NAME: &str = "Would be lost now";
    match known.loss() {
        None => tile(NAME, NOT_KNOWN, ""),
        Some(Loss::Nothing) => tile(NAME, "nothing", "etcd has written nothing since"),
        Some(Loss::Since(time, revisions)) => tile(
            NAME,
            duration(time),
            format!(
                "of writes; {} behind when etcd was last asked",
                counted(
                    usize::try_from(revisions).unwrap_or(0),
                    "revision",
                    "revisions"
                )
            ),
        ),
        Some(Loss::Perhaps(time)) => tile(
            NAME,
            format!("up to {}", duration(time)),
            "of writes, if there were any: no etcd is asked here",
        ),
    }
}

fn proof(known: &Known) -> Tile {
    const NAME: &str = "Last proven";
    let is_listed = (known.store.as_ref()).is_some_and(|store| store.listing.is_some());
    let Some(Proof { tier, revision, at }) = known.proof() else {
        let note = "as far as is noted in the store; `etcdbrctl verify` proves it";
        return match is_listed {
            true => tile(NAME, "never", note),
            false => tile(NAME, NOT_KNOWN, ""),
        };
    };
    if known.reach().is_none_or(|reach| revision > reach.revision) && is_listed {
        let note = format!(
            "the one of revision {}, {}, is of what cannot be restored now",
            grouped(revision),
            ago(at, known.now)
        );
        return tile(NAME, "not what is left", note);
    }
    let by = match tier {
        2 => "by the hash that etcd remembers from a compaction",
        3 => "by what was noted of a full when it was taken",
        _ => "by a hash for which etcd has read its whole database",
    };
    tile(
        NAME,
        ago(at, known.now),
        format!("up to revision {}, {by}", grouped(revision)),
    )
}

fn drill(known: &Known, drill: &Drill) -> Option<Tile> {
    const NAME: &str = "Last drill";
    Some(match drill {
        Drill::Unnamed => return None,
        Drill::Never => tile(NAME, "none", "`etcdbrctl drill` rehearses a restore"),
        Drill::Unreadable(_) => tile(NAME, NOT_KNOWN, ""),
        Drill::Made {
            at, verdict, took, ..
        } => {
            let word = match verdict {
                Verdict::Passed => "passed",
                Verdict::Differs => "differs",
                Verdict::Failed => "failed",
            };
            let took = match took {
                Some(took) => format!("; restored in {}", duration(*took)),
                None => String::new(),
            };
            let note = format!("{}{took}", moment(*at));
            tile(NAME, format!("{word}, {}", ago(*at, known.now)), note)
        }
    })
}

/// The newest full, or the newest delta: what the sidecar knows counts more than a listing.
fn taken(known: &Known, name: &'static str) -> Tile {
    let is_full = name == "Last full";
    let told = known.sidecar.as_ref().and_then(|one| match is_full {
        true => one.backups.last_full.as_ref(),
        false => one.backups.last_delta.as_ref(),
    });
    if let Some(Taken { revision, at, .. }) = told {
        return tile(
            name,
            ago(*at, known.now),
            format!("up to revision {}, {}", grouped(*revision), moment(*at)),
        );
    }
    let listing = known
        .store
        .as_ref()
        .and_then(|store| store.listing.as_deref());
    let objects = listing
        .and_then(|listing| listing.newest())
        .into_iter()
        .flat_map(Lineage::objects);
    let of_kind = objects.filter(|one| (one.first == 0) == is_full);
    match of_kind.max_by_key(|one| (one.at, one.last)) {
        Some(Object {
            last, at: Some(at), ..
        }) => tile(
            name,
            ago(*at, known.now),
            format!("up to revision {}, {}", grouped(*last), moment(*at)),
        ),
        Some(Object { last, .. }) => tile(
            name,
            NOT_KNOWN,
            format!("up to revision {}", grouped(*last)),
        ),
        None if listing.is_some() => tile(name, "none", ""),
        None => tile(name, NOT_KNOWN, ""),
    }
}

fn database(member: &Member) -> Tile {
    let in_use = bytes(member.db_bytes_in_use);
    let note = match member.quota {
        Some(quota) => format!(
            "in use, of {} in the file; {} at most",
            bytes(member.db_bytes),
            bytes(quota)
        ),
        None => format!("in use, of {} in the file", bytes(member.db_bytes)),
    };
    tile("Database", in_use, note)
}

fn stored(store: &Store) -> Tile {
    const NAME: &str = "In the store";
    let Some(listing) = &store.listing else {
        return tile(NAME, NOT_KNOWN, "");
    };
    let objects = || listing.lineages.iter().flat_map(Lineage::objects);
    let size = objects().map(|one| one.bytes).fold(0, u64::saturating_add);
    tile(
        NAME,
        bytes(size),
        counted(objects().count(), "snapshot", "snapshots"),
    )
}

/// How old what is shown of the store is.
pub(super) fn as_of(known: &Known) -> (Level, String) {
    let Some(store) = &known.store else {
        return (Level::Unknown, "No store is configured.".to_owned());
    };
    let every = duration(store.every);
    match (&store.listing, &store.fault) {
        (None, _) => (
            Level::Unknown,
            format!(
                "The store was not listed yet. It is, once each {every} at most, while somebody looks at this page."
            ),
        ),
        (Some(listing), fault) => {
            let age = ago(listing.at, known.now);
            let level = if fault.is_some() {
                Level::Problem
            } else {
                Level::Good
            };
            (
                level,
                format!(
                    "Listed {age}, at {}; once each {every} at most, while somebody looks at this page.",
                    moment(listing.at)
                ),
            )
        }
    }
}
