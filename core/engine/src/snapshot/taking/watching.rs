//! The watch beside the driver: one, or several while one alone cannot keep up.

use std::collections::VecDeque;
use std::sync::Arc;

use client::{Batch, BatchEnd, Etcd, Large, WatchFrom};
use tokio::sync::Semaphore;

use super::lag;
use super::said::Watched;
use super::section::{Part, Section, Watches};

/// Bytes of events that may be held before their turn.
const ROOM: usize = 12 << 20;

/// Events that are being read in the order of their revisions. Dropped, they are given up.
#[derive(Debug)]
pub(super) struct Watching {
    etcd: Arc<dyn Watches>,
    large: Large,
    /// Each goes up to the beginning of the next, the last one on and on. The first is read.
    sections: VecDeque<Section>,
    room: Arc<Semaphore>,
    is_created: bool,
}

impl Watching {
    /// Watches from this revision on.
    pub(super) fn start(etcd: Arc<dyn Etcd>, from: i64, large: Large) -> Self {
        Self::of(Arc::new(etcd), from, large)
    }

    fn of(etcd: Arc<dyn Watches>, from: i64, large: Large) -> Self {
        let request = WatchFrom {
            revision: from,
            large,
        };
        Self {
            sections: VecDeque::from([Section::in_front(&etcd, request)]),
            etcd,
            large,
            room: Arc::new(Semaphore::new(ROOM)),
            is_created: false,
        }
    }

    /// What etcd does with what is large.
    pub(super) fn large(&self) -> Large {
        self.large
    }

    /// What it says next. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Watched {
        loop {
            let Some(first) = self.sections.front_mut() else {
                return std::future::pending().await;
            };
            match first.next().await {
                Part::Created(member) if !self.is_created => {
                    self.is_created = true;
                    return Watched::Created(member);
                }
                Part::Created(_) => {}
                Part::Batches { batches, room } => {
                    drop(room);
                    let batches = self.up_to_the_next(batches);
                    if !batches.is_empty() {
                        return Watched::Batches(batches);
                    }
                }
                Part::Ended(end, why) => return Watched::Ended(end, why),
            }
        }
    }

    /// Of what the first section has read, that which the next does not have.
    fn up_to_the_next(&mut self, mut batches: Vec<Batch>) -> Vec<Batch> {
        match self.sections.get(1).map(|next| next.from) {
            Some(end) => {
                if cut(&mut batches, end) {
                    self.sections.pop_front();
                    self.sections
                        .iter()
                        .take(1)
                        .for_each(Section::comes_to_the_front);
                }
            }
            None => self.keep_up(&batches),
        }
        batches
    }

    /// Begins further watches if this one is out of step.
    fn keep_up(&mut self, batches: &[Batch]) {
        let first = batches.first().and_then(|batch| batch.events.first());
        let Some((first, last)) = first.zip(batches.last()) else {
            return;
        };
        let Some(end) = last.events.last().map(|event| event.mod_revision) else {
            return;
        };
        let revisions = end.saturating_sub(first.mod_revision).saturating_add(1);
        let bytes: usize = batches.iter().map(Batch::memory).sum();
        let each = bytes / usize::try_from(revisions).unwrap_or(1).max(1);
        for revision in lag::starts(end.saturating_add(1), last.head, each, ROOM) {
            let large = self.large;
            let request = WatchFrom { revision, large };
            let section = Section::after_others(&self.etcd, request, &self.room);
            self.sections.push_back(section);
        }
    }
}

/// Takes away what is not before `end`. Whether all before it has arrived.
fn cut(batches: &mut Vec<Batch>, end: i64) -> bool {
    let mut is_all = false;
    for batch in &mut *batches {
        let before = batch
            .events
            .partition_point(|event| event.mod_revision < end);
        if before < batch.events.len() {
            batch.events.truncate(before);
            batch.end = BatchEnd::Whole;
            is_all = true;
        }
        let last = batch.events.last().map(|event| event.mod_revision);
        is_all |= batch.end == BatchEnd::Whole && last == Some(end.saturating_sub(1));
    }
    batches.retain(|batch| !batch.events.is_empty());
    is_all
}

#[cfg(test)]
#[path = "watching_tests.rs"]
mod tests;
