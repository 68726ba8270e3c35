//! Which deltas become one. Pure: decided from names, sizes and marks.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::backups::branches::Branch;
use crate::backups::{Chain, Snapshot, chains};

/// Deltas that become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// Two or more that follow on each other; or, where there is a merged one already, those that it covers.
    pub(super) parts: Vec<Snapshot>,
    /// The one that a run before has written.
    pub(super) merged: Option<Snapshot>,
}

/// What stays as it is, whatever it could be merged with.
#[derive(Debug)]
pub(super) struct Untouched<'a> {
    /// The names of those that somebody has marked.
    pub(super) marked: &'a BTreeSet<String>,
    /// The time now: what the store protects beyond it stays.
    pub(super) now: SystemTime,
}

/// The groups of all chains but the newest. `size`: bytes in the store that a merged delta may be made of.
pub(super) fn groups(branch: &Branch, untouched: &Untouched<'_>, size: u64) -> Vec<Parts> {
    let mut chains = chains(&branch.catalogue);
    // What follows on the newest full is what is restored, and grows.
    chains.pop();
    let of_chain = |chain: &Chain| {
        let (leftover, others) = covered(&chain.deltas, untouched);
        leftover
            .into_iter()
            .chain(following(others, untouched, size))
            .collect::<Vec<_>>()
    };
    chains.iter().flat_map(of_chain).collect()
}

impl Untouched<'_> {
    fn may_go(&self, delta: &Snapshot) -> bool {
        let is_protected = delta.retain_until.is_some_and(|until| until >= self.now);
        let is_old_layout = !delta.key().as_str().starts_with("v2/");
        !is_protected && !is_old_layout && !self.marked.contains(delta.key().file_name())
    }
}

/// Deltas inside a wider one, by that, and all the others.
fn covered(deltas: &[Snapshot], untouched: &Untouched<'_>) -> (Vec<Parts>, Vec<Snapshot>) {
    let covers = |one: &Snapshot, other: &Snapshot| {
        one.key() != other.key()
            && one.name.first <= other.name.first
            && other.name.last <= one.name.last
            && (one.name.first, one.name.last) != (other.name.first, other.name.last)
    };
    let is_covered = |delta: &Snapshot| deltas.iter().any(|one| covers(one, delta));
    let outermost: Vec<Snapshot> = deltas
        .iter()
        .filter(|one| !is_covered(one))
        .cloned()
        .collect();
    let leftover = outermost.iter().filter_map(|wide| {
        let inside = deltas
            .iter()
            .filter(|one| covers(wide, one) && untouched.may_go(one));
        let parts: Vec<Snapshot> = inside.cloned().collect();
        let merged = Some(wide.clone());
        (!parts.is_empty()).then_some(Parts { parts, merged })
    });
    (leftover.collect(), outermost)
}

/// Runs of deltas of which each begins where the one before ended.
fn following(deltas: Vec<Snapshot>, untouched: &Untouched<'_>, size: u64) -> Vec<Parts> {
    let mut groups: Vec<Vec<Snapshot>> = Vec::new();
    let mut bytes = 0_u64;
    for delta in deltas {
        if !untouched.may_go(&delta) {
            groups.push(Vec::new());
            continue;
        }
        let follows = groups.last().and_then(|group| group.last());
        let follows =
            follows.is_some_and(|last| last.name.last.checked_add(1) == Some(delta.name.first));
        bytes = bytes.saturating_add(delta.size);
        match groups.last_mut().filter(|_| follows && bytes <= size) {
            Some(group) => group.push(delta),
            None => {
                bytes = delta.size;
                groups.push(vec![delta]);
            }
        }
    }
    let several = groups.into_iter().filter(|group| group.len() > 1);
    several
        .map(|parts| Parts {
            parts,
            merged: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;

    const NAMES: [&str; 9] = [
        "Full-00000000-00000010-100",
        "Incr-00000011-00000020-110",
        "Incr-00000021-00000030-120",
        "Incr-00000031-00000040-130",
        "Full-00000000-00000040-140",
        "Incr-00000041-00000050-150",
        "Incr-00000052-00000060-160",
        "Full-00000000-00000060-170",
        "Incr-00000061-00000070-180",
    ];

    fn grouped(names: &[&str], marked: &[&str], size: u64) -> Vec<(Vec<i64>, Option<i64>)> {
        let branch = Branch {
            catalogue: catalogue(names),
            ..Branch::default()
        };
        let marked = marked.iter().map(|name| (*name).to_owned()).collect();
        let untouched = Untouched {
            marked: &marked,
            now: SystemTime::UNIX_EPOCH,
        };
        let first = |parts: &Parts| parts.parts.iter().map(|one| one.name.first).collect();
        let groups = groups(&branch, &untouched, size).into_iter();
        groups
            .map(|parts| (first(&parts), parts.merged.map(|one| one.name.last)))
            .collect()
    }

    #[test]
    fn deltas_that_follow_on_each_other_in_closed_chains_are_merged() {
        // Neither over a gap, nor over a full, nor those of the newest chain.
        let all = grouped(&NAMES, &[], u64::MAX);
        assert_eq!(all, [(vec![11, 21, 31], None)]);
        assert_eq!(grouped(&NAMES[..8], &[], u64::MAX), all);
        assert!(grouped(&NAMES[..4], &[], u64::MAX).is_empty());
    }

    #[test]
    fn what_is_marked_or_would_be_too_large_stays() {
        assert!(grouped(&NAMES, &["Incr-00000021-00000030-120"], u64::MAX).is_empty());
        let marked = grouped(&NAMES, &["Incr-00000011-00000020-110"], u64::MAX);
        assert_eq!(marked, [(vec![21, 31], None)]);
        let one = catalogue(&NAMES)
            .snapshots
            .first()
            .map_or(0, |one| one.size);
        assert_eq!(grouped(&NAMES, &[], 2 * one), [(vec![11, 21], None)]);
        assert!(grouped(&NAMES, &[], 2 * one - 1).is_empty());
    }

    /// A run that was stopped before it had deleted all parts.
    #[test]
    fn what_a_merged_one_covers_is_compared_with_that() {
        let wide = "Incr-00000011-00000040-130";
        let mut names = NAMES.to_vec();
        names.extend([wide]);
        names.retain(|name| !name.starts_with("Incr-00000021"));
        assert_eq!(grouped(&names, &[], u64::MAX), [(vec![11, 31], Some(40))]);
    }
}
