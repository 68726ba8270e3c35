//! Which lineage a snapshot belongs to that does not say it itself.

use std::collections::HashMap;

use crate::backups::catalogue::Snapshot;
use crate::backups::metadata::AllMetadata;
use crate::backups::name::Kind;

/// To which history a snapshot belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// Nothing says it: another program has written it.
    Unknown,
    /// Its metadata cannot be read, and may say anything: it belongs nowhere.
    Unreadable,
    /// To the lineage with this id.
    Lineage(String),
}

/// For each snapshot what its own metadata says.
pub(super) fn said(snapshots: &[Snapshot], all: &AllMetadata) -> Vec<Origin> {
    let said = |snapshot: &Snapshot| {
        let name = snapshot.key().file_name();
        if all.unreadable.contains_key(name) {
            return Origin::Unreadable;
        }
        let metadata = all.by_snapshot.get(name);
        let lineage = metadata.and_then(|metadata| metadata.lineage.as_ref());
        lineage.map_or(Origin::Unknown, |lineage| {
            Origin::Lineage(lineage.id.clone())
        })
    };
    snapshots.iter().map(said).collect()
}

/// Adds what others name as the object that they continue: its own metadata was lost. Where a lineage continues what
/// another program has written, and has no full before that, what leads there by names and times comes with it.
pub(super) fn add_previous(snapshots: &[Snapshot], all: &AllMetadata, origins: &mut [Origin]) {
    let mut continued_by: HashMap<&str, &Origin> = HashMap::new();
    let said: Vec<Origin> = origins.to_vec();
    for (snapshot, origin) in snapshots.iter().zip(&said) {
        let metadata = all.by_snapshot.get(snapshot.key().file_name());
        let previous = metadata.and_then(|metadata| metadata.previous.as_ref());
        if let (Some(previous), Origin::Lineage(_)) = (previous, origin) {
            continued_by.entry(&previous.snapshot).or_insert(origin);
        }
    }
    let mut continued = Vec::new();
    for (snapshot, origin) in snapshots.iter().zip(origins.iter_mut()) {
        if let (Origin::Unknown, Some(by)) =
            (&*origin, continued_by.get(snapshot.key().file_name()))
        {
            *origin = (*by).clone();
            continued.push((snapshot, (*by).clone()));
        }
    }
    for (last, lineage) in continued {
        let begins = |(snapshot, origin): (&Snapshot, &Origin)| {
            let is_full = snapshot.name.kind == Kind::Full;
            *origin == lineage && is_full && snapshot.name.last <= last.name.last
        };
        if snapshots.iter().zip(origins.iter()).any(begins) {
            continue;
        }
        for (snapshot, origin) in snapshots.iter().zip(origins.iter_mut()) {
            let leads_there =
                snapshot.name.last <= last.name.last && snapshot.name.created <= last.name.created;
            if *origin == Origin::Unknown && leads_there {
                *origin = lineage.clone();
            }
        }
    }
}
