//! Deltas, fetched and decoded ahead of the one being applied, handed out in order.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::Budget;
use super::catalogue::Snapshot;
use super::content::{self, replaced};
use super::delta::{Batch, DeltaError, DeltaReader, ReadOptions};
use super::download::store_error;
use super::error::{Error, Result};
use crate::encryption::Locked;
use crate::error::Error as System;
use crate::machine::start_thread;
use crate::session::Session;

/// Decoded bytes that may wait to be applied, for all deltas together.
const AHEAD: usize = 32 << 20;

/// The most deltas on their way at once. Each keeps a thread of its own waiting for its bytes: never
/// one of the runtime, which the store needs to bring them. More than this is no faster on any machine.
const AT_ONCE: usize = 64;

/// The largest batch whose memory is kept, in bytes: one of usual events.
const SPARE: usize = 4 << 20;

/// Where deltas come from and how they are read.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) session: Session,
    pub(crate) options: ReadOptions,
}

impl Source {
    pub(crate) fn failure(&self, snapshot: &Snapshot, error: DeltaError) -> Error {
        // A download that was cancelled ends early, and what has no compression does not show it.
        if self.session.cancel.is_cancelled() {
            return System::Interrupted.into();
        }
        match error {
            DeltaError::Read(error) => unreadable(&self.session, snapshot, error),
            DeltaError::Hash { .. } | DeltaError::HashMissing => {
                Error::wrong_hash(snapshot.key(), error)
            }
            other => Error::damaged(snapshot.key(), other),
        }
    }
}

/// What it means that a snapshot could not be read: the store failed, or the object is damaged.
pub(crate) fn unreadable(session: &Session, snapshot: &Snapshot, error: io::Error) -> Error {
    if session.cancel.is_cancelled() {
        return System::Interrupted.into();
    }
    let error = match replaced(error) {
        Ok(replaced) => return Error::not_as_noted(snapshot.key(), replaced),
        Err(error) => error,
    };
    let error = match error.downcast::<Locked>() {
        Ok(locked) => return Error::locked(snapshot.key(), locked),
        Err(error) => error,
    };
    match store_error(error) {
        Ok(source) => Error::Store {
            location: session.store.location().to_string(),
            source,
        },
        Err(error) => {
            let word = snapshot.name.encoding.word();
            Error::damaged(
                snapshot.key(),
                format!("its {word} content cannot be read: {error}"),
            )
        }
    }
}

/// The deltas of a plan, in order.
pub(crate) struct Deltas {
    source: Source,
    waiting: VecDeque<(usize, Snapshot)>,
    running: VecDeque<DeltaStream>,
    parallel: usize,
    shared: Arc<Shared>,
}

/// What all deltas share.
struct Shared {
    budget: Budget,
    /// Batches that have been applied. Their memory is used again: giving half a megabyte back to
    /// the system and asking for it anew costs as much as parsing what goes into it.
    spare: Mutex<Vec<Batch>>,
}

/// The batches of one delta, read on a thread of its own.
pub(crate) struct DeltaStream {
    pub(crate) number: usize,
    pub(crate) snapshot: Snapshot,
    batches: Receiver<Result<Step>>,
    ended: bool,
    shared: Arc<Shared>,
}

/// What a delta has come to.
enum Step {
    More(Batch),
    /// It was read to its end and found whole. A thread that ends without it has died.
    End,
}

impl Deltas {
    /// Begins with the first `parallel` deltas, at most 64. Where the machine has no threads for so
    /// many, with fewer.
    pub(crate) fn new(source: Source, deltas: &[Snapshot], parallel: usize) -> Self {
        let mut deltas = Self {
            source,
            waiting: deltas.iter().cloned().enumerate().collect(),
            running: VecDeque::new(),
            parallel: parallel.clamp(1, AT_ONCE),
            shared: Arc::new(Shared {
                budget: Budget::new(AHEAD),
                spare: Mutex::default(),
            }),
        };
        // Without any it is tried again by who needs the first, and told.
        let _ = deltas.start_more();
        deltas
    }

