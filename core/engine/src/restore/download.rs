//! An object's bytes, arriving in the background, as a blocking reader.

use std::io::{self, BufRead, Read};

use futures::StreamExt;
use snapstore::{Bytes, ObjectId};
use tokio::sync::mpsc;

use super::session::Session;
use crate::progress::Event;
use crate::snapshot::Snapshot;

/// Pieces that wait between the network and the decoder.
const WAITING: usize = 4;

/// The body of an object. Dropping it ends the download.
pub(crate) struct Body {
    pieces: mpsc::Receiver<snapstore::Result<Bytes>>,
    piece: Bytes,
}

/// Begins to download `snapshot`. Ends early when the session is cancelled.
pub(crate) fn download(session: &Session, snapshot: &Snapshot) -> Body {
    let (sender, pieces) = mpsc::channel(WAITING);
    let (id, session) = (snapshot.id.clone(), session.clone());
    let runtime = session.runtime.clone();
    runtime.spawn(async move {
        let cancel = session.cancel.clone();
        cancel.run_until_cancelled(send(session, id, sender)).await;
    });
    Body {
        pieces,
        piece: Bytes::new(),
    }
}

async fn send(session: Session, id: ObjectId, sender: mpsc::Sender<snapstore::Result<Bytes>>) {
    let mut body = match session.store.get(&id, None).await {
        Ok(download) => download.body,
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

impl BufRead for Body {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => break,
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
pub(crate) fn store_error(error: io::Error) -> Result<snapstore::Error, io::Error> {
    error.downcast::<snapstore::Error>()
}
