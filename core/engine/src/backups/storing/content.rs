use std::io::Write;
use std::ops::RangeInclusive;

use etcd::passing::{Holds, Passing, Unclear};
use futures::{Stream, stream};
use sha2::{Digest, Sha256};
use snapstore::{Bytes, ErrorKind};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::error::{Error, Result};
use crate::backups::compression::Compression;
use crate::backups::encoder::{Encoder, Level};
use crate::machine::start_thread;

/// Pieces that wait to be compressed: of etcd's, 32 KiB each.
const AHEAD: usize = 32;

/// Bytes of the object that are passed on at once, and how many such pieces wait.
const PIECE: (usize, usize) = (256 << 10, 4);

/// What comes of etcd, or of who makes a database.
#[derive(Debug)]
pub(crate) enum Fed {
    /// The next bytes of the database.
    Database(Bytes),
    /// It is complete, and this is its hash.
    End([u8; 32]),
}

/// What goes to the store.
#[derive(Debug)]
enum Done {
    Bytes(Bytes),
    /// That was the last of it. Without this the object is not whole, whatever else ended.
    End,
}

/// What was made of a database.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) stored_size: u64,
    pub(crate) stored_sha256: [u8; 32],
    pub(crate) raw_size: u64,
    pub(crate) database_sha256: [u8; 32],
    pub(crate) holds: Result<Holds, Unclear>,
}

/// A thread that makes an object of a database as it comes. `E` is the error of the verb.
#[derive(Debug)]
pub(crate) struct Content<E> {
    /// Where the database goes in.
    fed: Sender<Fed>,
    done: Receiver<Done>,
    /// What was made of it, when it was complete.
    made: oneshot::Receiver<Result<Made, E>>,
}

impl<E: From<Error> + Send + 'static> Content<E> {
    /// Of a database of `size` bytes that holds one of these revisions, and none above them. `before_end` sees what was
    /// made, on the thread that made it, when all but the end is on its way: where it fails, the object never ends.
    pub(crate) fn start(
        (compression, encoder): (Compression, Encoder),
        size: u64,
        revisions: RangeInclusive<i64>,
        before_end: impl FnOnce(&Made) -> Result<(), E> + Send + 'static,
    ) -> Result<Self> {
        let (fed, from_etcd) = channel(AHEAD);
        let (to_store, done) = channel(PIECE.1);
        let (tell, made) = oneshot::channel();
        let maker = Maker {
            encoder,
            is_raw: compression == Compression::None,
            database: Sha256::new(),
            stored: Sha256::new(),
            passing: Passing::new(size, *revisions.end()),
            least: *revisions.start(),
            size,
            seen: 0,
            stored_size: 0,
            to_store,
        };
        start_thread(move || {
            // Nobody listens any more where the full was given up.
            let _ = tell.send(maker.run(from_etcd, before_end));
        })
        .map_err(Error::Machine)?;
        Ok(Self { fed, done, made })
    }

    /// The way in, the object as it is made, and what was made. The object ends without an error only if the
    /// database was complete.
    pub(crate) fn split(
        self,
    ) -> (
        Sender<Fed>,
        impl Stream<Item = snapstore::Result<Bytes>> + Send,
        oneshot::Receiver<Result<Made, E>>,
    ) {
        let body = stream::try_unfold(self.done, async |mut done| match done.recv().await {
            Some(Done::Bytes(bytes)) => Ok(Some((bytes, done))),
            Some(Done::End) => Ok(None),
            None => {
                let why = "the snapshot was not read to its end";
                Err(snapstore::Error::new(ErrorKind::Unexpected, "send", why))
            }
        });
        (self.fed, body, self.made)
    }
}

struct Maker {
    encoder: Encoder,
    /// The object is the content: one hash does for both.
    is_raw: bool,
    database: Sha256,
    stored: Sha256,
    passing: Passing,
    /// What it has to hold.
    least: i64,
    size: u64,
    seen: u64,
    stored_size: u64,
    to_store: Sender<Done>,
}

impl Maker {
    fn run<E: From<Error>>(
        mut self,
        mut from_etcd: Receiver<Fed>,
        before_end: impl FnOnce(&Made) -> Result<(), E>,
    ) -> Result<Made, E> {
        loop {
            match from_etcd.blocking_recv() {
                Some(Fed::Database(bytes)) => self.take(&bytes)?,
                Some(Fed::End(sha256)) => {
                    let to_store = self.to_store.clone();
                    let made = self.end(sha256)?;
                    before_end(&made)?;
                    // The end of the object is made here and nowhere else.
                    let ended = to_store.blocking_send(Done::End);
                    ended.map_err(|_| Error::Interrupted)?;
                    return Ok(made);
                }
                None => return Err(Error::Interrupted.into()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.seen += bytes.len() as u64;
        self.database.update(bytes);
        self.passing.push(bytes);
        self.encoder.write_all(bytes).map_err(Error::Encode)?;
        match self.encoder.ready() >= PIECE.0 {
            true => {
                let done = self.encoder.take();
                self.pass_on(done)
            }
            false => Ok(()),
        }
    }

    fn pass_on(&mut self, done: Vec<u8>) -> Result<()> {
        self.stored_size += done.len() as u64;
        if !self.is_raw {
            self.stored.update(&done);
        }
        let done = Done::Bytes(done.into());
        let sent = self.to_store.blocking_send(done);
        sent.map_err(|_| Error::Interrupted)
    }

    /// Passes on the last of it, but not that it is the last.
    fn end(mut self, sha256: [u8; 32]) -> Result<Made> {
        if self.seen != self.size || self.database.clone().finalize()[..] != sha256 {
            return Err(Error::Changed);
        }
        let holds = std::mem::replace(&mut self.passing, Passing::new(0, 0)).finish();
        if let Ok(Holds { revision, .. }) = holds
            && revision < self.least
        {
            return Err(Error::Less {
                holds: revision,
                revision: self.least,
            });
        }
        self.encoder.write_all(&sha256).map_err(Error::Encode)?;
        self.database.update(sha256);
        let encoder = std::mem::replace(
            &mut self.encoder,
            Encoder::new(Compression::None, Level::default()),
        );
        let last = encoder.finish().map_err(Error::Encode)?;
        if !last.is_empty() {
            self.pass_on(last)?;
        }
        let stored = match self.is_raw {
            true => self.database,
            false => self.stored,
        };
        Ok(Made {
            stored_size: self.stored_size,
            stored_sha256: stored.finalize().into(),
            raw_size: self.seen + sha256.len() as u64,
            database_sha256: sha256,
            holds,
        })
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
