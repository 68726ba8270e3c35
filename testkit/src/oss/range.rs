//! Ranges as OSS reads them ("Use HTTP Range requests to get OSS resources in segments").

use std::ops::Range;

use super::refusal::Refusal;

/// The part of an object of `size` bytes that `header` asks for; all of it when it asks for none.
///
/// Without `x-oss-range-behavior: standard` a range that is not inside the object has no effect, even
/// when only its end is beyond: the answer is the whole object.
pub(super) fn asked_for(
    header: Option<&str>,
    behavior: Option<&str>,
    size: u64,
) -> Result<Option<Range<u64>>, Refusal> {
    let Some(asked) = header.and_then(parse) else {
        return Ok(None);
    };
    let (range, inside) = match asked {
        Bounds::From(from, None) => (from..size, from < size),
        Bounds::From(from, Some(last)) => (from..size.min(last.saturating_add(1)), last < size),
        Bounds::Last(count) => (size.saturating_sub(count)..size, count <= size && count > 0),
    };
    match (inside, behavior) {
        (true, _) => Ok(Some(range)),
        (false, Some("standard")) if range.is_empty() => {
            let message = "The requested range cannot be satisfied";
            Err(Refusal::new(416, "InvalidRange", message))
        }
        (false, Some("standard")) => Ok(Some(range)),
        (false, _) => Ok(None),
    }
}

enum Bounds {
    /// First and last byte.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

fn parse(header: &str) -> Option<Bounds> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        return Some(Bounds::Last(last.parse().ok()?));
    }
    let first = first.parse().ok()?;
    if last.is_empty() {
        return Some(Bounds::From(first, None));
    }
    let last = last.parse().ok()?;
    (first <= last).then_some(Bounds::From(first, Some(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the API reference, for an object of 1000 bytes.
    #[test]
    fn a_range_counts_when_it_is_inside() {
        for (header, plain, standard) in [
            ("bytes=0-499", Some(0..500), Some(0..500)),
            ("bytes=500-", Some(500..1000), Some(500..1000)),
            ("bytes=-500", Some(500..1000), Some(500..1000)),
            ("byte=0-499", None, None),
            ("bytes=0-1000", None, Some(0..1000)),
            ("bytes=500-2000", None, Some(500..1000)),
            ("bytes=-2000", None, Some(0..1000)),
        ] {
            let asked = |behavior| asked_for(Some(header), behavior, 1000).unwrap();
            assert_eq!(asked(None), plain, "{header}");
            assert_eq!(asked(Some("standard")), standard, "{header}");
        }
        for header in ["bytes=1000-2000", "bytes=1000-"] {
            assert_eq!(asked_for(Some(header), None, 1000).unwrap(), None);
            assert!(asked_for(Some(header), Some("standard"), 1000).is_err());
        }
    }
}
