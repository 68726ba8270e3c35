use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use snapstore::clock::Clock;
use tokio::sync::Notify;

use super::asked::Asked;
use super::facts::Facts;
use super::said::{Said, Sent};
use crate::endpoint::Endpoint;
use crate::error::{Error, Result};

/// Whether a question is the one that is meant.
type Which = fn(&Asked) -> bool;

/// The fake. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Scripted {
    endpoint: Endpoint,
    pub(super) clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Script>,
    more: Notify,
}

#[derive(Debug)]
pub(super) struct Script {
    pub(super) facts: Facts,
    pub(super) asked: Vec<Asked>,
    refusals: Vec<(Which, Error)>,
    pub(super) watched: VecDeque<Said>,
    snapshots: VecDeque<VecDeque<Sent>>,
}

impl Scripted {
    /// One that waits by `clock` and is asked at `endpoint`.
    pub fn new(endpoint: Endpoint, clock: Arc<dyn Clock>) -> Self {
        let script = Mutex::new(Script {
            facts: Facts::default(),
            asked: Vec::new(),
            refusals: Vec::new(),
            watched: VecDeque::new(),
            snapshots: VecDeque::new(),
        });
        let more = Notify::new();
        Self {
            endpoint,
            clock,
            shared: Arc::new(Shared { script, more }),
        }
    }

    /// The same one, asked at another endpoint.
    pub(super) fn elsewhere(&self, endpoint: &Endpoint) -> Self {
        Self {
            endpoint: endpoint.clone(),
            ..self.clone()
        }
    }

    pub(super) fn here(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Changes what is answered from now on.
    pub fn facts<T>(&self, change: impl FnOnce(&mut Facts) -> T) -> T {
        change(&mut self.script().facts)
    }

    /// The next question that is `which` is answered by `error`.
    pub fn refuse(&self, which: fn(&Asked) -> bool, error: Error) {
        self.script().refusals.push((which, error));
    }

    /// What watches say, after what was written down before.
    pub fn says(&self, said: impl IntoIterator<Item = Said>) {
        self.script().watched.extend(said);
        self.shared.more.notify_waiters();
    }

    /// The next snapshot for which nothing is written down yet. Its size is that of all [`Sent::Database`]
    /// in it, whether they are sent or not; it ends with the right hash if nothing stands before.
    pub fn sends(&self, sent: impl IntoIterator<Item = Sent>) {
        let sent = sent.into_iter().collect();
        self.script().snapshots.push_back(sent);
    }

    /// The next snapshot is `database`, in pieces of at most `piece` bytes.
    pub fn sends_database(&self, database: &Bytes, piece: usize) {
        let pieces = (0..database.len()).step_by(piece.max(1));
        let end = |start: usize| database.len().min(start.saturating_add(piece.max(1)));
        let pieces = pieces.map(|start| Sent::Database(database.slice(start..end(start))));
        self.sends(pieces);
    }

    /// Everything that was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    /// What watches have not said yet.
    pub fn left_to_say(&self) -> usize {
        self.script().watched.len()
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        let script = self.shared.script.lock();
        script.unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the question, and what it is answered if it is not refused.
    pub(super) fn answer<T>(
        &self,
        asked: Asked,
        answer: impl FnOnce(&mut Facts) -> Result<T>,
    ) -> Result<T> {
        let mut script = self.script();
        let refused = script.refusals.iter().position(|(which, _)| which(&asked));
        script.asked.push(asked);
        match refused {
            Some(index) => Err(script.refusals.remove(index).1),
            None => answer(&mut script.facts),
        }
    }

    pub(super) fn note(&self, asked: Asked) {
        self.script().asked.push(asked);
    }

    pub(super) fn next_snapshot(&self) -> Option<VecDeque<Sent>> {
        self.script().snapshots.pop_front()
    }

    /// What the watch says next; waits until something is written down.
    pub(super) async fn next_said(&self) -> Said {
        loop {
            let more = self.shared.more.notified();
            tokio::pin!(more);
            // Before the look, or what is said between it and the wait is missed.
            more.as_mut().enable();
            if let Some(said) = self.script().watched.pop_front() {
                return said;
            }
            more.await;
        }
    }
}
