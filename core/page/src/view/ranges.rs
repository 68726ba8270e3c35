//! What can be restored, as ranges of revisions and of times.

use jiff::Timestamp;

use crate::known::Known;
use crate::listing::{Chain, Lineage};
use crate::sidecar::Restorable;
use crate::store::{State, Store};

/// Revisions that can all be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The lineage, where there are several.
    pub lineage: Option<String>,
    /// It leads to the newest state.
    pub is_newest: bool,
    /// The first and the last revision.
    pub revisions: (i64, i64),
    /// When these states were.
    pub times: (Option<Timestamp>, Option<Timestamp>),
    /// What of it is encrypted needs an identity.
    pub is_encrypted: bool,
    /// Restores its last state.
    pub command: String,
}

/// Those of a store, the newest first; those of the newest lineage before the others.
pub(super) fn ranges(known: &Known, store: &Store) -> Vec<Range> {
    let Some(listing) = &store.listing else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for lineage in listing.lineages.iter().rev() {
        let named = listing.named(lineage).map(str::to_owned);
        for run in runs(lineage).into_iter().rev() {
            let since = all.is_empty().then(|| stored_since(known, &run)).flatten();
            all.extend(range(store, &named, &run, since));
        }
    }
    if let Some(newest) = all.first_mut() {
        // A snapshot of no known lineage may be newer.
        newest.is_newest = listing.unplaced.is_empty()
            && known
                .reach()
                .is_none_or(|reach| reach.revision <= newest.revisions.1);
    }
    all
}

/// Where the sidecar has stored more since the listing: in the chain that is the newest of both.
fn stored_since(known: &Known, run: &[&Chain]) -> Option<Restorable> {
    let backups = &known.sidecar.as_ref()?.backups;
    let (told, last) = (backups.restorable?, run.last()?);
    let is_same = last.full.as_ref()?.name == backups.last_full.as_ref()?.name;
    (is_same && last.gap.is_none() && told.revision > last.reaches).then_some(told)
}

fn range(
    store: &Store,
    lineage: &Option<String>,
    run: &[&Chain],
    since: Option<Restorable>,
) -> Option<Range> {
    let (first, last) = (run.first()?, run.last()?);
    let objects = || run.iter().flat_map(|chain| chain.reachable());
    let revision = since.map_or(last.reaches, |since| since.revision);
    let state = State {
        revision,
        lineage: lineage.clone(),
    };
    Some(Range {
        lineage: lineage.clone(),
        is_newest: false,
        revisions: (first.begins, revision),
        times: (
            first.from(),
            since.map(|since| since.until).or(last.until()),
        ),
        is_encrypted: objects().any(|one| one.is_encrypted),
        command: (store.command.0)(&state),
    })
}

/// Chains that follow on each other without a missing revision.
pub(super) fn runs(lineage: &Lineage) -> Vec<Vec<&Chain>> {
    let mut runs: Vec<Vec<&Chain>> = Vec::new();
    for chain in lineage.chains.iter().filter(|chain| chain.is_restorable()) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| leads_into(last, chain)) => run.push(chain),
            _ => runs.push(vec![chain]),
        }
    }
    runs
}

/// Whether all revisions between the end of one chain and the beginning of the next can be restored. A delta that goes past
/// the next full is listed there, and continues this chain as well.
fn leads_into(chain: &Chain, next: &Chain) -> bool {
    let after = chain.reaches.saturating_add(1);
    let bridges = |first: i64, last: i64| first <= after && last >= next.begins;
    after >= next.begins
        || next
            .deltas
            .iter()
            .any(|delta| bridges(delta.first, delta.last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Object;

    fn object(first: i64, last: i64) -> Object {
        Object {
            name: String::new(),
            first,
            last,
            at: Timestamp::from_second(last).ok(),
            bytes: 1,
            stored_bytes: None,
            raw_bytes: None,
            is_kept: false,
            is_final: false,
            is_encrypted: false,
            missing_key: None,
            retained_until: None,
        }
    }

    fn chain(begins: i64, deltas: &[(i64, i64)], reaches: i64) -> Chain {
        Chain {
            full: Some(object(0, begins)),
            deltas: deltas
                .iter()
                .map(|(first, last)| object(*first, *last))
                .collect(),
            begins,
            reaches,
            gap: None,
            proof: None,
        }
    }

    fn told(chains: Vec<Chain>) -> Vec<(i64, i64)> {
        let lineage = Lineage {
            id: "aa1".to_owned(),
            cluster: None,
            parent: None,
            chains,
        };
        let of = |run: &Vec<&Chain>| (run[0].begins, run[run.len() - 1].reaches);
        runs(&lineage).iter().map(of).collect()
    }

    #[test]
    fn chains_that_follow_on_each_other_are_one_range() {
        assert_eq!(
            told(vec![chain(10, &[(11, 20)], 20), chain(20, &[(21, 30)], 30)]),
            [(10, 30)]
        );
        assert_eq!(
            told(vec![chain(10, &[(11, 20)], 20), chain(21, &[], 21)]),
            [(10, 21)]
        );
        // A full that was taken in the middle of a delta.
        assert_eq!(
            told(vec![chain(10, &[(11, 20)], 20), chain(25, &[(21, 30)], 30)]),
            [(10, 30)]
        );
        // One that was read before, and nothing after it.
        assert_eq!(
            told(vec![chain(10, &[(11, 20)], 20), chain(25, &[(26, 30)], 30)]),
            [(10, 20), (25, 30)]
        );
        assert_eq!(
            told(vec![chain(10, &[], 10), chain(25, &[], 25)]),
            [(10, 10), (25, 25)]
        );
        assert_eq!(told(Vec::new()), []);
    }

    /// Names may hold any number.
    #[test]
    fn nothing_follows_the_last_revision_there_can_be() {
        assert_eq!(
            told(vec![
                chain(10, &[], i64::MAX),
                chain(i64::MAX, &[], i64::MAX)
            ]),
            [(10, i64::MAX)]
        );
    }
}
