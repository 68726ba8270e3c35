//! What is copied, what is not and why, and what must come before what. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::contents::Contents;
use super::filter::Filter;
use super::item::{Choice, Item, LeftOut, Refusal, name_there};
use crate::backups::branches::Branch;
use crate::backups::{Chain, Snapshot, chains};

/// Whether objects are read where names, lengths and metadata agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// They are not.
    Trusted,
    /// They are.
    Compared,
}

/// What becomes of each snapshot of the source: chains from the newest to the oldest, each with its full first and its
/// deltas along their revisions; then what no chain has a place for.
pub(super) fn decide(
    source: &Contents,
    destination: &Contents,
    (filter, now): (&Filter, Timestamp),
    doubt: Doubt,
) -> Vec<Item> {
    let mut deciding = Deciding {
        source,
        there: by_name_there(destination),
        destination,
        doubt,
        items: Vec::new(),
        names: BTreeMap::new(),
    };
    let mut taken = 0;
    for chain in newest_first(source) {
        let left = left_out(&chain, filter, now, &mut taken);
        deciding.chain(&chain, left.as_ref());
    }
    for unplaced in &source.holdings.unplaced {
        let why = Refusal::Unplaced(unplaced.why.clone());
        deciding.add(&unplaced.snapshot, None, Choice::Refused(why));
    }
    deciding.items
}

/// Within a lineage revisions tell which chain is newer, whatever clocks said; where no metadata names one, as in the
/// stores of etcd-backup-restore, the time in the names does, as there.
fn newest_first(source: &Contents) -> Vec<Chain> {
    let of_branch = |branch: &Branch| {
        let mut chains = chains(&branch.catalogue);
        if branch.lineage.is_none() {
            chains.sort_by_key(begun);
        }
        chains.reverse();
        chains
    };
    let branches = source.holdings.branches.iter().rev();
    branches.flat_map(of_branch).collect()
}

/// When a chain was begun, in seconds since 1970 UTC.
fn begun(chain: &Chain) -> i64 {
    let first = chain.full.as_ref().or(chain.deltas.first());
    first.map_or(0, |first| first.name.created)
}

/// Why a chain is not copied, if it is not.
fn left_out(chain: &Chain, filter: &Filter, now: Timestamp, taken: &mut usize) -> Option<LeftOut> {
    // Deltas lead somewhere without a full if they begin at an empty etcd.
    if chain.full.is_none() && chain.reaches == chain.begins() {
        return Some(LeftOut::NoFull);
    }
    if let Some(days) = filter.within_days
        && !filter.is_young(begun(chain), now)
    {
        return Some(LeftOut::TooOld(days));
    }
    if let Some(most) = filter.most
        && *taken >= most
    {
        return Some(LeftOut::TooMany(most));
    }
    *taken += 1;
    None
}

/// What the destination has, by names without `.final`. Of two the one that is called so.
fn by_name_there(destination: &Contents) -> BTreeMap<String, &Snapshot> {
    let mut named: BTreeMap<String, &Snapshot> = BTreeMap::new();
    for one in &destination.holdings.listed.snapshots {
        let place = named.entry(name_there(&one.name).to_string());
        let found = place.or_insert(one);
        if !one.name.is_final {
            *found = one;
        }
    }
    named
}

struct Deciding<'a> {
    source: &'a Contents,
    destination: &'a Contents,
    there: BTreeMap<String, &'a Snapshot>,
    doubt: Doubt,
    items: Vec<Item>,
    /// The places of the items that take a name at the destination.
    names: BTreeMap<String, usize>,
}

impl Deciding<'_> {
    fn chain(&mut self, chain: &Chain, left: Option<&LeftOut>) {
        let choice = |deciding: &Self, snapshot: &Snapshot| match left {
            Some(left) => Choice::LeftOut(left.clone()),
            None => deciding.choice(snapshot),
        };
        let full = chain.full.as_ref().map(|full| {
            let choice = choice(self, full);
            self.add(full, None, choice)
        });
        for delta in &chain.deltas {
            let choice = choice(self, delta);
            self.add(delta, full, choice);
        }
    }

    /// Its place among the items; that of its twin where it is not copied for that one's sake.
    fn add(&mut self, snapshot: &Snapshot, after: Option<usize>, choice: Choice) -> usize {
        let place = self.items.len();
        let twin = match choice {
            Choice::LeftOut(LeftOut::Twin(_)) => {
                let name = name_there(&snapshot.name).to_string();
                self.names.get(&name).copied()
            }
            _ => None,
        };
        if matches!(
            choice,
            Choice::Copy | Choice::Present(_) | Choice::Compare(_)
        ) {
            let name = name_there(&snapshot.name).to_string();
            self.names.insert(name, place);
        }
        self.items.push(Item {
            snapshot: snapshot.clone(),
            to: name_there(&snapshot.name),
            after,
            choice,
        });
        twin.unwrap_or(place)
    }

    fn choice(&self, snapshot: &Snapshot) -> Choice {
        let name = snapshot.key().file_name();
        let metadata = self.source.all.by_snapshot.get(name);
        if let Some(told) = metadata.and_then(|metadata| metadata.stored_bytes)
            && told != snapshot.size
        {
            let bytes = snapshot.size;
            return Choice::Refused(Refusal::NotAsDescribed { bytes, told });
        }
        let to = name_there(&snapshot.name).to_string();
        let sum = self.source.sum_of(name);
        if let Some(other) = self.names.get(&to).and_then(|place| self.items.get(*place)) {
            return self.beside(snapshot, sum, &other.snapshot);
        }
        match self.there.get(&to) {
            Some(there) => self.compared(snapshot, sum, there),
            None => Choice::Copy,
        }
    }

    /// Two objects of the source for one name: the same full with `.final` and without it, as where a store was copied into
    /// itself, or one in both layouts.
    fn beside(&self, snapshot: &Snapshot, sum: Option<&str>, other: &Snapshot) -> Choice {
        let others = self.source.sum_of(other.key().file_name());
        let key = other.key().clone();
        match snapshot.size == other.size && !differ(sum, others) {
            true => Choice::LeftOut(LeftOut::Twin(key)),
            false => Choice::Refused(Refusal::TwoAlike(key)),
        }
    }

    fn compared(&self, snapshot: &Snapshot, sum: Option<&str>, there: &Snapshot) -> Choice {
        let key = there.key().clone();
        let others = self.destination.sum_of(key.file_name());
        if there.size != snapshot.size {
            return Choice::Refused(Refusal::OtherSize {
                there: key,
                bytes: there.size,
                expected: snapshot.size,
            });
        }
        match (sum, others) {
            _ if differ(sum, others) => Choice::Refused(Refusal::OtherSum { there: key }),
            _ if self.doubt == Doubt::Compared => Choice::Compare(key),
            // What was killed between an object and its metadata.
            (Some(_), None) => Choice::Compare(key),
            _ => Choice::Present(key),
        }
    }
}

fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other))
}
