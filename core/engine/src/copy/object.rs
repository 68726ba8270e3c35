//! One object, from store to store.

use std::sync::Arc;
use std::time::Duration;

use snapstore::{Key, ObjectId, send};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::by_service::Service;
use super::contents::Contents;
use super::described::{as_there, describe, is_there};
use super::existing::compare;
use super::failure::Failure;
use super::item::{Choice, Item};
use super::keys::Keys;
use super::pace::Pace;
use super::passing::{Expected, Passing};
use super::request::{ContentCheck, Request};
use super::room::room;
use super::trailing_hash::TrailingHash;
use crate::backups::download::begin;
use crate::backups::storing::{self, Proof, Sent, Waits, key_of, prove};
use crate::backups::{Snapshot, SnapshotName};
use crate::session::Session;

/// How long an object may be taken back or brought to its end, when the copy is asked to stop.
const CLEANING: Duration = Duration::from_secs(10);

/// The surroundings of all objects of a copy.
pub(super) struct Way {
    pub(super) source: Session,
    pub(super) destination: Session,
    pub(super) request: Request,
    pub(super) from: Contents,
    pub(super) to: Contents,
    pub(super) keys: Keys,
    pub(super) pace: Arc<Pace>,
    pub(super) room: Semaphore,
    pub(super) service: Service,
}

/// What has shown that a snapshot is at the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It was sent.
    Sent(Proof),
    /// The service of both stores has copied it.
    ByService(Proof),
    /// It was there, and nothing that is known of the two differs.
    Known,
    /// It was there, and was read and compared.
    Compared,
}

impl Way {
    /// Brings a snapshot to the destination, and then what is known of it.
    ///
    /// When the copy is asked to stop, what is on its way is taken back, and what was sent to its end is described; neither
    /// for long.
    pub(super) async fn bring(&self, item: &Item) -> Result<Shown, Failure> {
        tokio::select! {
            brought = self.brought(item) => brought,
            () = self.cleaned_up() => Err(Failure::Interrupted),
        }
    }

    /// Over some seconds after the copy is asked to stop.
    async fn cleaned_up(&self) {
        self.destination.cancel.cancelled().await;
        self.destination.clock.sleep(CLEANING).await;
    }

    async fn brought(&self, item: &Item) -> Result<Shown, Failure> {
        let name = item.snapshot.key().file_name();
        let shown = match &item.choice {
            Choice::Compare(there) => {
                let told = self.from.sum_of(name);
                let sessions = (&self.source, &self.destination);
                compare(sessions, &item.snapshot, told, there).await?;
                Shown::Compared
            }
            Choice::Copy => self.copy(item).await?,
            Choice::Present(_) | Choice::LeftOut(_) | Choice::Refused(_) => Shown::Known,
        };
        self.describe(item).await?;
        let known = &self.from.all;
        self.keys
            .has_that_of(&self.source, &item.snapshot, known)
            .await?;
        Ok(shown)
    }

    async fn describe(&self, item: &Item) -> Result<(), Failure> {
        let name = item.snapshot.key().file_name();
        let Some(metadata) = self.from.all.by_snapshot.get(name) else {
            return Ok(());
        };
        let there = match &item.choice {
            // It may be there under a name that ends with `.final`, as another program copies.
            Choice::Present(key) | Choice::Compare(key) => {
                SnapshotName::parse(key.file_name()).unwrap_or(item.to.clone())
            }
            _ => item.to.clone(),
        };
        let wanted = as_there(metadata, &there);
        if is_there(&wanted, self.to.all.by_snapshot.get(&wanted.snapshot)) {
            return Ok(());
        }
        let written = describe(&*self.destination.store, &wanted).await;
        written.map_err(Failure::Metadata)
    }

    async fn copy(&self, item: &Item) -> Result<Shown, Failure> {
        let key = key_of(&item.to)?;
        match self
            .service
            .copy(&item.snapshot, &key, || self.expected(&item.snapshot))
            .await?
        {
            Some(proof) => Ok(Shown::ByService(proof)),
            None => self.send(item, key).await.map(Shown::Sent),
        }
    }

    async fn send(&self, item: &Item, key: Key) -> Result<Proof, Failure> {
        let destination = &*self.destination.store;
        let size = item.snapshot.size;
        let (sending, permits) = room(self.request.sending, size, destination.capabilities());
        let waits = Waits {
            clock: &*self.destination.clock,
            // The stores have deadlines of their own.
            stall: Duration::MAX,
            cancel: &self.destination.cancel,
        };
        let taking = waits.until(self.room.acquire_many(permits)).await?;
        // Nobody closes it.
        let _taken = taking.map_err(|_| Failure::Interrupted)?;
        let opening = waits.until(begin(&self.source, &item.snapshot)).await?;
        let passing = Passing {
            body: opening.map_err(Failure::Read)?,
            expected: self.expected(&item.snapshot)?,
            pace: self.pace.clone(),
            observer: self.destination.observer.clone(),
            cancel: self.destination.cancel.clone(),
        };
        let (body, came) = passing.stream();
        let answer = send(destination, &key, body, sending).await;
        let Some((size, sha256)) = came.take()? else {
            // It was not read to its end, since the destination gave up first.
            let source = answer.err().unwrap_or_else(|| not_read(&key));
            return Err(storing::Error::Store { key, source }.into());
        };
        let sent = Sent {
            key: &key,
            size,
            sha256,
            wanted: self.request.arrival,
        };
        let to_its_end = Waits {
            cancel: &CancellationToken::new(),
            ..waits
        };
        match prove(destination, sent, answer, to_its_end).await {
            Ok(proof) => Ok(proof),
            Err(error) => Err(self.taken_back(error).await),
        }
    }

    fn expected(&self, snapshot: &Snapshot) -> Result<Expected, Failure> {
        let told = self.from.sum_of(snapshot.key().file_name());
        Ok(match (told, self.request.content) {
            (Some(told), _) => Expected::Sum(told.to_owned()),
            (None, ContentCheck::Skipped) => Expected::Length,
            (None, ContentCheck::TrailingHash) => {
                match snapshot.name.encoding.is_encrypted() && !self.source.keys.has_identities() {
                    // Nothing of it can be seen without its key.
                    true => Expected::Length,
                    false => Expected::TrailingHash(TrailingHash::start(&self.source, snapshot)?),
                }
            }
        })
    }

    /// What is not what was sent must not stay: the next copy would find as many bytes under the name.
    async fn taken_back(&self, error: storing::Error) -> Failure {
        let storing::Error::Damaged { key, why } = error else {
            return error.into();
        };
        let object = ObjectId::from(key.clone());
        match self.destination.store.delete(&object).await {
            Ok(()) => Failure::Spoilt { key, why },
            Err(_) => storing::Error::Damaged { key, why }.into(),
        }
    }
}

/// A store that answers before it has read what it is to store.
fn not_read(key: &Key) -> snapstore::Error {
    let why = "it answered before all of it was sent";
    snapstore::Error::new(snapstore::ErrorKind::Unexpected, "send", why).with_key(key)
}
