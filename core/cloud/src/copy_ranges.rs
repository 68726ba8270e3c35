use std::ops::Range;

use snapstore::{Capabilities, Error, ErrorKind, Result, UploadLimits};

/// How long a part of a copy is where the original has no parts that could be kept, in bytes. A service copies so many in
/// the time of a call.
const PART: u64 = 1 << 30;

/// A bucket of which this is not known to be possible.
const NO_PARTS: &str = "this bucket takes no uploads in parts, of which a copy is made";

/// What parts of a copy may be.
///
/// Errors: `Unsupported` for a bucket that takes none.
pub fn limits_of_copies(capabilities: &Capabilities) -> Result<&UploadLimits> {
    let limits = capabilities.uploads.as_ref();
    limits.ok_or_else(|| Error::new(ErrorKind::Unsupported, "copy", NO_PARTS))
}

/// The parts in which a service copies an object of `size` bytes: those of `part` bytes that the original has, if it has
/// parts of one length that are allowed; else as few as may be.
pub fn copy_ranges(size: u64, part: Option<u64>, limits: &UploadLimits) -> Vec<Range<u64>> {
    let most = u64::from(limits.max_parts);
    let allowed = |part: &u64| limits.part_size.contains(part) && size.div_ceil(*part) <= most;
    let least = size.div_ceil(most.max(1)).max(1);
    let part = part.filter(allowed).unwrap_or(PART.max(least));
    let part = usize::try_from(part).unwrap_or(usize::MAX);
    let ends = (0..size).step_by(part);
    ends.map(|start| start..size.min(start.saturating_add(part as u64)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> UploadLimits {
        UploadLimits {
            part_size: (5 << 20)..=(5 << 30),
            max_parts: 10_000,
        }
    }

    #[test]
    fn all_of_an_object_is_in_its_parts_once() {
        for size in [1, 100, 5 << 20, (12 << 20) + 3, 7 << 30, 1 << 45] {
            for part in [None, Some(1), Some(5 << 20), Some(8 << 20), Some(9 << 30)] {
                let ranges = copy_ranges(size, part, &limits());
                assert!(ranges.len() <= 10_000, "{size} {part:?}");
                let mut end = 0;
                for range in &ranges {
                    assert_eq!(range.start, end);
                    end = range.end;
                }
                assert_eq!(end, size);
            }
        }
    }

    #[test]
    fn parts_that_are_allowed_are_kept() {
        let count = |size, part| copy_ranges(size, part, &limits()).len();
        assert_eq!(count(12 << 20, Some(5 << 20)), 3);
        assert_eq!(count(12 << 20, None), 1);
        assert_eq!(count(12 << 20, Some(1 << 20)), 1, "too short to be a part");
        assert_eq!(count(7 << 30, None), 7);
        assert_eq!(copy_ranges(0, None, &limits()).len(), 0);
    }
}
