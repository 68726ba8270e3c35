//! Whether the content of an object has the SHA-256 that stands at its end, found out while it passes.
//!
//! Fulls end with the hash that etcd sends after the database, deltas with that of their JSON
//! (etcd-backup-restore 0.44, `pkg/snapshot/snapshotter`); both stand inside of the compression.

use std::io::{self, BufRead, Read};

use snapstore::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::failure::Failure;
use crate::backups::Snapshot;
use crate::backups::content::Content;
use crate::backups::delta::{HashCheck, Hashed};
use crate::machine::start_thread;
use crate::session::Session;

/// Pieces that wait for the decoder.
const AHEAD: usize = 4;

/// A thread that reads along.
pub(super) struct TrailingHash {
    pieces: mpsc::Sender<Bytes>,
    verdict: oneshot::Receiver<Result<(), String>>,
}

impl TrailingHash {
    pub(super) fn start(session: &Session, snapshot: &Snapshot) -> Result<Self, Failure> {
        let (session, snapshot) = (session.clone(), snapshot.clone());
        Self::of(move |pieces| Content::of((&session, &snapshot), pieces, HashCheck::Required))
    }

    fn of<R: Read>(content: impl FnOnce(Pieces) -> R + Send + 'static) -> Result<Self, Failure> {
        let (pieces, given) = mpsc::channel(AHEAD);
        let (tell, verdict) = oneshot::channel();
        start_thread(move || {
            // Nobody listens where the copy was given up.
            let _ = tell.send(judge(content(Pieces::of(given))));
        })
        .map_err(Failure::Machine)?;
        Ok(Self { pieces, verdict })
    }

    /// The next piece. That nobody takes it any more is no error: the verdict says why.
    pub(super) async fn take(&self, piece: Bytes) {
        let _ = self.pieces.send(piece).await;
    }

    /// At the end of the object.
    pub(super) async fn finish(self) -> Result<(), Failure> {
        drop(self.pieces);
        let verdict = self.verdict.await;
        let verdict = verdict.unwrap_or_else(|_| Err("the thread that read it died".to_owned()));
        verdict.map_err(Failure::Damaged)
    }
}

fn judge(content: impl Read) -> Result<(), String> {
    let mut content = Hashed::new(content);
    loop {
        content.take(content.window().len());
        match content.more() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(format!("it cannot be decompressed: {error}")),
        }
    }
    let (tail, hash) = content.finish();
    match tail == hash {
        true => Ok(()),
        false => Err(
            "its content does not end with the SHA-256 of what comes before: it was changed or truncated, or never had one"
                .to_owned(),
        ),
    }
}

/// What comes, as a reader.
struct Pieces {
    given: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Pieces {
    fn of(given: mpsc::Receiver<Bytes>) -> Self {
        Self {
            given,
            piece: Bytes::new(),
        }
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() {
            match self.given.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => break,
            }
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, length: usize) {
        let _ = self.piece.split_to(length.min(self.piece.len()));
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::{Compression, Decoder};
    use testkit::backup::{Compression as Way, compress, with_hash};

    async fn verdict(compression: Compression, object: &[u8], piece: usize) -> Result<(), Failure> {
        let hash = TrailingHash::of(move |pieces| Decoder::new(compression, pieces))?;
        for piece in object.chunks(piece) {
            hash.take(Bytes::copy_from_slice(piece)).await;
        }
        hash.finish().await
    }

    #[tokio::test]
    async fn what_was_changed_anywhere_is_seen() {
        let content = with_hash((0..200_000_u32).flat_map(u32::to_le_bytes).collect());
        for (compression, way) in [
            (Compression::None, Way::None),
            (Compression::Gzip, Way::Gzip),
            (Compression::Zlib, Way::Zlib),
            (Compression::Lzw, Way::Lzw),
        ] {
            let whole = compress(way, &content);
            for piece in [1 << 10, 1 << 20] {
                verdict(compression, &whole, piece).await.unwrap();
                let short = &whole[..whole.len() - 1];
                verdict(compression, short, piece).await.unwrap_err();
            }
            for place in [20, whole.len() / 2, whole.len() - 9] {
                let mut spoilt = whole.clone();
                spoilt[place] ^= 16;
                let error = verdict(compression, &spoilt, 1 << 16).await.unwrap_err();
                assert!(matches!(error, Failure::Damaged(_)), "{error}");
            }
        }
        verdict(Compression::None, b"", 1).await.unwrap_err();
    }
}
