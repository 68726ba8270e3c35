use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use snapstore::{
    Bytes, ErrorKind, Key, ListRequest, ObjectId, PutOptions, Snapstore, SnapstoreExt,
};

use super::epoch::{Epoch, PLACE};
use super::error::{Error, Result};
use super::process::Process;
use crate::session::Session;

/// How often another may be quicker.
const ATTEMPTS: u32 = 10;

/// Epochs that are left for people to see.
const KEPT: u64 = 8;

/// How the turn is taken.
#[derive(Debug, Clone)]
pub struct Taking {
    /// Who takes it.
    pub process: Process,
    /// What time it is, for people.
    pub now: Timestamp,
    /// How long a write of the one before may be under way, if it may still run.
    pub settle: Duration,
}

/// What stands in the object of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    format: u32,
    /// No other owner has it.
    id: String,
    process: Process,
    taken: Timestamp,
}

/// A turn that was taken.
#[derive(Debug, Clone)]
pub struct Fence {
    store: Arc<dyn Snapstore>,
    epoch: Epoch,
    /// That of the owner who stands in its object.
    id: String,
}

/// The turn, and what is known of the one before.
#[derive(Debug)]
pub struct Taken {
    /// The turn.
    pub fence: Fence,
    /// Who had it before and may still run; it stops when it asks.
    pub before: Option<Process>,
}

impl Fence {
    /// Takes the turn after the last one. Returns when what the one before may have had under way is there.
    pub async fn take(session: &Session, taking: &Taking) -> Result<Taken> {
        let taken = take(session, taking);
        let taken = session.cancel.run_until_cancelled(taken).await;
        taken.ok_or(Error::Interrupted)?
    }

    /// Which turn.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether no other has the turn.
    ///
    /// The object of this turn must be there as well: those of turns that are long over are deleted, the one after it
    /// among them, and in a place that was emptied, or is another, no delta would continue anything.
    pub async fn holds(&self) -> Result<bool> {
        let (ours, next) = (self.epoch.key()?, ObjectId::from(self.epoch.next().key()?));
        // In this order: whoever removes both begins with the older one.
        let there = match self.store.head(&next).await {
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::NotFound => read(&*self.store, &ours).await?,
            Err(error) => return Err(error.into()),
        };
        Ok(there.is_some_and(|there| there.id == self.id))
    }

    /// Says that this turn is over, so that the next one waits for nothing.
    pub async fn release(&self) -> Result<()> {
        let key = self.epoch.released()?;
        let put = self.store.put(&key, Bytes::new(), PutOptions::overwrite());
        put.await.map(drop).map_err(Error::from)
    }
}

async fn take(session: &Session, taking: &Taking) -> Result<Taken> {
    let store = &*session.store;
    for attempt in 0..ATTEMPTS {
        let (last, is_released) = last(store).await?;
        let epoch = last.map_or(Epoch(1), Epoch::next);
        let owner = Owner {
            format: 1,
            id: format!(
                "{:016x}-{attempt}",
                session.seed ^ u64::from(taking.process.pid)
            ),
            process: taking.process.clone(),
            taken: taking.now,
        };
        if !won(session, epoch, &owner, taking.settle).await? {
            continue;
        }
        let id = owner.id;
        let before = match last.filter(|_| !is_released) {
            Some(last) => read(store, &last.key()?).await?,
            None => None,
        };
        let before = before.map(|owner| owner.process);
        let before = before.filter(|process| !process.is_gone());
        if before.is_some() {
            session.clock.sleep(taking.settle).await;
        }
        let fence = Fence {
            store: session.store.clone(),
            epoch,
            id,
        };
        forget(store, epoch).await;
        return Ok(Taken { fence, before });
    }
    Err(Error::Lost(ATTEMPTS))
}

/// The last epoch, and whether its owner has ended.
async fn last(store: &dyn Snapstore) -> Result<(Option<Epoch>, bool)> {
    let mut last: Option<(Epoch, bool)> = None;
    for object in store.list_all(ListRequest::under(PLACE)).await? {
        if let Some((epoch, is_released)) = Epoch::of(&object.id.key) {
            let before = last.filter(|(before, _)| *before == epoch);
            let is_released = is_released || before.is_some_and(|(_, released)| released);
            if last.is_none_or(|(before, _)| before <= epoch) {
                last = Some((epoch, is_released));
            }
        }
    }
    Ok((
        last.map(|(epoch, _)| epoch),
        last.is_some_and(|(_, released)| released),
    ))
}

/// Writes the epoch, and says whether it is ours. Where two may both be told that they were first, the one whose
/// object is there afterwards is.
async fn won(session: &Session, epoch: Epoch, owner: &Owner, settle: Duration) -> Result<bool> {
    let store = &*session.store;
    let key = epoch.key()?;
    let unreadable = |why: serde_json::Error| Error::Unreadable {
        key: key.clone(),
        why: why.to_string(),
    };
    let body = serde_json::to_vec(owner).map_err(unreadable)?;
    match store.put(&key, body.into(), PutOptions::default()).await {
        Ok(_) if store.capabilities().create_new => return Ok(true),
        Ok(_) => session.clock.sleep(settle).await,
        // It may be ours, if the answer to it was lost.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    let there = read(store, &key).await?;
    Ok(there.is_some_and(|there| there.id == owner.id))
}

async fn read(store: &dyn Snapstore, key: &Key) -> Result<Option<Owner>> {
    let body = match store.read(&ObjectId::from(key.clone())).await {
        Ok(body) => body,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let owner = serde_json::from_slice(&body);
    owner.map(Some).map_err(|why| Error::Unreadable {
        key: key.clone(),
        why: why.to_string(),
    })
}

/// Deletes what is long over. That it stays does no harm.
async fn forget(store: &dyn Snapstore, epoch: Epoch) {
    let Ok(objects) = store.list_all(ListRequest::under(PLACE)).await else {
        return;
    };
    for object in objects {
        let old = Epoch::of(&object.id.key).filter(|(old, _)| old.0 + KEPT < epoch.0);
        if old.is_some() && store.delete(&object.id).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
#[path = "take_tests.rs"]
mod tests;
