//! How much of objects is in memory at once, all of them together.

use snapstore::{Capabilities, Sending};

use crate::backups::Compression;
use crate::backups::storing::in_parts;

/// For all parts of all objects, in bytes.
pub(super) const MEMORY: u64 = 64 << 20;

/// What one permit stands for, in bytes.
const UNIT: u64 = 64 << 10;

/// How many permits there are.
pub(super) const PERMITS: usize = (MEMORY / UNIT) as usize;

/// How an object of so many bytes is sent, and how many permits it takes meanwhile. One whose parts are so large that no two
/// of them fit is sent part by part, and takes all.
pub(super) fn room(sending: Sending, size: u64, destination: &Capabilities) -> (Sending, u32) {
    let mut sending = in_parts(sending, Compression::None, size, destination);
    let least = destination.uploads.as_ref();
    let least = least.map_or(1, |limits| *limits.part_size.start());
    let part = sending.part_size.max(least).max(1);
    let fit = usize::try_from(MEMORY / part).unwrap_or(usize::MAX);
    sending.parallel = sending.parallel.clamp(1, fit.max(1));
    let most = part.saturating_mul(sending.parallel as u64);
    let permits = size.min(most).min(MEMORY).div_ceil(UNIT).max(1);
    (sending, u32::try_from(permits).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::UploadLimits;

    fn store() -> Capabilities {
        let mut store = Capabilities::default();
        store.uploads = Some(UploadLimits {
            part_size: (5 << 20)..=(5 << 30),
            max_parts: 10_000,
        });
        store
    }

    /// Ten objects with five parts of 5 MiB each are 250 MiB.
    #[test]
    fn what_is_on_its_way_fits_into_memory() {
        let many = Sending {
            parallel: 50,
            ..Sending::default()
        };
        for sending in [Sending::default(), many] {
            for size in [
                0,
                1,
                100 << 10,
                5 << 20,
                26 << 20,
                1 << 30,
                200 << 30,
                1 << 45,
            ] {
                let (sending, permits) = room(sending, size, &store());
                let part = sending.part_size.max(5 << 20);
                let held = size.min(part * sending.parallel as u64);
                assert!(permits >= 1 && permits as usize <= PERMITS, "{size}");
                let is_alone = sending.parallel == 1 && permits as usize == PERMITS;
                assert!(u64::from(permits) * UNIT >= held || is_alone, "{size}");
                assert!(sending.part_size * 10_000 >= size, "{size}");
            }
        }
        let (small, permits) = room(Sending::default(), 100 << 10, &store());
        assert_eq!((small.parallel, permits), (5, 2));
    }
}
