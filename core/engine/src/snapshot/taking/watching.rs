//! Reads a watch beside the driver. When nobody takes what is read, etcd waits: the machine gives a watch up before.

use std::sync::Arc;

use client::{Etcd, Large, WatchFrom, WatchItem};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use super::said::Watched;
use crate::snapshot::machine::WatchEnd;

/// Batches that wait for the driver. etcd has sent more than that already: its window is 8 MiB.
const AHEAD: usize = 4;

/// A watch that is being read. Dropped, it is given up.
#[derive(Debug)]
pub(super) struct Watching {
    said: Receiver<Watched>,
    task: AbortHandle,
    large: Large,
}

impl Watching {
    /// Watches from this revision on.
    pub(super) fn start(etcd: Arc<dyn Etcd>, from: i64, large: Large) -> Self {
        let (tell, said) = channel(AHEAD);
        let request = WatchFrom {
            revision: from,
            large,
        };
        let task = tokio::spawn(async move {
            let (end, why) = read(&*etcd, request, &tell).await;
            let _ = tell.send(Watched::Ended(end, why)).await;
        });
        let task = task.abort_handle();
        Self { said, task, large }
    }

    /// What etcd does with what is large.
    pub(super) fn large(&self) -> Large {
        self.large
    }

    /// What it says next.
    pub(super) async fn next(&mut self) -> Watched {
        let died = || Watched::Ended(WatchEnd::Broke, "it was not read on".to_owned());
        self.said.recv().await.unwrap_or_else(died)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads until there is nothing more, and says why.
async fn read(etcd: &dyn Etcd, request: WatchFrom, tell: &Sender<Watched>) -> (WatchEnd, String) {
    let from = request.revision;
    let mut stream = match etcd.watch(request).await {
        Ok(stream) => stream,
        Err(error) => return (WatchEnd::Broke, error.to_string()),
    };
    let created = *stream.created();
    if created.revision < from.saturating_sub(1) {
        let why = format!(
            "{} is at revision {}, and the watch begins at {from}",
            stream.endpoint(),
            created.revision
        );
        return (WatchEnd::Ahead, why);
    }
    let mut item = Watched::Created(created);
    loop {
        if tell.send(item).await.is_err() {
            return (WatchEnd::Broke, "it is not wanted any more".to_owned());
        }
        item = loop {
            match stream.next().await {
                Ok(WatchItem::Batch(batch)) => break Watched::Batch(batch),
                // A sign of life, and no more.
                Ok(WatchItem::Progress { .. }) => {}
                Ok(WatchItem::Canceled {
                    compact_revision: Some(compacted),
                    ..
                }) => {
                    let why = format!("etcd is compacted at revision {compacted}");
                    return (WatchEnd::Compacted, why);
                }
                Ok(WatchItem::Canceled { reason, .. }) => {
                    return (WatchEnd::Broke, format!("etcd has ended it: {reason}"));
                }
                Err(error) => return (WatchEnd::Broke, error.to_string()),
            }
        };
    }
}
