//! One watch at the etcd, read by a task of its own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use client::{Batch, Etcd, Header, WatchFrom, WatchItem, WatchStream};
use futures::FutureExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use crate::snapshot::machine::WatchEnd;

/// Begins watches.
#[async_trait]
pub(super) trait Watches: fmt::Debug + Send + Sync {
    /// Begins one.
    async fn watch(&self, from: WatchFrom) -> client::Result<Box<dyn WatchStream>>;
}

#[async_trait]
impl Watches for Arc<dyn Etcd> {
    async fn watch(&self, from: WatchFrom) -> client::Result<Box<dyn WatchStream>> {
        (**self).watch(from).await
    }
}

/// Bytes that the section in front may have read ahead of the driver: then etcd waits.
const AHEAD: usize = 1 << 20;

/// So many bytes are passed on at a time; one batch more may end them.
const TOGETHER: usize = 256 << 10;

/// What is read in a section.
#[derive(Debug)]
pub(super) enum Part {
    Created(Header),
    /// At least one batch; the room that they take is free when they are dropped.
    Batches {
        batches: Vec<Batch>,
        room: OwnedSemaphorePermit,
    },
    Ended(WatchEnd, String),
}

/// A watch that is being read. Dropped, it is given up.
#[derive(Debug)]
pub(super) struct Section {
    /// The first revision of it.
    pub(super) from: i64,
    parts: UnboundedReceiver<Part>,
    is_in_front: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Section {
    /// One that is read in front of others: it waits when it is not read.
    pub(super) fn in_front(etcd: &Arc<dyn Watches>, from: WatchFrom) -> Self {
        Self::start(etcd, from, None)
    }

    /// One that is read while others are in front of it. It never waits, so that it stays in step: it ends when there is no
    /// `room` for what it has read.
    pub(super) fn after_others(
        etcd: &Arc<dyn Watches>,
        from: WatchFrom,
        room: &Arc<Semaphore>,
    ) -> Self {
        Self::start(etcd, from, Some(room.clone()))
    }

    fn start(etcd: &Arc<dyn Watches>, from: WatchFrom, room: Option<Arc<Semaphore>>) -> Self {
        let (tell, parts) = unbounded_channel();
        let is_in_front = Arc::new(AtomicBool::new(room.is_none()));
        let reading = Reading {
            tell,
            is_in_front: is_in_front.clone(),
            ahead: Arc::new(Semaphore::new(AHEAD)),
            room,
        };
        let etcd = etcd.clone();
        let task = tokio::spawn(async move {
            let (end, why) = reading.read(&*etcd, from).await;
            let _ = reading.tell.send(Part::Ended(end, why));
        });
        let (from, task) = (from.revision, task.abort_handle());
        Self {
            from,
            parts,
            is_in_front,
            task,
        }
    }

    /// Nothing is in front of it any more.
    pub(super) fn comes_to_the_front(&self) {
        self.is_in_front.store(true, Ordering::Release);
    }

    /// What is read next. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Part {
        let died = || Part::Ended(WatchEnd::Broke, "it was not read on".to_owned());
        self.parts.recv().await.unwrap_or_else(died)
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the task of a section needs.
struct Reading {
    tell: UnboundedSender<Part>,
    is_in_front: Arc<AtomicBool>,
    ahead: Arc<Semaphore>,
    /// That of all sections that are not in front.
    room: Option<Arc<Semaphore>>,
}

impl Reading {
    /// Reads until there is nothing more, and says why.
    async fn read(&self, etcd: &dyn Watches, from: WatchFrom) -> (WatchEnd, String) {
        let mut stream = match etcd.watch(from).await {
            Ok(stream) => stream,
            Err(error) => return (WatchEnd::Broke, error.to_string()),
        };
        let created = *stream.created();
        // One that is opened after others may begin in the future.
        if self.room.is_none() && created.revision < from.revision.saturating_sub(1) {
            let why = format!(
                "{} is at revision {}, and the watch begins at {}",
                stream.endpoint(),
                created.revision,
                from.revision
            );
            return (WatchEnd::Ahead, why);
        }
        if self.tell.send(Part::Created(created)).is_err() {
            return gone();
        }
        loop {
            let mut batches = Vec::new();
            let end = arrived(&mut *stream, &mut batches).await;
            if !batches.is_empty() {
                let bytes = batches.iter().map(Batch::memory).sum();
                let Some(room) = self.room_for(bytes).await else {
                    let why = "there is no room for what comes before its turn";
                    return (WatchEnd::Broke, why.to_owned());
                };
                if self.tell.send(Part::Batches { batches, room }).is_err() {
                    return gone();
                }
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    async fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = |limit: usize| u32::try_from(bytes.min(limit)).unwrap_or(u32::MAX);
        match &self.room {
            Some(room) if !self.is_in_front.load(Ordering::Acquire) => {
                let room = room.clone();
                room.try_acquire_many_owned(bytes(usize::MAX)).ok()
            }
            _ => {
                let room = self.ahead.clone();
                room.acquire_many_owned(bytes(AHEAD)).await.ok()
            }
        }
    }
}

fn gone() -> (WatchEnd, String) {
    (WatchEnd::Broke, "it is not wanted any more".to_owned())
}

/// Waits for a batch, and takes those that have arrived with it: at a high rate each is an event or two, and to
/// pass them on one by one costs more than to write them down. The end of the stream, if it was there.
async fn arrived(
    stream: &mut dyn WatchStream,
    batches: &mut Vec<Batch>,
) -> Option<(WatchEnd, String)> {
    let mut bytes = 0;
    while bytes < TOGETHER {
        let item = match batches.is_empty() {
            true => stream.next().await,
            false => stream.next().now_or_never()?,
        };
        match item {
            Ok(WatchItem::Batch(batch)) => {
                bytes += batch.memory();
                batches.push(batch);
            }
            // A sign of life, and no more.
            Ok(WatchItem::Progress { .. }) => {}
            Ok(WatchItem::Canceled {
                compact_revision: Some(compacted),
                ..
            }) => {
                let why = format!("etcd is compacted at revision {compacted}");
                return Some((WatchEnd::Compacted, why));
            }
            Ok(WatchItem::Canceled { reason, .. }) => {
                return Some((WatchEnd::Broke, format!("etcd has ended it: {reason}")));
            }
            Err(error) => return Some((WatchEnd::Broke, error.to_string())),
        }
    }
    None
}
