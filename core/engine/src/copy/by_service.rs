//! Objects that the service behind both stores copies by itself: their bytes do not come here.
//!
//! A copy counts when the destination has as many bytes and the service tells one checksum of both, else when it was read
//! back and is what the original should be. What does not count is removed again, and the object goes through this
//! machine as any other does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::TryStreamExt;
use snapstore::{
    Copied, ErrorKind, Key, ObjectId, ObjectMeta, Original, PutOptions, SameContent, Snapstore,
};
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::pace::Pace;
use super::passing::{Expected, Passing};
use super::request::Passage;
use crate::backups::Snapshot;
use crate::backups::storing::{Arrival, Error, Proof};
use crate::progress::{Event, Unobserved};
use crate::session::Session;

/// The service of both stores, if there is one for both.
pub(super) struct Service {
    pub(super) source: Session,
    pub(super) destination: Session,
    pub(super) pace: Arc<Pace>,
    pub(super) wanted: Arrival,
    /// Whether it copies, as far as is known.
    pub(super) copies: AtomicBool,
}

/// What became of an object that the service was asked to copy.
enum Made {
    /// It is there.
    Shown(Proof),
    /// It is not what it should be.
    Doubtful(String),
}

/// Whether the service of both is to be asked.
pub(super) fn is_asked(
    source: &dyn Snapstore,
    destination: &dyn Snapstore,
    passage: Passage,
) -> bool {
    let is_one = destination
        .capabilities()
        .is_one_service(source.capabilities());
    is_one && passage == Passage::ByService
}

impl Service {
    /// Said once: what is on its way at the same time may be refused as well.
    fn refuses(&self, key: &Key, why: &dyn std::fmt::Display) {
        if self.copies.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                "the service of both stores does not copy {key} by itself, so all goes through this machine: {why}"
            );
        }
    }

    /// Lets it copy a snapshot, which must turn out as is expected; `None` where that has to go through this machine.
    pub(super) async fn copy(
        &self,
        snapshot: &Snapshot,
        key: &Key,
        expected: impl Fn() -> Result<Expected, Failure>,
    ) -> Result<Option<Proof>, Failure> {
        // Of no bytes there is nothing to copy.
        if snapshot.size == 0 || !self.copies.load(Ordering::Relaxed) {
            return Ok(None);
        }
        // The limit counts for what the service copies as well: of directories this machine is the service.
        let in_turn = self.pace.take(snapshot.size);
        let in_turn = self.destination.cancel.run_until_cancelled(in_turn);
        if in_turn.await.is_none() || self.destination.cancel.is_cancelled() {
            return Err(Failure::Interrupted);
        }
        let Some(original) = self.original(snapshot).await else {
            return Ok(None);
        };
        let destination = &*self.destination.store;
        let options = PutOptions::default();
        let copied = match destination.copy_within(&original, key, options).await {
            Ok(copied) => copied,
            // Somebody was first, or our answer was lost: whoever sends it finds out.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => {
                self.refuses(key, &error);
                return Ok(None);
            }
        };
        match self.judged((snapshot, expected), key, &copied).await? {
            Made::Shown(proof) => {
                let observer = &self.destination.observer;
                observer.event(Event::Fetched(snapshot.size));
                Ok(Some(proof))
            }
            Made::Doubtful(why) => {
                self.refuses(key, &why);
                let removed = destination.delete(&ObjectId::from(key.clone())).await;
                match removed {
                    Ok(()) => Ok(None),
                    Err(_) => Err(Error::Damaged {
                        key: key.clone(),
                        why,
                    }
                    .into()),
                }
            }
        }
    }

    /// The object as it is now at the source. One that cannot be looked at, or that is not what was listed, is left to
    /// whoever reads it, and says what is wrong.
    async fn original(&self, snapshot: &Snapshot) -> Option<Original> {
        let source = &*self.source.store;
        let object: ObjectMeta = source.head(&snapshot.id).await.ok()?;
        (object.size == snapshot.size).then(|| Original {
            location: source.location().clone(),
            object,
        })
    }

    async fn judged(
        &self,
        (snapshot, wanted): (&Snapshot, impl Fn() -> Result<Expected, Failure>),
        key: &Key,
        copied: &Copied,
    ) -> Result<Made, Failure> {
        let unproven = |source| Error::Unproven {
            key: key.clone(),
            source,
        };
        let object = ObjectId::from(key.clone());
        let found = self.destination.store.head(&object).await;
        let found = found.map_err(unproven)?;
        let expected = snapshot.size;
        if [copied.meta.size, found.size] != [expected; 2] {
            let why = format!("what it made has {} bytes, not {expected}", found.size);
            return Ok(Made::Doubtful(why));
        }
        if copied.content == SameContent::ByChecksum && self.wanted == Arrival::Size {
            return Ok(Made::Shown(Proof::Size));
        }
        let download = self.destination.store.get(&object, None).await;
        let passing = Passing {
            body: download.map_err(unproven)?.body,
            expected: wanted()?,
            pace: Arc::new(Pace::new(None, self.destination.clock.clone())),
            observer: Arc::new(Unobserved),
            // What is made is looked at to its end, as far as there is time.
            cancel: CancellationToken::new(),
        };
        let (body, came) = passing.stream();
        let _ = body.try_for_each(|_| std::future::ready(Ok(()))).await;
        match came.take() {
            Ok(Some((size, _))) if size == expected => Ok(Made::Shown(Proof::ReadBack)),
            Ok(_) => Ok(Made::Doubtful("what it made has another length".to_owned())),
            Err(Failure::Read(source)) => Err(unproven(source).into()),
            Err(Failure::Machine(error)) => Err(Failure::Machine(error)),
            Err(_) => {
                let why = "what it made does not have the SHA-256 that it should have";
                Ok(Made::Doubtful(why.to_owned()))
            }
        }
    }
}
