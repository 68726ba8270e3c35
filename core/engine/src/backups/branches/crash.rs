//! What a crash between an object and its metadata has left.

use std::collections::HashSet;

use super::origin::Origin;
use crate::backups::catalogue::{CLOCK_SKEW, Snapshot};
use crate::backups::name::Kind;

/// Adds to the `newest` lineage the snapshots of unknown origin that a crash may have left: a delta that begins where the
/// lineage ends, or a full of a revision at which one of its objects ends, written when it belongs there. `snapshots`
/// are in the order of their revisions.
pub(super) fn add_left_by_crash(snapshots: &[Snapshot], newest: &Origin, origins: &mut [Origin]) {
    let mut reach = Reach::default();
    for (snapshot, _) in of(snapshots, newest, origins) {
        reach.add(snapshot);
    }
    for place in 0..snapshots.len() {
        let (Some(snapshot), Some(Origin::Unknown)) = (snapshots.get(place), origins.get(place))
        else {
            continue;
        };
        let is_left = match snapshot.name.kind {
            // A full is named by the revision that was stored last when it was begun.
            Kind::Full => {
                reach.ends.contains(&snapshot.name.last)
                    && of(snapshots, newest, origins).all(|(one, _)| fits(snapshot, one))
            }
            Kind::Delta => {
                let before = snapshot.name.first.checked_sub(1);
                before.is_some_and(|before| {
                    reach.end == Some(before)
                        && reach.created <= Some(snapshot.name.created.saturating_add(CLOCK_SKEW))
                        && !continues_unknown(snapshot, before, snapshots, origins)
                })
            }
        };
        if is_left && let Some(origin) = origins.get_mut(place) {
            *origin = newest.clone();
            reach.add(snapshot);
        }
    }
}

/// How far a lineage goes.
#[derive(Default)]
struct Reach {
    /// The revisions at which its objects end.
    ends: HashSet<i64>,
    /// The last of them.
    end: Option<i64>,
    /// When the last object was begun.
    created: Option<i64>,
}

impl Reach {
    fn add(&mut self, snapshot: &Snapshot) {
        self.ends.insert(snapshot.name.last);
        self.end = self.end.max(Some(snapshot.name.last));
        self.created = self.created.max(Some(snapshot.name.created));
    }
}

pub(super) fn of<'a>(
    snapshots: &'a [Snapshot],
    wanted: &'a Origin,
    origins: &'a [Origin],
) -> impl Iterator<Item = (&'a Snapshot, &'a Origin)> {
    let all = snapshots.iter().zip(origins);
    all.filter(move |(_, origin)| *origin == wanted)
}

/// Whether times ascend with revisions, as far as clocks agree.
pub(super) fn fits(new: &Snapshot, one: &Snapshot) -> bool {
    let (earlier, later) = match one.name.last <= new.name.last {
        true => (one, new),
        false => (new, one),
    };
    earlier.name.created <= later.name.created.saturating_add(CLOCK_SKEW)
}

/// Whether an older snapshot of unknown origin ends at revision `before` as well: then the delta may continue that.
pub(super) fn continues_unknown(
    delta: &Snapshot,
    before: i64,
    snapshots: &[Snapshot],
    origins: &[Origin],
) -> bool {
    let from = snapshots.partition_point(|one| one.name.last < before);
    let of_end = snapshots.iter().zip(origins).skip(from);
    of_end
        .take_while(|(one, _)| one.name.last == before)
        .any(|(one, origin)| *origin == Origin::Unknown && one.name.created <= delta.name.created)
}
