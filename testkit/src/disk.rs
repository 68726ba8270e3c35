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

/// As etcdbrctl does it at its start (`cli/src/memory.rs`).
pub fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(4 << 20)));
}

/// `file` in pieces.
pub fn read(mut file: File) -> impl Stream<Item = io::Result<Bytes>> + Send {
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

/// What `body` brings, into `file`, over what is there: fresh pages of memory have a price that has
/// nothing to do with a store.
pub async fn write<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    file: &str,
) -> Result<(), E>
where
    E: From<io::Error> + Send + 'static,
{
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(file)?;
    let (came, mut pieces) = mpsc::channel::<Bytes>(AHEAD);
    let writer = spawn_blocking(move || {
        let mut file = BufWriter::with_capacity(SMALL, file);
        while let Some(piece) = pieces.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.flush()
    });
    // A task, as in a restore: what a runtime blocks on is woken on a thread of its own for each piece.
    let reader = tokio::spawn(async move {
        let mut body = std::pin::pin!(body);
        while let Some(piece) = body.next().await {
            if came.send(piece?).await.is_err() {
                // Why, the writer says.
                break;
            }
        }
        Ok::<(), E>(())
    });
    reader.await.map_err(io::Error::other)??;
    Ok(writer.await.map_err(io::Error::other)??)
}
