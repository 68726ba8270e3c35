use super::catalogue::{Catalogue, Snapshot};

/// A full and the deltas that continue it: one line of history that a restore can walk along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Where it begins. `None`: at an empty etcd, whose first write is revision 2.
    pub full: Option<Snapshot>,
    /// What continues it, by first revision, up to the next full.
    pub deltas: Vec<Snapshot>,
    /// The last revision that can be reached without a gap, by the names.
    pub reaches: i64,
    /// The first gap, if there is one. What follows it cannot be reached.
    pub gap: Option<Gap>,
}

/// Revisions that no object holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The last revision before it.
    pub after: i64,
    /// The first revision after it.
    pub before: i64,
    /// The object that begins after it.
    pub object: Snapshot,
}

impl Chain {
    /// The revision at which the chain begins, by the name of its full.
    pub fn begins(&self) -> i64 {
        self.full
            .as_ref()
            .map_or(EMPTY_REVISION, |full| full.name.last)
    }

    /// Bytes in the store.
    pub fn size(&self) -> u64 {
        self.full
            .iter()
            .chain(&self.deltas)
            .map(|snapshot| snapshot.size)
            .sum()
    }

    /// Puts `deltas` after `full` and finds out how far they reach.
    pub(crate) fn link(full: Option<Snapshot>, mut deltas: Vec<Snapshot>) -> Self {
        deltas.sort_by_key(along);
        let mut chain = Self {
            full,
            deltas,
            reaches: 0,
            gap: None,
        };
        chain.reaches = chain.begins();
        for delta in &chain.deltas {
            if delta.name.first > chain.reaches.saturating_add(1) {
                chain.gap = Some(Gap {
                    after: chain.reaches,
                    before: delta.name.first,
                    object: delta.clone(),
                });
                break;
            }
            chain.reaches = chain.reaches.max(delta.name.last);
        }
        chain
    }
}

/// The first delta that begins before the one before it ends, among all that were written since `full`, of whatever origin.
///
/// etcd-backup-restore ends with an error on it (its issue 1043). That the first of them begins in the full it takes.
pub(crate) fn overlapping<'a>(full: &Snapshot, catalogue: &'a Catalogue) -> Option<&'a Snapshot> {
    let mut deltas: Vec<&Snapshot> = since(full, catalogue).collect();
    deltas.sort_by_key(|delta| along(delta));
    let mut reached = None;
    deltas.into_iter().find(|delta| {
        let overlaps = reached.is_some_and(|reached| delta.name.first <= reached);
        reached = reached.max(Some(delta.name.last));
        overlaps
    })
}

/// The deltas that were written after `full` and lead beyond it.
pub(crate) fn since<'a>(
    full: &Snapshot,
    catalogue: &'a Catalogue,
) -> impl Iterator<Item = &'a Snapshot> {
    let (last, created) = (full.name.last, full.name.created);
    catalogue
        .deltas()
        .filter(move |delta| delta.name.last > last && delta.name.created >= created)
}

/// The revision of an etcd that nothing was written to.
pub(crate) const EMPTY_REVISION: i64 = 1;

/// The order in which deltas are applied.
pub(crate) fn along(delta: &Snapshot) -> (i64, i64, i64) {
    (delta.name.first, delta.name.last, delta.name.created)
}

