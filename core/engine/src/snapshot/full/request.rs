use std::time::Duration;

use snapstore::{Capabilities, Key, PutMode, Sending};

use crate::backups::encoder::Level;
use crate::backups::{Compression, Kind, SnapshotName};
use crate::snapshot::arrival::Arrival;
use crate::snapshot::error::Result;
use crate::snapshot::key::key_of;

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
    pub fn name(&self) -> SnapshotName {
        SnapshotName {
            kind: Kind::Full,
            first: 0,
            last: self.revision,
            created: self.created,
            compression: self.compression,
            is_final: self.is_final,
        }
    }

    /// Its place in the store.
    pub(super) fn key(&self) -> Result<Key> {
        key_of(&self.name())
    }

    /// How so many bytes of content are sent.
    pub(super) fn sending(&self, content: u64, store: &Capabilities) -> Sending {
        // LZW makes 12 bits of a byte that it has not seen; deflate adds 5 bytes to 32 KiB.
        let longest = match self.compression {
            Compression::Lzw => content.saturating_mul(2),
            _ => content
                .saturating_add(content / 1000)
                .saturating_add(1 << 16),
        };
        let most = store.uploads.as_ref().map(|limits| limits.max_parts);
        let needed = most.map_or(0, |most| longest.div_ceil(u64::from(most.max(1))));
        Sending {
            mode: PutMode::CreateNew,
            part_size: match needed > self.sending.part_size {
                true => needed.next_multiple_of(1 << 20),
                false => self.sending.part_size,
            },
            parallel: self.sending.parallel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::error::Error;
    use snapstore::UploadLimits;

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
        let key = request(Compression::Gzip).key().unwrap();
        let name = "v2/Full-00000000-00001354-1795338849.gz.final";
        assert_eq!(key.as_str(), name);
        let mut negative = request(Compression::Gzip);
        negative.revision = -1;
        assert!(matches!(negative.key(), Err(Error::Name(_))));
    }

    /// 10,000 parts of 5 MiB are 49 GiB; LZW may make more of what it is given.
    #[test]
    fn parts_grow_with_what_is_sent() {
        let store = |max_parts| {
            let mut store = Capabilities::default();
            let part_size = 1..=u64::MAX;
            store.uploads = Some(UploadLimits {
                part_size,
                max_parts,
            });
            store
        };
        let size = |compression, content, most| {
            let sending = request(compression).sending(content, &store(most));
            sending.part_size
        };
        assert_eq!(size(Compression::Gzip, 1 << 30, 10_000), 5 << 20);
        for compression in Compression::ALL {
            let part = size(compression, 100 << 30, 10_000);
            assert!(part * 10_000 > 100 << 30 && part < 30 << 20, "{part}");
        }
        let one = Capabilities::default();
        let sending = request(Compression::None).sending(1 << 40, &one);
        assert_eq!(sending, Sending::default());
    }
}
