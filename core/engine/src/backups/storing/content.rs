use std::io::{self, Write};
use std::ops::RangeInclusive;

use client::ClaimedHash;
use etcd::passing::{Holds, Passing, Unclear};
use futures::{Stream, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use snapstore::{Bytes, ErrorKind};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::done::Done;
use super::error::{Error, Result};
use super::out::Out;
use crate::backups::compression::Compression;
use crate::backups::encoder::Encoder;
use crate::encryption::{KeyId, Sealer};
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
    /// It is complete, if it has this hash.
    End(ClaimedHash),
}

/// What was made of a database.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) stored_size: u64,
    pub(crate) stored_sha256: [u8; 32],
    pub(crate) raw_size: u64,
    pub(crate) database_sha256: [u8; 32],
    pub(crate) holds: Result<Holds, Unclear>,
    /// The key that the object is encrypted with, if it is.
    pub(crate) key: Option<KeyId>,
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
        (compression, encoder, sealer): (Compression, Encoder, Option<Sealer>),
        size: u64,
        revisions: RangeInclusive<i64>,
        before_end: impl FnOnce(&Made) -> Result<(), E> + Send + 'static,
    ) -> Result<Self> {
        let (fed, from_etcd) = channel(AHEAD);
        let (to_store, done) = channel(PIECE.1);
        let (tell, made) = oneshot::channel();
        let way = match compression {
            Compression::None => Way::AsIs(Vec::new(), 0),
            // What is encrypted is hashed once more as it is stored.
            _ => Way::Encoded(Box::new(encoder), sealer.is_none().then(Sha256::new)),
        };
        let out = Out::new(sealer, to_store.clone())?;
        let maker = Maker {
            way,
            database: Sha256::new(),
            passing: Passing::new(size, *revisions.end()),
            least: *revisions.start(),
            size,
            seen: 0,
            key: out.key().cloned(),
            out,
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
            Some(Done::Bytes(pieces)) => Ok(Some((stream::iter(pieces.into_iter().map(Ok)), done))),
            Some(Done::End) => Ok(None),
            None => {
                let why = "the snapshot was not read to its end";
                Err(snapstore::Error::new(ErrorKind::Unexpected, "send", why))
            }
        });
        (self.fed, body.try_flatten(), self.made)
    }
}

/// How the database becomes the object.
enum Way {
    /// Its very bytes, which nobody copies, and how many wait: one hash does for both.
    AsIs(Vec<Bytes>, usize),
    /// Through an encoder, and the hash of what comes out, where that is the object.
    Encoded(Box<Encoder>, Option<Sha256>),
}

struct Maker {
    way: Way,
    database: Sha256,
    passing: Passing,
    /// What it has to hold.
    least: i64,
    size: u64,
    seen: u64,
    key: Option<KeyId>,
    out: Out,
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
                Some(Fed::Database(bytes)) => self.take(bytes)?,
                Some(Fed::End(claimed)) => {
                    let to_store = self.to_store.clone();
                    let made = self.end(claimed)?;
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

    fn take(&mut self, bytes: Bytes) -> Result<()> {
        self.seen += bytes.len() as u64;
        self.database.update(&bytes);
        self.passing.push(&bytes);
        let done = self.way.take(bytes).map_err(Error::Encode)?;
        self.out.pass_on(done)
    }

    /// Passes on the last of it, but not that it is the last: and only if what it was made of has its hash.
    fn end(mut self, claimed: ClaimedHash) -> Result<Made> {
        let sha256 = match claimed.of(&self.database) {
            Ok(sha256) if self.seen == self.size => sha256,
            _ => return Err(Error::Changed),
        };
        let holds = std::mem::replace(&mut self.passing, Passing::new(0, 0)).finish();
        if let Ok(Holds { revision, .. }) = holds
            && revision < self.least
        {
            return Err(Error::Less {
                holds: revision,
                revision: self.least,
            });
        }
        let way = std::mem::replace(&mut self.way, Way::AsIs(Vec::new(), 0));
        let database = self.database.clone();
        let (last, content) = way.end(database, sha256).map_err(Error::Encode)?;
        self.out.pass_on(last)?;
        let (stored_size, stored_sha256) = self.out.end(content)?;
        Ok(Made {
            stored_size,
            stored_sha256,
            raw_size: self.seen + sha256.len() as u64,
            database_sha256: sha256,
            holds,
            key: self.key,
        })
    }
}

impl Way {
    /// Takes the next bytes of the database; those of the object that are due.
    fn take(&mut self, bytes: Bytes) -> io::Result<Vec<Bytes>> {
        match self {
            Self::AsIs(pieces, waiting) => {
                *waiting += bytes.len();
                pieces.push(bytes);
                if *waiting < PIECE.0 {
                    return Ok(Vec::new());
                }
                *waiting = 0;
                Ok(std::mem::take(pieces))
            }
            Self::Encoded(encoder, stored) => {
                encoder.write_all(&bytes)?;
                if encoder.ready() < PIECE.0 {
                    return Ok(Vec::new());
                }
                let done = encoder.take();
                if let Some(stored) = stored {
                    stored.update(&done);
                }
                Ok(vec![done.into()])
            }
        }
    }

    /// The last bytes of the object, and its hash: after the database stands its own.
    fn end(self, mut database: Sha256, sha256: [u8; 32]) -> io::Result<(Vec<Bytes>, [u8; 32])> {
        match self {
            Self::AsIs(mut pieces, _) => {
                pieces.push(Bytes::copy_from_slice(&sha256));
                database.update(sha256);
                Ok((pieces, database.finalize().into()))
            }
            Self::Encoded(mut encoder, mut stored) => {
                encoder.write_all(&sha256)?;
                let last = encoder.finish()?;
                let stored = stored.take().map(|stored| stored.chain_update(&last));
                let stored = stored.map_or([0; 32], |stored| stored.finalize().into());
                Ok((vec![last.into()], stored))
            }
        }
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
