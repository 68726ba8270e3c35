//! Whether a volume has room for a database, before anything is written to it.

use std::ops::Range;
use std::path::Path;

use futures::TryStreamExt;

use super::catalogue::Snapshot;
use super::compression::Compression;
use super::encoding::Encoding;
use crate::error::{Error, Result};
use crate::remedy;
use crate::session::Session;

/// With so many times the stored size free, what is compressed fits, and nobody asks more closely:
/// gzip makes of what etcd holds a twentieth at the most.
const AMPLE: u64 = 32;

/// The last field of gzip: how long the content is, modulo 2^32 (RFC 1952, 2.3.1, ISIZE).
const ISIZE: u64 = 4;

/// Bytes that are free on the volume of `path`, if the system tells.
pub(crate) fn room(path: &Path) -> Option<u64> {
    remedy::free(path)
}

/// Fails when the database of `full` does not fit on the volume of `path`. What cannot be known before
/// it is unpacked is found out when the volume is full.
pub(crate) fn check(session: &Session, full: &Snapshot, path: &Path) -> Result<()> {
    let Some(free) = remedy::free(path) else {
        return Ok(());
    };
    if full.size.saturating_mul(AMPLE) <= free {
        return Ok(());
    }
    let needed = least(session, full);
    match needed > free {
        false => Ok(()),
        true => Err(Error::Space {
            path: path.to_owned(),
            needed,
            free,
        }),
    }
}

/// The least that the database of `full` takes, in bytes.
fn least(session: &Session, full: &Snapshot) -> u64 {
    // Bytes that cannot be compressed grow a little by it.
    let stored = full.size - full.size / 64;
    match full.name.encoding {
        Encoding::Plain(Compression::None) => full.size,
        Encoding::Plain(Compression::Gzip) => unpacked(session, full).unwrap_or(0).max(stored),
        Encoding::Plain(_) | Encoding::Encrypted => stored,
    }
}

/// What the end of a gzip says. Of a store that does not answer the download itself will tell.
fn unpacked(session: &Session, full: &Snapshot) -> Option<u64> {
    let range: Range<u64> = full.size.checked_sub(ISIZE)?..full.size;
    let read = async {
        let download = session.store.get(&full.id, Some(range)).await.ok()?;
        let pieces: Vec<_> = download.body.try_collect().await.ok()?;
        let bytes: [u8; ISIZE as usize] = pieces.concat().try_into().ok()?;
        Some(u64::from(u32::from_le_bytes(bytes)))
    };
    let cancel = session.cancel.run_until_cancelled(read);
    session.runtime.block_on(cancel).flatten()
}
