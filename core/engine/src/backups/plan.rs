//! Which objects make the state that was asked for. Pure: decided from names alone.

use jiff::Timestamp;
use snapstore::Key;

use super::catalogue::{Catalogue, Snapshot};
use super::chain::{Chain, Gap};
use super::name::Kind;
use super::unreachable::{ranges, ranges_in_time, why};
use crate::hint::Hint;

/// The state to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The newest.
    Latest,
    /// As it was when this revision had been written.
    Revision(i64),
    /// As it was at this time: with every event that the snapshotter had seen by then.
    Time(Timestamp),
    /// Exactly what this object brings: a full, or a chain up to the end of this delta.
    Snapshot(String),
}

/// Where to stop applying events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At the end of the last delta.
    End,
    /// After this revision.
    Revision(i64),
    /// Before the first revision with an event later than this.
    Time(Timestamp),
}

/// What to fetch, in order, and where to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The database to begin with; `None` for an empty one.
    pub base: Option<Snapshot>,
    /// The deltas to apply, in order.
    pub deltas: Vec<Snapshot>,
    /// Where to stop.
    pub stop: Stop,
}

impl Plan {
    /// All objects, in order.
    pub fn objects(&self) -> impl Iterator<Item = &Snapshot> {
        self.base.iter().chain(&self.deltas)
    }

    /// The keys of the full and of the deltas, as text.
    pub(crate) fn names(&self) -> (Option<String>, Vec<String>) {
        let name = |snapshot: &Snapshot| snapshot.key().to_string();
        (
            self.base.as_ref().map(name),
            self.deltas.iter().map(name).collect(),
        )
    }

    /// The same where only the first deltas were used, so many. The third are the names of the others.
    pub(crate) fn used(&self, deltas: usize) -> (Option<String>, Vec<String>, Vec<String>) {
        let (base, mut names) = self.names();
        let unused = names.split_off(deltas.min(names.len()));
        (base, names, unused)
    }

    /// Bytes to fetch.
    pub fn size(&self) -> u64 {
        self.objects().map(|snapshot| snapshot.size).sum()
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The store holds no snapshot.
    #[error(
        "there is no snapshot to restore; check the container and the prefix (snapshots are \
         looked for under <prefix>/v2/)"
    )]
    Empty,
    /// Revisions are missing.
    #[error(
        "revisions {} to {} are missing: the objects before reach revision {} and {} begins at \
         {}",
        .0.after + 1, .0.before - 1, .0.after, .0.object.key(), .0.before
    )]
    Gap(Box<Gap>),
    /// The target is not covered by what the store holds.
    #[error("{what} cannot be restored: {why}; recoverable are {ranges}")]
    Unreachable {
        /// What was asked for.
        what: String,
        /// What stands in the way.
        why: String,
        /// What could be asked for.
        ranges: String,
    },
    /// No object of that name.
    #[error("the store holds no snapshot named {0:?}")]
    NoSuchSnapshot(String),
}

impl PlanError {
    /// What can be done about it.
    pub(crate) fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Gap(gap) => vec![Hint::RestoreUpTo(gap.after)],
            Self::NoSuchSnapshot(_) => vec![Hint::ListSnapshots],
            Self::Empty | Self::Unreachable { .. } => Vec::new(),
        }
    }
}

/// Decides what to fetch. The fulls in `avoid` are passed over: those that turned out to be ahead
/// of the target although their names are not.
pub fn plan(catalogue: &Catalogue, target: &Target, avoid: &[Key]) -> Result<Plan, PlanError> {
    if catalogue.snapshots.is_empty() {
        return Err(PlanError::Empty);
    }
    let search = Search { catalogue, avoid };
    match target {
        Target::Latest => search.latest(),
        Target::Revision(revision) => search.revision(*revision),
        Target::Time(time) => search.time(*time),
        Target::Snapshot(name) => search.snapshot(name),
    }
}

struct Search<'a> {
    catalogue: &'a Catalogue,
    avoid: &'a [Key],
}

