use std::time::Duration;

use snapstore::{Capabilities, Key, Sending};

use crate::backups::encoder::Level;
use crate::backups::storing::{Arrival, in_parts, key_of};
use crate::backups::{Compression, Encoding, Kind, SnapshotName};
use crate::encryption::Keyring;
use crate::snapshot::error::Result;

/// Which full is taken, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The revision in its name: the full holds at least that.
    pub revision: i64,
    /// When it is begun, seconds since 1970 UTC: after the delta that ends at `revision`, or listings sort them
    /// by chance.
    pub created: i64,
    /// Whether it is the last of a cluster that is put to sleep or moved.
    pub is_final: bool,
    /// How it is compressed.
    pub compression: Compression,
    /// How hard.
    pub level: Level,
    /// On how many threads, where its compression can be.
    pub threads: usize,
    /// How it is sent; the mode does not count, a name is written once. Parts are made larger where the
    /// store takes too few of them.
    pub sending: Sending,
    /// How long etcd may send nothing, or the store take nothing, before the full is given up.
    pub stall: Duration,
    /// When it counts as taken.
    pub arrival: Arrival,
}

impl Request {
    /// Its name.
    pub fn name(&self, keys: &Keyring) -> SnapshotName {
        SnapshotName {
            kind: Kind::Full,
            first: 0,
            last: self.revision,
            created: self.created,
            encoding: Encoding::written(self.compression, keys),
            is_final: self.is_final,
        }
    }

    /// Its place in the store.
    pub(in crate::snapshot) fn key(&self, keys: &Keyring) -> Result<Key> {
        Ok(key_of(&self.name(keys))?)
    }

    /// How so many bytes of content are sent.
    pub(super) fn sending(&self, content: u64, store: &Capabilities) -> Sending {
        in_parts(self.sending, self.compression, content, store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::storing;
    use crate::snapshot::error::Error;

    fn request(compression: Compression) -> Request {
        Request {
            revision: 1354,
            created: 1_795_338_849,
            is_final: true,
            compression,
            level: Level::default(),
            threads: 1,
            sending: Sending::default(),
            stall: Duration::from_secs(60),
            arrival: Arrival::Size,
        }
    }

    #[test]
    fn the_name_is_one_that_the_reference_reads() {
        let key = request(Compression::Gzip).key(&Keyring::default()).unwrap();
        let name = "v2/Full-00000000-00001354-1795338849.gz.final";
        assert_eq!(key.as_str(), name);
        let mut negative = request(Compression::Gzip);
        negative.revision = -1;
        assert!(matches!(
            negative.key(&Keyring::default()),
            Err(Error::Storing(storing::Error::Name(_)))
        ));
    }
}
