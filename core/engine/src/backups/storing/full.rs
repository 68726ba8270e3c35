//! A full that is made here, page after page, on its way into the store.

use std::io::{self, Write};
use std::time::Duration;

use client::ClaimedHash;
use sha2::{Digest, Sha256};
use snapstore::{Bytes, Key, Sending, send_until};
use tokio::sync::mpsc::Sender;

use super::arrival::{Arrival, Proof, Sent, prove};
use super::content::{Content, Fed, Made};
use super::error::Error;
use super::opens::{Place, key_for, opens, sealer};
use super::parts::in_parts;
use super::waits::Waits;
use crate::backups::compression::Compression;
use crate::backups::encoder::{Encoder, Level};
use crate::error::Error as System;
use crate::session::Session;

/// Bytes that are passed on at once.
const PIECE: usize = 32 << 10;

/// How a full is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) compression: Compression,
    pub(crate) level: Level,
    /// Threads that compress, where it can be on several.
    pub(crate) threads: usize,
    pub(crate) sending: Sending,
    pub(crate) arrival: Arrival,
}

/// The error of a verb that stores.
pub(crate) trait OfStoring: From<Error> + Send + 'static {
    /// Whether it says no more than that the work was stopped.
    fn is_interrupted(&self) -> bool;
}

/// Stores under `key` a database of `size` bytes at `revision`, which `pages` writes, on a thread that may wait; what it gives
/// back beside its result comes back. `before_end` sees what was made when all but the end of the object is on its way: where
/// it fails, no object appears.
pub(crate) async fn store_full<T: Send + 'static, E: OfStoring>(
    session: &Session,
    (key, how): (&Key, How),
    (size, revision): (u64, i64),
    pages: impl FnOnce(&mut Pages) -> (T, Result<(), E>) + Send + 'static,
    before_end: impl FnOnce(&Made) -> Result<(), E> + Send + 'static,
) -> Result<(T, Made, Proof), E> {
    let begun = key_for(&*session.store, &session.keys, (key, Place::Begins));
    let with = begun.await?;
    let encoder = Encoder::on_threads(how.compression, how.level, how.threads);
    let encoder = encoder.map_err(Error::Machine)?;
    let sealer = with.as_ref().map(|with| sealer(key, with)).transpose()?;
    let way = (how.compression, encoder, sealer);
    let content = Content::start(way, size, revision..=revision, before_end)?;
    let store = session.store.capabilities();
    let sending = in_parts(how.sending, how.compression, size, store);
    let (fed, body, made) = content.split();
    let waits = Waits {
        clock: &*session.clock,
        // The store has deadlines of its own, and nothing else waits.
        stall: Duration::MAX,
        cancel: &session.cancel,
    };
    let writing = tokio::task::spawn_blocking(move || feed(fed, pages));
    let stop = session.cancel.cancelled();
    let upload = send_until(&*session.store, key, body, sending, stop);
    let (written, answer) = tokio::join!(writing, waits.ends(upload));
    let died = |what: String| E::from(Error::Machine(System::Died(what)));
    let answer = waits.wanted(answer?)?;
    let written = written.map_err(|error| died(error.to_string()))??;
    let made = made
        .await
        .map_err(|_| died("it compressed a full".to_owned()))?;
    let made = match (made, answer.as_ref().err()) {
        (Ok(made), _) => made,
        // The store gave up first: what was made is not whole for that reason alone.
        (Err(error), Some(_)) if error.is_interrupted() => {
            return Err(refused(key, answer.err()).into());
        }
        (Err(error), _) => return Err(error),
    };
    let sent = Sent {
        key,
        size: made.stored_size,
        sha256: made.stored_sha256,
        wanted: how.arrival,
    };
    let proof = prove(&*session.store, sent, answer, waits).await?;
    let size = made.stored_size;
    let place = (&*session.store, &*session.keys);
    opens(place, (key, size), with.as_ref(), waits).await?;
    Ok((written, made, proof))
}

fn refused(key: &Key, source: Option<snapstore::Error>) -> Error {
    match source {
        Some(source) => Error::Store {
            key: key.clone(),
            source,
        },
        None => Error::Interrupted,
    }
}

/// Has the pages made. That nobody takes them any more is no error: who should have knows why.
fn feed<T, E>(
    fed: Sender<Fed>,
    pages: impl FnOnce(&mut Pages) -> (T, Result<(), E>),
) -> Result<T, E> {
    let mut out = Pages {
        fed,
        hash: Sha256::new(),
        is_unread: false,
    };
    let (with, written) = pages(&mut out);
    if out.is_unread {
        return Ok(with);
    }
    written?;
    let sha256 = out.hash.finalize().into();
    // As above.
    let _ = out.fed.blocking_send(Fed::End(ClaimedHash::new(sha256)));
    Ok(with)
}

/// Where the pages of a database go, front to back.
pub(crate) struct Pages {
    fed: Sender<Fed>,
    hash: Sha256,
    is_unread: bool,
}

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        for piece in bytes.chunks(PIECE) {
            let piece = Fed::Database(Bytes::copy_from_slice(piece));
            if self.fed.blocking_send(piece).is_err() {
                self.is_unread = true;
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
