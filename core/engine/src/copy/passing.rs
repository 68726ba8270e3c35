//! The bytes of an object between the two stores: counted, hashed, checked, and no faster than was asked for. The body ends
//! without an error only when the object was what it should be, so that nothing else is ever completed at the destination.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{Stream, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use snapstore::{ByteStream, Bytes, ErrorKind};
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::pace::Pace;
use super::trailing_hash::TrailingHash;
use crate::progress::{Event, Observer};

/// What an object must turn out to be.
pub(super) enum Expected {
    /// Of this SHA-256, in hexadecimal.
    Sum(String),
    /// With the SHA-256 of its content at its end.
    TrailingHash(TrailingHash),
    /// Of its length.
    Length,
}

/// A body on its way.
pub(super) struct Passing {
    pub(super) body: ByteStream,
    pub(super) expected: Expected,
    pub(super) pace: Arc<Pace>,
    pub(super) observer: Arc<dyn Observer>,
    /// Ends the body with an error, so that whoever sends it takes back what was sent.
    pub(super) cancel: CancellationToken,
}

/// What has come of it, for whoever gave the body away.
#[derive(Clone, Default)]
pub(super) struct Came(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Going,
    Whole {
        size: u64,
        sha256: [u8; 32],
    },
    Failed(Failure),
}

impl Came {
    fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Length and SHA-256 of the whole of it; `None` where it was not read to its end, which is not the fault of the source.
    pub(super) fn take(&self) -> Result<Option<(u64, [u8; 32])>, Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut *state) {
            State::Going => Ok(None),
            State::Whole { size, sha256 } => Ok(Some((size, sha256))),
            State::Failed(failure) => Err(failure),
        }
    }
}

impl Passing {
    /// The body for the destination, and what came of it.
    pub(super) fn stream(self) -> (impl Stream<Item = snapstore::Result<Bytes>> + Send, Came) {
        let came = Came::default();
        let going = Going {
            passing: self,
            came: came.clone(),
            hasher: Sha256::new(),
            size: 0,
        };
        (stream::try_unfold(Some(going), next), came)
    }
}

struct Going {
    passing: Passing,
    came: Came,
    hasher: Sha256,
    size: u64,
}

async fn next(going: Option<Going>) -> snapstore::Result<Option<(Bytes, Option<Going>)>> {
    let Some(mut going) = going else {
        return Ok(None);
    };
    let came = going.came.clone();
    let cancel = going.passing.cancel.clone();
    let step = cancel.run_until_cancelled(going.step()).await;
    match step.unwrap_or(Err(Failure::Interrupted)) {
        Ok(Some(piece)) => Ok(Some((piece, Some(going)))),
        Ok(None) => match going.end().await {
            Ok(()) => Ok(None),
            Err(failure) => Err(given_up(&came, failure)),
        },
        Err(failure) => Err(given_up(&came, failure)),
    }
}

/// What the sender is told: the reason is with who gave the body away.
fn given_up(came: &Came, failure: Failure) -> snapstore::Error {
    came.set(State::Failed(failure));
    let why = "the object was not read to its end";
    snapstore::Error::new(ErrorKind::Unexpected, "send", why)
}

impl Going {
    async fn step(&mut self) -> Result<Option<Bytes>, Failure> {
        let passing = &mut self.passing;
        let Some(piece) = passing.body.try_next().await.map_err(Failure::Read)? else {
            return Ok(None);
        };
        let length = piece.len() as u64;
        passing.pace.take(length).await;
        passing.observer.event(Event::Fetched(length));
        self.size += length;
        self.hasher.update(&piece);
        if let Expected::TrailingHash(hash) = &passing.expected {
            hash.take(piece.clone()).await;
        }
        Ok(Some(piece))
    }

    async fn end(self) -> Result<(), Failure> {
        let sha256: [u8; 32] = self.hasher.finalize().into();
        match self.passing.expected {
            Expected::Sum(told) => {
                let found = hex::encode(sha256);
                if !found.eq_ignore_ascii_case(&told) {
                    return Err(Failure::NotAsDescribed { found, told });
                }
            }
            Expected::TrailingHash(hash) => hash.finish().await?,
            Expected::Length => {}
        }
        let size = self.size;
        self.came.set(State::Whole { size, sha256 });
        Ok(())
    }
}