/// The chains of a store, oldest first: one for each full, with the deltas up to the next, and
/// before them the deltas that no full precedes.
pub fn chains(catalogue: &Catalogue) -> Vec<Chain> {
    let mut chains = Vec::new();
    let fulls: Vec<&Snapshot> = catalogue.fulls().collect();
    let up_to = |bound: Option<&&Snapshot>, from: i64| -> Vec<Snapshot> {
        let end = bound.map_or(i64::MAX, |full| full.name.last);
        let within = |delta: &&Snapshot| delta.name.last > from && delta.name.last <= end;
        catalogue.deltas().filter(within).cloned().collect()
    };
    let headless = up_to(fulls.first(), i64::MIN);
    if !headless.is_empty() {
        chains.push(Chain::link(None, headless));
    }
    for (at, full) in fulls.iter().enumerate() {
        let deltas = up_to(fulls.get(at + 1), full.name.last);
        chains.push(Chain::link(Some((*full).clone()), deltas));
    }
    chains
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::backups::name::SnapshotName;
    use snapstore::{Key, ObjectMeta};

    pub(crate) fn catalogue(names: &[&str]) -> Catalogue {
        Catalogue::of(names.iter().map(|name| {
            SnapshotName::parse(name).unwrap();
            ObjectMeta {
                id: Key::new(format!("v2/{name}")).unwrap().into(),
                size: 10,
                modified: None,
                etag: None,
                retain_until: None,
                excluded: false,
                delete_marker: false,
            }
        }))
    }

    #[test]
    fn deltas_follow_the_full_before_them() {
        let catalogue = catalogue(&[
            "Full-00000000-00000010-1",
            "Incr-00000011-00000020-2",
            "Full-00000000-00000025-3",
            "Incr-00000026-00000030-4",
            "Incr-00000033-00000040-5",
        ]);
        let chains = chains(&catalogue);
        assert_eq!(chains.len(), 2);
        assert_eq!(
            (
                chains[0].begins(),
                chains[0].reaches,
                chains[0].gap.is_none()
            ),
            (10, 20, true)
        );
        assert_eq!((chains[1].begins(), chains[1].reaches), (25, 30));
        let gap = chains[1].gap.as_ref().unwrap();
        assert_eq!((gap.after, gap.before), (30, 33));
    }

    #[test]
    fn deltas_without_a_full_start_from_nothing() {
        let whole = chains(&catalogue(&["Incr-00000002-00000020-2"]));
        assert_eq!((whole[0].begins(), whole[0].reaches), (1, 20));
        let cut = chains(&catalogue(&["Incr-00000009-00000020-2"]));
        assert_eq!(cut[0].reaches, 1);
        assert!(cut[0].gap.is_some());
    }

    /// A name may hold any number, and the one after the largest made `list` and `restore` panic.
    #[test]
    fn nothing_comes_after_the_last_revision_there_can_be() {
        let last = "9223372036854775807";
        let chains = chains(&catalogue(&[
            &format!("Full-00000000-{last}-1"),
            &format!("Incr-00000002-{last}-2"),
            &format!("Incr-{last}-{last}-3"),
        ]));
        assert!(chains.iter().all(|chain| chain.gap.is_none()));
    }

    /// Two snapshotters wrote during a change of leader: same start, different ends. The
    /// reference aborts on these ("mismatched event revision", its issue 1043).
    /// Two processes wrote deltas at once: the reference could not restore them, and whoever began next went on with them.
    #[test]
    fn what_the_reference_cannot_restore_is_seen() {
        let full = "Full-00000000-00000010-100";
        let overlaps = |deltas: &[&str]| {
            let catalogue = catalogue(&[&[full], deltas].concat());
            let full = catalogue.fulls().next().cloned().unwrap();
            let found = overlapping(&full, &catalogue);
            found.map(|delta| delta.name.to_string())
        };
        let fits = ["Incr-00000011-00000020-101", "Incr-00000021-00000030-102"];
        assert_eq!(overlaps(&fits), None);
        // The first may begin in the full; and what was there before it is of no concern.
        let in_full = ["Incr-00000005-00000020-101", "Incr-00000012-00000040-99"];
        assert_eq!(overlaps(&in_full), None);
        let twice = ["Incr-00000011-00000020-101", "Incr-00000011-00000020-103"];
        assert_eq!(overlaps(&twice).as_deref(), Some(twice[1]));
        let within = ["Incr-00000011-00000030-101", "Incr-00000012-00000020-103"];
        assert_eq!(overlaps(&within).as_deref(), Some(within[1]));
        let later = [fits[0], fits[1], "Incr-00000030-00000040-105"];
        assert_eq!(overlaps(&later).as_deref(), Some(later[2]));
    }

    #[test]
    fn overlapping_deltas_are_no_gap() {
        let chains = chains(&catalogue(&[
            "Full-00000000-00000010-1",
            "Incr-00000011-00000030-2",
            "Incr-00000011-00000020-3",
            "Incr-00000021-00000040-4",
        ]));
        assert_eq!(chains[0].reaches, 40);
        assert!(chains[0].gap.is_none());
    }
}
