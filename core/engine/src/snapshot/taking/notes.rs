//! What is known about snapshots, on its way to its place beside them. Snapshots do not wait for it.

use std::sync::Arc;
use std::time::Duration;

use snapstore::Snapstore;
use snapstore::clock::Clock;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::backups::metadata::{Metadata, MetadataError, write};
use crate::session::Session;

/// How often it is tried.
const ATTEMPTS: u32 = 5;

/// A note that was not written.
#[derive(Debug)]
pub(super) struct Unwritten {
    pub(super) snapshot: String,
    pub(super) why: String,
}

/// Writes metadata, one after the other.
#[derive(Debug)]
pub(super) struct Notes {
    store: Arc<dyn Snapstore>,
    clock: Arc<dyn Clock>,
    again: Duration,
    writing: JoinSet<()>,
    tell: UnboundedSender<Unwritten>,
    unwritten: UnboundedReceiver<Unwritten>,
}

impl Notes {
    /// One that tries again after `again`.
    pub(super) fn new(session: &Session, again: Duration) -> Self {
        let (tell, unwritten) = unbounded_channel();
        Self {
            store: session.store.clone(),
            clock: session.clock.clone(),
            again,
            writing: JoinSet::new(),
            tell,
            unwritten,
        }
    }

    /// Writes a note in the background. `snapshot` is the name, for what could not be written.
    pub(super) fn write(&mut self, snapshot: String, note: Result<Metadata, MetadataError>) {
        while self.writing.try_join_next().is_some() {}
        let tell = self.tell.clone();
        let lost = move |why: String| {
            // The listener ends with the run.
            let _ = tell.send(Unwritten { snapshot, why });
        };
        let metadata = match note {
            Ok(metadata) => metadata,
            Err(why) => return lost(why.to_string()),
        };
        let (store, clock, again) = (self.store.clone(), self.clock.clone(), self.again);
        self.writing.spawn(async move {
            for attempt in 1.. {
                match write(&*store, &metadata).await {
                    Ok(()) => return,
                    Err(error) if attempt == ATTEMPTS => return lost(error.to_string()),
                    Err(_) => clock.sleep(again).await,
                }
            }
        });
    }

    /// The next note that was not written.
    pub(super) async fn unwritten(&mut self) -> Unwritten {
        match self.unwritten.recv().await {
            Some(unwritten) => unwritten,
            // Never: this holds a sender.
            None => std::future::pending().await,
        }
    }

    /// Waits for those that are on their way, and gives those that were not written.
    pub(super) async fn finish(mut self, within: Duration) -> Vec<Unwritten> {
        let all = async { while self.writing.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = self.clock.sleep(within) => {}
        }
        let mut left = Vec::new();
        while let Ok(unwritten) = self.unwritten.try_recv() {
            left.push(unwritten);
        }
        left
    }
}
