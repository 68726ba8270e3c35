//! A file at each end of a transfer, read and written by a thread of its own: tokio's files copy every
//! byte once more. Both sides of a comparison use it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// How much is read from a file at once, in bytes.
const PIECE: usize = 1 << 20;

/// Pieces between the network and the file.
const AHEAD: usize = 4;

/// Bodies come in pieces from a few kilobytes to some hundred; below this many bytes they are written
/// together.
const SMALL: usize = 64 << 10;

/// `file` in pieces.
pub(crate) fn read(mut file: File) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (read, pieces) = mpsc::channel(AHEAD);
    spawn_blocking(move || {
        while let Some(piece) = next(&mut file).transpose() {
            let failed = piece.is_err();
            // Nobody waits for more once an upload has failed.
            if read.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    stream::unfold(pieces, |mut pieces| async {
        Some((pieces.recv().await?, pieces))
    })
}

/// `None` at the end.
fn next(file: &mut File) -> io::Result<Option<Bytes>> {
    let mut piece = Vec::with_capacity(PIECE);
    file.take(PIECE as u64).read_to_end(&mut piece)?;
    Ok((!piece.is_empty()).then(|| piece.into()))
}

/// What `body` brings, into `file`.
pub(crate) async fn write<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    file: File,
) -> Result<(), E>
where
    E: From<io::Error>,
{
    let (came, mut pieces) = mpsc::channel::<Bytes>(AHEAD);
    let writer = spawn_blocking(move || {
        let mut file = BufWriter::with_capacity(SMALL, file);
        while let Some(piece) = pieces.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.flush()
    });
    let mut body = std::pin::pin!(body);
    while let Some(piece) = body.next().await {
        if came.send(piece?).await.is_err() {
            // Why, the writer says.
            break;
        }
    }
    drop(came);
    Ok(writer.await.map_err(io::Error::other)??)
}