impl Search<'_> {
    /// The fulls that `fits` takes, newest first, and last the empty etcd.
    fn bases(&self, fits: impl Fn(&Snapshot) -> bool) -> Vec<Option<Snapshot>> {
        let usable = |full: &&Snapshot| fits(full) && !self.avoid.contains(full.key());
        let fulls = self
            .catalogue
            .fulls()
            .rev()
            .filter(usable)
            .cloned()
            .map(Some);
        fulls.chain([None]).collect()
    }

    /// `base` and the deltas after it that `fits` takes.
    fn deltas_after(&self, base: Option<Snapshot>, fits: impl Fn(&Snapshot) -> bool) -> Chain {
        let from = base.as_ref().map_or(i64::MIN, |full| full.name.last);
        let wanted = |delta: &&Snapshot| delta.name.last > from && fits(delta);
        let deltas = self.catalogue.deltas().filter(wanted).cloned().collect();
        Chain::link(base, deltas)
    }

    fn latest(&self) -> Result<Plan, PlanError> {
        let newest = self.catalogue.fulls().next_back().cloned();
        whole(self.deltas_after(newest, |_| true), Stop::End)
    }

    fn revision(&self, revision: i64) -> Result<Plan, PlanError> {
        let bases = self.bases(|full| full.name.last <= revision);
        for base in &bases {
            let chain = self.deltas_after(base.clone(), |delta| delta.name.first <= revision);
            // A full may be ahead of its name, so a gap right after it may be none, and nothing need follow
            // it; only the walk itself can tell, and it will.
            let is_last = chain.deltas.is_empty();
            let may_reach = chain.full.is_some() && (is_last || gap_follows_the_full(&chain));
            let holds = chain.full.is_some() || !chain.deltas.is_empty();
            if holds && (chain.reaches >= revision || may_reach) {
                return Ok(build(chain, Stop::Revision(revision)));
            }
        }
        // The nearest chain tells most.
        let nearest = self.deltas_after(bases.into_iter().next().flatten(), |_| true);
        let why = why(self.catalogue, &nearest, revision);
        Err(self.unreachable(format!("revision {revision}"), why))
    }

    /// Seconds in names are cut off: a full made in the very second of `time` may hold events after
    /// it. It is the base only where no other leads there.
    fn time(&self, time: Timestamp) -> Result<Plan, PlanError> {
        let second = time.as_second();
        self.time_from(time, second - 1)
            .or_else(|_| self.time_from(time, second))
    }

    /// With a full made in second `made` or before.
    fn time_from(&self, time: Timestamp, made: i64) -> Result<Plan, PlanError> {
        let what = || format!("the state at {time}");
        let second = time.as_second();
        let base = self.bases(|full| full.name.created <= made).swap_remove(0);
        let mut deltas = self.deltas_after(base.clone(), |_| true).deltas;
        // The first delta finished after the time may hold the last events before it.
        let past = deltas.iter().position(|delta| delta.name.created > second);
        deltas.truncate(past.map_or(deltas.len(), |at| at + 1));
        let mut chain = Chain::link(base, deltas);
        // A gap that ends after the time is one only if it may begin before it: see below.
        if let Some(gap) = chain.gap.take_if(|gap| gap.object.name.created > second) {
            chain.deltas.retain(|delta| delta.name.first < gap.before);
        }
        if chain.full.is_none() && (chain.gap.is_some() || chain.deltas.is_empty()) {
            let why = "it is before the first snapshot".into();
            return Err(self.unreachable_in_time(what(), why));
        }
        if let Some(unseen) = self.unseen_before(&chain, second, made) {
            let why = format!(
                "what happened between revision {} and {} was not recorded one by one",
                chain.reaches,
                unseen.key()
            );
            return Err(self.unreachable_in_time(what(), why));
        }
        whole(chain, Stop::Time(time))
    }

    /// The object that shows that revisions after the end of `chain` exist which may be from
    /// before the time in `second`, if there is one: it was made later than in second `made`.
    fn unseen_before(&self, chain: &Chain, second: i64, made: i64) -> Option<&Snapshot> {
        let complete = chain
            .deltas
            .last()
            .is_some_and(|delta| delta.name.created > second);
        let ahead = |full: &&Snapshot| full.name.last > chain.reaches && full.name.created > made;
        self.catalogue
            .snapshots
            .iter()
            .find(ahead)
            .filter(|_| !complete)
    }

    fn snapshot(&self, name: &str) -> Result<Plan, PlanError> {
        let missing = || PlanError::NoSuchSnapshot(name.to_owned());
        let chosen = self.catalogue.find(name).ok_or_else(missing)?.clone();
        if chosen.name.kind == Kind::Full {
            return Ok(Plan {
                base: Some(chosen),
                deltas: Vec::new(),
                stop: Stop::End,
            });
        }
        let end = chosen.name.last;
        let base = self.bases(|full| full.name.last < end).swap_remove(0);
        // A base that is ahead of its name may already hold more than was asked for.
        let chain = self.deltas_after(base, |delta| delta.name.last <= end);
        whole(chain, Stop::Revision(end))
    }

    fn unreachable(&self, what: String, why: String) -> PlanError {
        PlanError::Unreachable {
            what,
            why,
            ranges: ranges(self.catalogue),
        }
    }

    fn unreachable_in_time(&self, what: String, why: String) -> PlanError {
        PlanError::Unreachable {
            what,
            why,
            ranges: ranges_in_time(self.catalogue),
        }
    }
}

fn gap_follows_the_full(chain: &Chain) -> bool {
    chain
        .gap
        .as_ref()
        .is_some_and(|gap| gap.after == chain.begins())
}

/// A chain that must be walked to its end. A gap right after a full may be none, since a full
/// may be ahead of its name; every other gap is one.
fn whole(chain: Chain, stop: Stop) -> Result<Plan, PlanError> {
    let doubtful = chain.full.is_some() && gap_follows_the_full(&chain);
    match &chain.gap {
        Some(gap) if !doubtful => Err(PlanError::Gap(Box::new(gap.clone()))),
        _ => Ok(build(chain, stop)),
    }
}

fn build(chain: Chain, stop: Stop) -> Plan {
    Plan {
        base: chain.full,
        deltas: chain.deltas,
        stop,
    }
}
