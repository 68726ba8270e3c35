//! What is there already, read and compared.

use snapstore::{ErrorKind, Key, ObjectId};

use super::failure::Failure;
use crate::backups::Snapshot;
use crate::backups::storing::{Waits, read_back};
use crate::session::Session;

/// Whether the object under `there` at the destination is the snapshot of the source: by the SHA-256 that metadata tells of
/// it, else by reading both.
pub(super) async fn compare(
    (source, destination): (&Session, &Session),
    snapshot: &Snapshot,
    told: Option<&str>,
    there: &Key,
) -> Result<(), Failure> {
    let wanted = match told {
        Some(told) => told.to_owned(),
        None => {
            let (size, sha256) = read_all(source, &snapshot.id)
                .await?
                .map_err(Failure::Read)?;
            if size != snapshot.size {
                let why = format!("it was listed with {} bytes, and has {size}", snapshot.size);
                let error = snapstore::Error::new(ErrorKind::Unexpected, "get", why);
                return Err(Failure::Read(error.with_key(snapshot.key())));
            }
            hex::encode(sha256)
        }
    };
    let not_compared = |source: snapstore::Error| Failure::NotCompared {
        there: there.clone(),
        why: source.to_string(),
    };
    let found = read_all(destination, &ObjectId::from(there.clone())).await?;
    let (size, sha256) = found.map_err(not_compared)?;
    let is_same = size == snapshot.size && hex::encode(sha256).eq_ignore_ascii_case(&wanted);
    match is_same {
        true => Ok(()),
        false => Err(Failure::Other {
            there: there.clone(),
        }),
    }
}

async fn read_all(
    session: &Session,
    object: &ObjectId,
) -> Result<snapstore::Result<(u64, [u8; 32])>, Failure> {
    let waits = Waits {
        clock: &*session.clock,
        // The store has deadlines of its own.
        stall: std::time::Duration::MAX,
        cancel: &session.cancel,
    };
    Ok(read_back(&*session.store, object, waits).await?)
}