    fn start_more(&mut self) -> Result<()> {
        while self.running.len() < self.parallel {
            let Some((number, snapshot)) = self.waiting.front() else {
                return Ok(());
            };
            match self.start(*number, snapshot.clone()) {
                Ok(stream) => self.running.push_back(stream),
                Err(error) if self.running.is_empty() => return Err(error),
                Err(_) => {
                    self.parallel = self.running.len();
                    return Ok(());
                }
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    fn start(&self, number: usize, snapshot: Snapshot) -> Result<DeltaStream> {
        let (sender, batches) = channel();
        let (source, shared) = (self.source.clone(), self.shared.clone());
        let object = snapshot.clone();
        start_thread(move || {
            let decoded = decode(&source, number, &object, &shared, &sender);
            // Whoever would want to know may have stopped listening.
            let _ = sender.send(decoded.map(|()| Step::End));
        })?;
        Ok(DeltaStream {
            number,
            snapshot,
            batches,
            ended: false,
            shared: self.shared.clone(),
        })
    }

    /// The next delta, and one more begins.
    pub(crate) fn next(&mut self) -> Result<Option<DeltaStream>> {
        if self.running.is_empty() {
            self.start_more()?;
        }
        let Some(stream) = self.running.pop_front() else {
            return Ok(None);
        };
        self.shared.budget.advance(stream.number);
        // One that cannot start now is tried again when nothing else runs.
        let _ = self.start_more();
        Ok(Some(stream))
    }
}

impl Drop for Deltas {
    fn drop(&mut self) {
        self.shared.budget.close();
    }
}

impl DeltaStream {
    /// The next events of this delta; `None` when it was read to its end and found whole.
    pub(crate) fn next(&mut self) -> Result<Option<Batch>> {
        if self.ended {
            return Ok(None);
        }
        let died = |_| System::Died(format!("while it decoded {}", self.snapshot.key()));
        match self.batches.recv().map_err(died)?? {
            Step::More(batch) => Ok(Some(batch)),
            Step::End => {
                self.ended = true;
                Ok(None)
            }
        }
    }

    /// The batch has been applied.
    pub(crate) fn done(&self, batch: Batch) {
        self.shared.budget.release(self.number, batch.weight());
        if batch.weight() <= SPARE {
            self.shared.spare().push(batch);
        }
    }
}

impl Shared {
    fn spare(&self) -> MutexGuard<'_, Vec<Batch>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn decode(
    source: &Source,
    number: usize,
    snapshot: &Snapshot,
    shared: &Arc<Shared>,
    sender: &Sender<Result<Step>>,
) -> Result<()> {
    let content = content::open(&source.session, snapshot, source.options.hash);
    let turn = shared.clone();
    let mut reader = DeltaReader::new(&snapshot.name, content, source.options)
        .in_turn(move || turn.budget.wait_for_turn(number).is_ok());
    loop {
        let mut batch = shared.spare().pop().unwrap_or_default();
        let more = reader.next_batch(&mut batch);
        if !more.map_err(|error| source.failure(snapshot, error))? {
            return Ok(());
        }
        let room = shared.budget.reserve(number, batch.weight());
        if room.is_err() || sender.send(Ok(Step::More(batch))).is_err() {
            // The restore has ended without needing the rest.
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;

    /// The end of the thread was the end of the delta: what it had not decoded was not missed.
    #[test]
    fn a_thread_that_dies_is_not_the_end_of_a_delta() {
        let snapshot = catalogue(&["Incr-00000002-00000003-1"]).snapshots[0].clone();
        let stream = |batches| DeltaStream {
            number: 0,
            snapshot: snapshot.clone(),
            batches,
            ended: false,
            shared: Arc::new(Shared {
                budget: Budget::new(AHEAD),
                spare: Mutex::default(),
            }),
        };
        let (sender, batches) = channel();
        sender.send(Ok(Step::More(Batch::default()))).unwrap();
        drop(sender);
        let mut died = stream(batches);
        assert!(died.next().unwrap().is_some());
        assert!(matches!(died.next(), Err(Error::System(System::Died(_)))));

        let (sender, batches) = channel();
        sender.send(Ok(Step::End)).unwrap();
        assert!(stream(batches).next().unwrap().is_none());
    }
}
