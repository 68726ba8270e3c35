use bytes::Bytes;

use super::claimed::ClaimedHash;
use super::fault::SnapshotFault;

/// Holds a stream to what etcd sends (`server/etcdserver/api/v3rpc/maintenance.go`, 3.4 to 3.7): messages with
/// bytes of the database, each of which lowers `remaining` by as many, until it is 0; then one with the
/// SHA-256 of it all; then a clean end. Whether that is the hash of what came is for who reads: see [`ClaimedHash`].
#[derive(Debug)]
pub(crate) struct Check {
    size: u64,
    seen: u64,
    hash: Option<[u8; 32]>,
}

impl Check {
    /// By the first message, which is taken again by [`Check::message`].
    pub(crate) fn begin(remaining: u64, blob: &Bytes) -> Result<Self, SnapshotFault> {
        let length = blob.len() as u64;
        if length == 0 {
            return Err(SnapshotFault::Empty { missing: remaining });
        }
        let size = remaining
            .checked_add(length)
            .ok_or(SnapshotFault::Oversized { length, remaining })?;
        Ok(Self {
            size,
            seen: 0,
            hash: None,
        })
    }

    /// Bytes of the database.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// A message: bytes of the database, or `None` for its hash.
    pub(crate) fn message(
        &mut self,
        remaining: u64,
        blob: Bytes,
    ) -> Result<Option<Bytes>, SnapshotFault> {
        let missing = self.size - self.seen;
        if self.hash.is_some() {
            return Err(SnapshotFault::Long);
        }
        if missing == 0 {
            return self.take_hash(remaining, &blob).map(|()| None);
        }
        let length = blob.len() as u64;
        if length == 0 {
            return Err(SnapshotFault::Empty { missing });
        }
        if missing.checked_sub(length) != Some(remaining) {
            return Err(SnapshotFault::Miscounted {
                seen: self.seen.saturating_add(length),
                size: self.size,
                remaining,
            });
        }
        self.seen += length;
        Ok(Some(blob))
    }

    fn take_hash(&mut self, remaining: u64, blob: &Bytes) -> Result<(), SnapshotFault> {
        let length = blob.len();
        let hash = <[u8; 32]>::try_from(&blob[..]);
        match hash {
            Ok(hash) if remaining == 0 => {
                self.hash = Some(hash);
                Ok(())
            }
            _ => Err(SnapshotFault::NotAHash { length }),
        }
    }

    /// The stream has ended without an error: what etcd says is the hash of the database.
    pub(crate) fn end(&self) -> Result<ClaimedHash, SnapshotFault> {
        match self.size - self.seen {
            0 => self.hash.map(ClaimedHash::new).ok_or(SnapshotFault::NoHash),
            missing => Err(SnapshotFault::Short { missing }),
        }
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
