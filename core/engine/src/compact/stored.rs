//! The full on its way into the store.

use std::io::{self, Write};
use std::time::Duration;

use client::ClaimedHash;
use sha2::{Digest, Sha256};
use snapstore::{Bytes, Key, send_until};
use tokio::sync::mpsc::Sender;

use super::chain::Folded;
use super::error::{Error, Result};
use super::known::{Known, note};
use super::request::Request;
use super::spoilt::taken_back;
use crate::backups::encoder::Encoder;
use crate::backups::storing::{
    self, Content, Fed, Made, Proof, Sent, Waits, in_parts, key_of, prove,
};
use crate::backups::{self, SnapshotName};
use crate::error::Error as System;
use crate::history::as_compacted::Sums;
use crate::progress::Phase;
use crate::session::Session;

/// Bytes that are passed on at once.
const PIECE: usize = 32 << 10;

/// A full that is in the store.
pub(super) struct Stored {
    pub(super) folded: Folded,
    pub(super) key: Key,
    pub(super) made: Made,
    pub(super) proof: Proof,
}

/// Stores it under `name`. Its metadata is written before it ends: a full of an older lineage that had none would be taken
/// for one of another.
pub(super) async fn store(
    session: &Session,
    request: &Request,
    folded: Folded,
    (name, known): (SnapshotName, Known),
) -> Result<Stored> {
    session.phase(Phase::Storing)?;
    let key = key_of(&name)?;
    let compression = name.compression;
    let encoder = Encoder::on_threads(compression, request.level, request.threads);
    let encoder = encoder.map_err(storing::Error::Machine)?;
    let (size, revision) = (folded.layout.size(), folded.revision);
    let sums = folded.layout.sums;
    let surroundings = session.clone();
    let before_end = move |made: &Made| {
        check(made, revision, sums)?;
        let metadata = known.describe(&name, made)?;
        let noting = note(&*surroundings.store, &metadata);
        let noting = surroundings.cancel.run_until_cancelled(noting);
        let noted = surroundings.runtime.block_on(noting);
        noted.ok_or(Error::Interrupted)?
    };
    let how = (compression, encoder);
    let content = Content::start(how, size, revision..=revision, before_end)?;
    let sending = in_parts(
        request.sending,
        compression,
        size,
        session.store.capabilities(),
    );
    let (fed, body, made) = content.split();
    let waits = Waits {
        clock: &*session.clock,
        // The store has deadlines of its own, and nothing else waits.
        stall: Duration::MAX,
        cancel: &session.cancel,
    };
    let writing = tokio::task::spawn_blocking(move || pages(folded, fed));
    let stop = session.cancel.cancelled();
    let upload = send_until(&*session.store, &key, body, sending, stop);
    let (written, answer) = tokio::join!(writing, upload);
    let died = |what: String| Error::from(System::Died(what));
    let answer = waits.wanted(answer)?;
    let folded = written.map_err(|error| died(error.to_string()))??;
    let made = made
        .await
        .map_err(|_| died("it compressed a full".to_owned()))?;
    let made = match (made, &answer) {
        (Ok(made), _) => made,
        // The store gave up first: what was made is not whole for that reason alone.
        (Err(Error::Interrupted), Err(_)) => {
            let source = answer.err();
            return Err(refused(key, source));
        }
        (Err(error), _) => return Err(error),
    };
    let sent = Sent {
        key: &key,
        size: made.stored_size,
        sha256: made.stored_sha256,
        wanted: request.arrival,
    };
    let proof = match prove(&*session.store, sent, answer, waits).await {
        Ok(proof) => proof,
        Err(error) => return Err(taken_back(&*session.store, error).await),
    };
    Ok(Stored {
        folded,
        key,
        made,
        proof,
    })
}

fn refused(key: Key, source: Option<snapstore::Error>) -> Error {
    match source {
        Some(source) => storing::Error::Store { key, source }.into(),
        None => Error::Interrupted,
    }
}

/// Whether the pages that were sent hold what was meant: their trees were read as they came by.
fn check(made: &Made, revision: i64, sums: Sums) -> Result<()> {
    let holds = made.holds.as_ref();
    let holds = holds.map_err(|unclear| Error::FailedCheck(unclear.to_string()))?;
    let bucket = holds.key_bucket;
    let is_meant = (bucket.crc32c, bucket.bytes, bucket.entries)
        == (sums.crc32c, sums.bytes, sums.entries)
        && holds.revision == revision
        && holds.compaction.finished == Some(revision)
        && holds.compaction.scheduled == Some(revision);
    match is_meant {
        true => Ok(()),
        false => Err(Error::FailedCheck(
            "the pages that were made do not hold the entries that were meant".to_owned(),
        )),
    }
}

/// Makes the pages. That nobody takes them any more is no error: who should have knows why.
fn pages(folded: Folded, fed: Sender<Fed>) -> Result<Folded> {
    let feed = Feed {
        fed,
        hash: Sha256::new(),
    };
    match folded.layout.write(&folded.scratch.file, feed) {
        Ok(feed) => {
            let sha256 = feed.hash.finalize().into();
            // As above.
            let _ = feed.fed.blocking_send(Fed::End(ClaimedHash::new(sha256)));
            Ok(folded)
        }
        Err(bolt::Error::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(folded)
        }
        Err(error) => {
            let path = folded.scratch.path();
            Err(backups::Error::of_file(path, error.into()).into())
        }
    }
}

/// Where pages go.
struct Feed {
    fed: Sender<Fed>,
    hash: Sha256,
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        for piece in bytes.chunks(PIECE) {
            let fed = self
                .fed
                .blocking_send(Fed::Database(Bytes::copy_from_slice(piece)));
            fed.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
