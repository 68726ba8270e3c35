use snapstore::{Capabilities, PutMode, Sending};

use crate::backups::compression::Compression;

/// How so many bytes of content are sent, under a name that nobody has: parts are made larger where the store takes too
/// few of them.
pub(crate) fn in_parts(
    sending: Sending,
    compression: Compression,
    content: u64,
    store: &Capabilities,
) -> Sending {
    // LZW makes 12 bits of a byte that it has not seen; deflate adds 5 bytes to 32 KiB.
    let longest = match compression {
        Compression::Lzw => content.saturating_mul(2),
        _ => content
            .saturating_add(content / 1000)
            .saturating_add(1 << 16),
    };
    let most = store.uploads.as_ref().map(|limits| limits.max_parts);
    let needed = most.map_or(0, |most| longest.div_ceil(u64::from(most.max(1))));
    Sending {
        mode: PutMode::CreateNew,
        part_size: match needed > sending.part_size {
            true => needed.next_multiple_of(1 << 20),
            false => sending.part_size,
        },
        parallel: sending.parallel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::UploadLimits;

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
            in_parts(Sending::default(), compression, content, &store(most)).part_size
        };
        assert_eq!(size(Compression::Gzip, 1 << 30, 10_000), 5 << 20);
        for compression in Compression::ALL {
            let part = size(compression, 100 << 30, 10_000);
            assert!(part * 10_000 > 100 << 30 && part < 30 << 20, "{part}");
        }
        let one = Capabilities::default();
        let sending = in_parts(Sending::default(), Compression::None, 1 << 40, &one);
        assert_eq!(sending, Sending::default());
    }
}
