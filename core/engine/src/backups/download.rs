//! An object's bytes, arriving in the background, as a blocking reader.

use std::io::{self, BufRead, Read};

use futures::StreamExt;
use snapstore::layers::{Backoff, RetryPolicy, Widening, widen};
use snapstore::{ByteStream, Bytes, Error, ErrorKind};
use tokio::sync::mpsc;

use super::catalogue::Snapshot;
use crate::progress::Event;
use crate::session::Session;

/// Pieces that wait between the network and the decoder.
const WAITING: usize = 4;

/// Attempts at an answer that is about what was listed. The layers of the store have repeated each failed
/// request already; this is about answers that are good in themselves.
const ATTEMPTS: u32 = 4;

/// The body of an object. Dropping it ends the download.
pub(crate) struct Body {
    pieces: mpsc::Receiver<snapstore::Result<Bytes>>,
    piece: Bytes,
    /// What is still to come, in bytes, by the listing.
    left: u64,
    snapshot: Snapshot,
}

/// Begins to download `snapshot`. Ends early, with an error, when the session is cancelled.
pub(crate) fn download(session: &Session, snapshot: &Snapshot) -> Body {
    let (sender, pieces) = mpsc::channel(WAITING);
    let (object, session) = (snapshot.clone(), session.clone());
    let runtime = session.runtime.clone();
    runtime.spawn(async move {
        let cancel = session.cancel.clone();
        let sending = send(&session, &object, sender);
        cancel.run_until_cancelled(sending).await;
    });
    Body {
        pieces,
        piece: Bytes::new(),
        left: snapshot.size,
        snapshot: snapshot.clone(),
    }
}

async fn send(
    session: &Session,
    snapshot: &Snapshot,
    sender: mpsc::Sender<snapstore::Result<Bytes>>,
) {
    let mut body = match begin(session, snapshot).await {
        Ok(body) => body,
        Err(error) => {
            // The reader may be gone already; then nobody wants to know.
            let _ = sender.send(Err(error)).await;
            return;
        }
    };
    while let Some(piece) = body.next().await {
        if let Ok(bytes) = &piece {
            session.observer.event(Event::Fetched(bytes.len() as u64));
        }
        let failed = piece.is_err();
        if sender.send(piece).await.is_err() || failed {
            return;
        }
    }
}

/// Opens the object that was listed. Another length is not that object: a proxy that answers in the
/// store's place, a node that lags behind. And what was listed a moment ago is there.
pub(crate) async fn begin(session: &Session, snapshot: &Snapshot) -> snapstore::Result<ByteStream> {
    let backoff = Backoff {
        attempts: ATTEMPTS,
        ..Backoff::default()
    };
    let policy = RetryPolicy::new(backoff, session.clock.clone(), session.seed);
    let begun = policy.of(|_| async {
        match session.store.get(&snapshot.id, None).await {
            Ok(download) if download.meta.size == snapshot.size => {
                let (store, clock) = (session.store.clone(), session.clock.clone());
                Ok(Ok(widen(store, download, clock, Widening::default()).body))
            }
            Ok(download) => Err(another(snapshot, download.meta.size)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(error.retryable()),
            // The layers of the store have asked again where that helps.
            Err(error) => Ok(Err(error)),
        }
    });
    begun.await?
}

fn another(snapshot: &Snapshot, size: u64) -> Error {
    let message = format!(
        "the store lists it with {} bytes and sends {size}: something between here and the store \
         answers in its place, or the object was replaced; run this again",
        snapshot.size
    );
    let error = Error::new(ErrorKind::Unexpected, "get", message);
    error.with_key(snapshot.key()).retryable()
}

impl Body {
    /// An end that comes early is one of the download, never one of the object.
    fn ended(&self) -> io::Result<()> {
        if self.left == 0 {
            return Ok(());
        }
        let message = format!("the download ended {} bytes early", self.left);
        let error = Error::new(ErrorKind::Unexpected, "get", message);
        Err(io::Error::other(error.with_key(self.snapshot.key())))
    }

    fn take(&mut self, piece: Bytes) -> io::Result<()> {
        let left = self.left.checked_sub(piece.len() as u64);
        self.left = left.ok_or_else(|| {
            let message = "more bytes came than the store lists";
            let error = Error::new(ErrorKind::Unexpected, "get", message);
            io::Error::other(error.with_key(self.snapshot.key()))
        })?;
        self.piece = piece;
        Ok(())
    }
}

impl BufRead for Body {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(Ok(piece)) => self.take(piece)?,
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => {
                    self.ended()?;
                    break;
                }
            }
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, length: usize) {
        let _ = self.piece.split_to(length.min(self.piece.len()));
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// The store's own error inside an error of a reader, if that is what it is.
pub(crate) fn store_error(error: io::Error) -> Result<Error, io::Error> {
    error.downcast::<Error>()
}
