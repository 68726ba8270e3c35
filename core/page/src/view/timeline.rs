//! Where on a line of time things stand, in units of its length. Pure.

use jiff::Timestamp;

use super::ranges::runs;
use super::window::Window;
use crate::known::Known;
use crate::listing::{Chain, Lineage, Listing, Object};
use crate::words::counted;

/// How long a line is.
pub(crate) const WIDTH: u32 = 1200;

/// How many places a mark can have on a line: two in one place are one mark.
const PLACES: u32 = 400;

/// How many lineages are drawn: the newest.
const LANES: usize = 6;

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// What of time is shown.
    pub window: Window,
    /// When it begins and ends.
    pub times: (Timestamp, Timestamp),
    /// A line for each lineage, the newest first.
    pub lanes: Vec<Lane>,
    /// How many older lineages are not drawn.
    pub left_out: usize,
}

/// The line of a lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// What it is called.
    pub label: String,
    /// In words, for whoever does not see it.
    pub description: String,
    /// What can be restored: from where to where.
    pub restorable: Vec<(u32, u32)>,
    /// What was stored and cannot be.
    pub lost: Vec<(u32, u32)>,
    /// Fulls.
    pub fulls: Vec<u32>,
    /// Deltas.
    pub deltas: Vec<u32>,
    /// Up to where a proof went.
    pub proofs: Vec<u32>,
}

/// From when to when, in seconds.
#[derive(Debug, Clone, Copy)]
struct Axis {
    from: i64,
    to: i64,
}

impl Axis {
    /// Where a time stands; `None` outside.
    fn place(self, time: Timestamp) -> Option<u32> {
        let second = time.as_second();
        (self.from..=self.to)
            .contains(&second)
            .then(|| self.clamped(second))
    }

    fn clamped(self, second: i64) -> u32 {
        let span = i128::from(self.to) - i128::from(self.from);
        let passed = i128::from(second.clamp(self.from, self.to)) - i128::from(self.from);
        u32::try_from(passed * i128::from(WIDTH) / span.max(1)).unwrap_or(WIDTH)
    }

    /// What of a time from one to another is inside.
    fn span(self, from: Timestamp, to: Timestamp) -> Option<(u32, u32)> {
        let (from, to) = (from.as_second(), to.as_second());
        (from <= self.to && to >= self.from).then(|| (self.clamped(from), self.clamped(to)))
    }

    /// The places of marks, each once.
    fn marks(self, times: impl Iterator<Item = Timestamp>) -> Vec<u32> {
        let step = WIDTH / PLACES;
        let places = times.filter_map(|time| self.place(time));
        let mut places: Vec<u32> = places.map(|place| place - place % step).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// `None` where there is nothing to draw.
pub(super) fn timeline(known: &Known, window: Window) -> Option<Timeline> {
    let listing = known.store.as_ref()?.listing.as_deref()?;
    let objects = || listing.lineages.iter().flat_map(Lineage::objects);
    let oldest = objects().filter_map(|one| one.at).min()?;
    let newest = listing.newest_object()?.max(known.now);
    let axis = Axis {
        from: window.begins(known.now).unwrap_or(oldest).as_second(),
        to: newest.as_second(),
    };
    let lanes = listing.lineages.iter().rev().take(LANES);
    let lanes: Vec<Lane> = lanes.map(|lineage| lane(listing, lineage, axis)).collect();
    Some(Timeline {
        window,
        times: (Timestamp::from_second(axis.from).ok()?, newest),
        left_out: listing.lineages.len() - lanes.len(),
        lanes,
    })
}

fn lane(listing: &Listing, lineage: &Lineage, axis: Axis) -> Lane {
    let fulls = lineage
        .chains
        .iter()
        .filter_map(|chain| chain.full.as_ref());
    let deltas = || lineage.chains.iter().flat_map(|chain| &chain.deltas);
    let runs = runs(lineage);
    let of_run = |run: &Vec<&Chain>| axis.span(run.first()?.from()?, run.last()?.until()?);
    let restorable: Vec<_> = runs.iter().filter_map(of_run).collect();
    let lost = lost(lineage, axis);
    let is_newest = listing.newest() == Some(lineage);
    let label = match (listing.named(lineage), is_newest) {
        (None, _) => "Backups".to_owned(),
        (Some(id), true) => format!("Lineage {id}, the newest"),
        (Some(id), false) => format!("Lineage {id}"),
    };
    let fulls = axis.marks(fulls.filter_map(|full| full.at));
    let description = format!(
        "{} of time can be restored, {} cannot; {} and {}. The table of chains below has the same in numbers.",
        counted(restorable.len(), "stretch", "stretches"),
        counted(lost.len(), "stretch", "stretches"),
        counted(
            lineage
                .chains
                .iter()
                .filter(|one| one.full.is_some())
                .count(),
            "full",
            "fulls"
        ),
        counted(deltas().count(), "delta", "deltas"),
    );
    Lane {
        label,
        description,
        restorable,
        lost,
        deltas: axis.marks(deltas().filter_map(|delta| delta.at)),
        proofs: axis.marks(
            lineage
                .chains
                .iter()
                .filter_map(|chain| chain.proof.map(|proof| proof.at)),
        ),
        fulls,
    }
}

/// From the end of what can be restored of a chain, where something of it is missing or cannot be read, to the next full, or to its last
/// object.
fn lost(lineage: &Lineage, axis: Axis) -> Vec<(u32, u32)> {
    let chains = lineage.chains.iter().enumerate();
    let gaps = chains.filter_map(|(at, chain)| {
        if chain.gap.is_none() && !chain.objects().any(Object::is_unreadable) {
            return None;
        }
        let restorable = chain.is_restorable().then(|| chain.until()).flatten();
        let begins = restorable.or_else(|| chain.objects().filter_map(|one| one.at).min());
        let next = lineage.chains.get(at + 1).and_then(Chain::from);
        let ends = next.or_else(|| chain.objects().filter_map(|one| one.at).max());
        axis.span(begins?, ends?)
    });
    gaps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn places_are_within_the_line() {
        let axis = Axis { from: 100, to: 200 };
        assert_eq!(axis.place(at(100)), Some(0));
        assert_eq!(axis.place(at(150)), Some(600));
        assert_eq!(axis.place(at(200)), Some(WIDTH));
        assert_eq!((axis.place(at(99)), axis.place(at(201))), (None, None));
        assert_eq!(axis.span(at(0), at(150)), Some((0, 600)));
        assert_eq!(axis.span(at(0), at(99)), None);
        // A moment alone, and times at the ends of what there is.
        assert_eq!(Axis { from: 5, to: 5 }.place(at(5)), Some(0));
        let all = Axis {
            from: Timestamp::MIN.as_second(),
            to: Timestamp::MAX.as_second(),
        };
        assert_eq!(all.clamped(Timestamp::MAX.as_second()), WIDTH);
    }

    /// A week of deltas each five minutes is two thousand marks, which no screen shows and every browser lays out.
    #[test]
    fn marks_are_merged() {
        let axis = Axis {
            from: 0,
            to: 604_800,
        };
        let marks = axis.marks((0..2016).map(|delta| at(delta * 300)));
        assert!(marks.len() <= 401, "{}", marks.len());
        assert_eq!(axis.marks([at(0), at(1), at(2)].into_iter()), [0]);
    }
}
