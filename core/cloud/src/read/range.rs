use std::ops::Range;

/// How bytes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The whole object.
    Whole,
    /// With this value of the `Range` header (RFC 9110, section 14.2).
    Bytes(String),
    /// Not at all: HTTP cannot ask for no bytes.
    Nothing,
}

/// Servers count in signed numbers, and one that cannot read a range ignores it (RFC 9110 tells it
/// to), which would bring the whole object. None is longer than this.
const FARTHEST: u64 = i64::MAX.unsigned_abs();

impl Ask {
    /// How to ask for `range`.
    pub fn of(range: Option<&Range<u64>>) -> Self {
        match range {
            None => Self::Whole,
            Some(range) if range.is_empty() || range.start > FARTHEST => Self::Nothing,
            Some(range) if range.end > FARTHEST => Self::Bytes(format!("bytes={}-", range.start)),
            Some(range) => Self::Bytes(format!("bytes={}-{}", range.start, range.end - 1)),
        }
    }
}

/// The range and the length of the whole from `Content-Range: bytes 3-9/20`.
pub fn content_range(value: &str) -> Option<(Range<u64>, u64)> {
    let (range, size) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let (end, size) = (last.checked_add(1)?, size.parse().ok()?);
    (first < end && end <= size).then_some((first..end, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_is_asked_for_with_both_ends_inside() {
        assert_eq!(Ask::of(None), Ask::Whole);
        assert_eq!(Ask::of(Some(&(5..5))), Ask::Nothing);
        assert_eq!(Ask::of(Some(&(0..1))), Ask::Bytes("bytes=0-0".into()));
        assert_eq!(Ask::of(Some(&(7..u64::MAX))), Ask::Bytes("bytes=7-".into()));
        // MinIO answered such a range with the whole object.
        assert_eq!(Ask::of(Some(&(u64::MAX - 1..u64::MAX))), Ask::Nothing);
    }

    #[test]
    fn a_range_that_cannot_be_is_none() {
        for bad in [
            "bytes */20",
            "bytes 9-3/20",
            "bytes 3-30/20",
            "3-9/20",
            "bytes 0-18446744073709551615/1",
        ] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
        assert_eq!(content_range("bytes 3-9/20"), Some((3..10, 20)));
    }

    proptest! {
        #[test]
        fn no_header_panics(value in "\\PC{0,40}") {
            let _ = content_range(&value);
        }
    }
}
