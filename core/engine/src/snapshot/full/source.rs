use client::{SnapshotPiece, SnapshotStream};
use snapstore::Bytes;
use tokio::sync::mpsc::Sender;

use crate::backups::storing::{Fed, Side, Waits};
use crate::session::Session;
use crate::snapshot::error::Result;

/// How reading ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// All of it was passed on.
    Whole,
    /// Nobody takes it any more; who should have knows why.
    Unread,
}

/// Passes a snapshot on, after its `first` piece, and tells `session` how much has come. The stream, and with it etcd's transaction, ends
/// with this.
pub(super) async fn pass_on(
    mut stream: Box<dyn SnapshotStream>,
    first: Bytes,
    (fed, session): (Sender<Fed>, &Session),
    waits: Waits<'_>,
) -> Result<Source> {
    let mut piece = SnapshotPiece::Database(first);
    loop {
        let (next, is_last) = match piece {
            SnapshotPiece::Database(bytes) => {
                session.streamed(bytes.len() as u64);
                (Fed::Database(bytes), false)
            }
            SnapshotPiece::End { sha256 } => (Fed::End(sha256), true),
        };
        if waits.on(Side::Store, fed.send(next)).await?.is_err() {
            return Ok(Source::Unread);
        }
        if is_last {
            return Ok(Source::Whole);
        }
        piece = waits.on(Side::Etcd, stream.next()).await??;
    }
}
