use std::ops::RangeInclusive;

use anyhow::{Result, bail, ensure};
use fastrand::Rng;

use crate::backup::{Compression, Occasion, Store};
use crate::etcd::{Etcd, Event, Watched};

/// Backs an etcd up as the reference does, and a second snapshotter beside it: fulls, and deltas
/// cut anywhere but inside a revision.
#[derive(Debug)]
pub(super) struct Snapshotter {
    store: Store,
    /// Every event since revision 2.
    events: Vec<Event>,
    /// The revision that the next delta begins with.
    next: i64,
    fulls: Vec<Full>,
    deltas: Vec<RangeInclusive<i64>>,
}

/// A full: what its name says, and what is in it.
#[derive(Debug, Clone, Copy)]
struct Full {
    named: i64,
    real: i64,
}

impl Snapshotter {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            events: Vec::new(),
            next: 2,
            fulls: Vec::new(),
            deltas: Vec::new(),
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Every event since the first.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Reads what has happened since; returns the revision reached. To be done before every
    /// compaction, or events are lost.
    pub(super) fn catch_up(&mut self, etcd: &Etcd) -> Result<i64> {
        let last = etcd.revision()?;
        let seen = self.events.last().map_or(1, Event::revision);
        match etcd.watch(seen + 1, last)? {
            Watched::Events(events) => self.events.extend(events),
            Watched::Compacted(at) => bail!("compacted at {at} before {seen} was followed up"),
        }
        Ok(last)
    }

    /// Writes a delta of what is new, or of the first part of it.
    pub(super) fn cut(&mut self, etcd: &Etcd, rng: &mut Rng) -> Result<()> {
        let last = self.catch_up(etcd)?;
        if self.next > last {
            return Ok(());
        }
        let end = if rng.bool() {
            last
        } else {
            rng.i64(self.next..=last)
        };
        self.write(self.next..=end, rng)?;
        self.next = end + 1;
        Ok(())
    }

    /// Writes everything that is new.
    pub(super) fn flush(&mut self, etcd: &Etcd, rng: &mut Rng) -> Result<()> {
        let last = self.catch_up(etcd)?;
        if self.next <= last {
            self.write(self.next..=last, rng)?;
            self.next = last + 1;
        }
        Ok(())
    }

    /// Writes again, cut elsewhere, what was written before: for a while two led.
    pub(super) fn again(&mut self, rng: &mut Rng) -> Result<()> {
        let Some(delta) = rng.choice(&self.deltas).cloned() else {
            return Ok(());
        };
        let end = rng.i64(*delta.start()..=*delta.end());
        self.write(rng.i64(*delta.start()..=end)..=end, rng)
    }

    /// Writes a full under the name of `named`, which may be in the past already. Some events
    /// before it may never come into a delta.
    pub(super) fn full(&mut self, etcd: &Etcd, named: i64, rng: &mut Rng) -> Result<()> {
        let (database, real) = loop {
            let before = etcd.revision()?;
            let mut database = Vec::new();
            etcd.snapshot(&mut database)?;
            // A lease may have expired meanwhile.
            if etcd.revision()? == before {
                break (database, before);
            }
        };
        let occasion = match rng.u8(0..10) {
            0 => Occasion::Final,
            _ => Occasion::Regular,
        };
        self.store
            .full(named, &database, compression(rng), occasion)?;
        self.fulls.push(Full { named, real });
        self.next = named + 1;
        Ok(())
    }

    fn write(&mut self, revisions: RangeInclusive<i64>, rng: &mut Rng) -> Result<()> {
        let from = |revision| {
            self.events
                .partition_point(|event| event.revision() < revision)
        };
        let events = &self.events[from(*revisions.start())..from(revisions.end() + 1)];
        ensure!(
            events.first().map(Event::revision) == Some(*revisions.start())
                && events.last().map(Event::revision) == Some(*revisions.end()),
            "revisions {revisions:?} have no events"
        );
        self.store.delta(events, compression(rng))?;
        self.deltas.push(revisions);
        Ok(())
    }

    /// The revision that the newest state is.
    pub(super) fn newest(&self) -> i64 {
        // Of fulls with one name the later, by the time in the name, is the newer.
        let newest = self
            .fulls
            .iter()
            .enumerate()
            .max_by_key(|(at, full)| (full.named, *at));
        self.covered(newest.map(|(_, full)| *full))
            .map_or(1, |covered| *covered.end())
    }

    /// The revisions that can be asked for: what names promise. One by which a full is ahead of
    /// its name, and that no delta holds, is there too, but only `--snapshot` leads to it.
    pub(super) fn recoverable(&self) -> Vec<i64> {
        let bases = self.fulls.iter().copied().map(Some).chain([None]);
        let mut all: Vec<i64> = bases
            .filter_map(|base| self.covered(base))
            .flatten()
            .collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|revision| {
            self.fulls
                .iter()
                .any(|full| [full.named, full.real] == [*revision; 2])
                || self.deltas.iter().any(|delta| delta.contains(revision))
        });
        all
    }

    /// What can be reached from a full, or from nothing.
    fn covered(&self, base: Option<Full>) -> Option<RangeInclusive<i64>> {
        let (from, mut reached) = base.map_or((2, 1), |full| (full.real, full.real));
        let mut deltas = self.deltas.clone();
        deltas.sort_by_key(|delta| *delta.start());
        for delta in deltas {
            if *delta.start() <= reached + 1 {
                reached = reached.max(*delta.end());
            }
        }
        (from <= reached).then_some(from..=reached)
    }
}

fn compression(rng: &mut Rng) -> Compression {
    rng.choice(Compression::ALL).unwrap_or(Compression::None)
}
