//! Snapshots that somebody asks for: one of each kind at a time, and who asks meanwhile gets the one that runs, if it
//! holds all that they mean.
//!
//! Whoever asks wants what etcd holds now to be in the store. A full that was begun before may not hold it: it
//! answers only those for whom nothing has changed since it began. The others share the next one.

mod flight;
mod lane;

use std::sync::Arc;
use std::time::Duration;

use snapstore::clock::Clock;
use tokio_util::task::TaskTracker;

use crate::ports::{Ending, Snapshots, Wanted};
pub(crate) use flight::Outcome;
use lane::Lane;

pub(crate) struct Triggers {
    snapshots: Arc<dyn Snapshots>,
    full: Arc<Lane>,
    delta: Arc<Lane>,
}

impl Triggers {
    /// `young`: how young a full is that is not taken again when nothing has changed.
    pub(crate) fn new(
        snapshots: Arc<dyn Snapshots>,
        clock: Arc<dyn Clock>,
        young: Duration,
    ) -> Self {
        let lane = |young| Lane::new(snapshots.clone(), clock.clone(), young);
        Self {
            full: lane(young),
            // One of which nothing has changed finds nothing to take, and costs nothing.
            delta: lane(Duration::ZERO),
            snapshots,
        }
    }

    pub(crate) fn snapshots(&self) -> &dyn Snapshots {
        &*self.snapshots
    }

    /// A full in the store that holds all that etcd held when this was called. It is taken to its end whether or not
    /// anybody still waits.
    pub(crate) async fn full(&self, ending: Ending) -> Outcome {
        self.full.ask(Wanted::Full(ending)).await
    }

    /// The same of a delta.
    pub(crate) async fn delta(&self) -> Outcome {
        self.delta.ask(Wanted::Delta).await
    }

    /// Waits for what runs.
    pub(crate) async fn finish(&self) {
        for lane in [&self.full, &self.delta] {
            let tasks: &TaskTracker = lane.tasks();
            tasks.close();
            tasks.wait().await;
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
