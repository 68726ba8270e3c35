use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use snapstore::clock::Clock;
use tokio_util::task::TaskTracker;

use super::flight::{Flight, Outcome, brings, take};
use crate::ports::{Snapshots, Taken, Wanted};

/// One kind of snapshot: one runs, the others wait for their turn.
pub(super) struct Lane {
    snapshots: Arc<dyn Snapshots>,
    clock: Arc<dyn Clock>,
    young: Duration,
    tasks: TaskTracker,
    /// Held by the one that runs; those that wait get it in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    running: Option<Flight>,
    /// Not begun yet: what they take is all that etcd holds when they begin.
    waiting: Vec<Flight>,
    last: Option<Last>,
}

struct Last {
    wanted: Wanted,
    taken: Arc<Taken>,
    at: Instant,
}

impl Lane {
    pub(super) fn new(
        snapshots: Arc<dyn Snapshots>,
        clock: Arc<dyn Clock>,
        young: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            snapshots,
            clock,
            young,
            tasks: TaskTracker::new(),
            turn: tokio::sync::Mutex::default(),
            known: Mutex::default(),
        })
    }

    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(super) async fn ask(self: &Arc<Self>, wanted: Wanted) -> Outcome {
        if let Some(taken) = self.there(wanted).await {
            return Ok(taken);
        }
        self.next(wanted).ended().await
    }

    /// What was begun before and holds all that is meant.
    async fn there(&self, wanted: Wanted) -> Option<Arc<Taken>> {
        let (last, running) = self.with(|known| {
            // One that waits holds all of it, and is found by `next`.
            let has_waiting = known.waiting.iter().any(|flight| flight.brings(wanted));
            let last = known.last.as_ref();
            let last = last.filter(|last| brings(last.wanted, wanted) && self.is_young(last.at));
            let running = known.running.as_ref().filter(|_| !has_waiting);
            let running = running.filter(|running| running.brings(wanted));
            (last.map(|last| last.taken.clone()), running.cloned())
        });
        if last.is_none() && running.is_none() {
            return None;
        }
        // Asked for after they asked: it may be later, never earlier. Where it is not known, one is taken.
        let asked = self.snapshots.position().await.ok()?;
        if let Some(last) = last.filter(|taken| taken.holds.covers(&asked)) {
            return Some(last);
        }
        let taken = running?.ended().await.ok()?;
        taken.holds.covers(&asked).then_some(taken)
    }

    /// One that begins after this call.
    fn next(self: &Arc<Self>, wanted: Wanted) -> Flight {
        self.with(|known| {
            let waiting = known.waiting.iter().find(|flight| flight.brings(wanted));
            if let Some(flight) = waiting {
                return flight.clone();
            }
            let (flight, tell) = Flight::new(wanted);
            known.waiting.push(flight.clone());
            let this = self.clone();
            self.tasks.spawn(async move {
                let turn = this.turn.lock().await;
                this.begin(wanted);
                let outcome = take(&*this.snapshots, wanted).await;
                this.end(wanted, &outcome);
                drop(turn);
                // Nobody may be left to hear it.
                let _ = tell.send(outcome);
            });
            flight
        })
    }

    fn begin(&self, wanted: Wanted) {
        self.with(|known| {
            let place = known
                .waiting
                .iter()
                .position(|flight| flight.wanted == wanted);
            known.running = place.map(|place| known.waiting.remove(place));
        });
    }

    fn end(&self, wanted: Wanted, outcome: &Outcome) {
        let at = self.clock.now();
        self.with(|known| {
            known.running = None;
            if let Ok(taken) = outcome {
                let taken = taken.clone();
                known.last = Some(Last { wanted, taken, at });
            }
        });
    }

    fn is_young(&self, at: Instant) -> bool {
        self.clock.now().saturating_duration_since(at) < self.young
    }

    fn with<R>(&self, change: impl FnOnce(&mut Known) -> R) -> R {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known)
    }
}
