use std::fmt::Display;
use std::ops::Range;

use super::refusal::retry_after;
use http::HeaderMap;
use snapstore::{Error, ErrorKind, Result};
use std::time::Duration;

use crate::read::content_range;

/// What was looked for, or that it is not there, which is no error.
pub fn absent<T>(looked: Result<T>) -> Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// An answer that lacks what every answer has, or contradicts itself. The store is asked again:
/// nothing is known of what was asked for, least of all that it is damaged.
pub fn odd(operation: &'static str, what: impl Display) -> Error {
    let message = format!("unexpected response of the store: {what}");
    Error::new(ErrorKind::Unexpected, operation, message).retryable()
}

/// Whether an answer about one object says anything of it: when it was written, or its tag. Stores say
/// both; a page of a proxy, which has a length too, neither.
///
/// Errors: `Unexpected` and retryable.
pub fn is_about_an_object<T, E>(
    operation: &'static str,
    date: Option<&T>,
    tag: Option<&E>,
) -> Result<()> {
    match (date, tag) {
        (None, None) => Err(odd(operation, "it has neither a date nor a tag")),
        _ => Ok(()),
    }
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// How long the body is.
///
/// Errors: `Unexpected` and retryable if it is not said.
pub fn length(headers: &HeaderMap) -> Result<u64> {
    said_length(headers)?.ok_or_else(|| odd("get", "it has no length"))
}

fn said_length(headers: &HeaderMap) -> Result<Option<u64>> {
    let Some(said) = headers.get("content-length") else {
        return Ok(None);
    };
    let length = said.to_str().ok().and_then(|said| said.trim().parse().ok());
    let wrong = || odd("get", format!("Content-Length {said:?}"));
    length.map(Some).ok_or_else(wrong)
}

/// Which bytes of the object the body holds, and how many the object has; `None` if the answer does
/// not say how long it is, as when a proxy sends it on in chunks.
///
/// Errors: `Unexpected` and retryable for headers that contradict each other.
pub fn extent(headers: &HeaderMap) -> Result<Option<(Range<u64>, u64)>> {
    let header = headers.get("content-range").map(|header| {
        let unreadable = || odd("get", format!("Content-Range {header:?}"));
        header.to_str().map_err(|_| unreadable())
    });
    extent_of(said_length(headers)?, header.transpose()?)
}

/// The same where a client has read the headers: `length` is that of the body, `header` the Content-Range.
///
/// Errors: `Unexpected` and retryable for headers that contradict each other.
pub fn extent_of(length: Option<u64>, header: Option<&str>) -> Result<Option<(Range<u64>, u64)>> {
    let Some(header) = header else {
        return Ok(length.map(|length| (0..length, length)));
    };
    let known = content_range(header);
    let (range, size) = known.ok_or_else(|| odd("get", format!("Content-Range {header:?}")))?;
    match length {
        Some(length) if length != range.end - range.start => Err(odd(
            "get",
            format!("{length} bytes for the range {range:?}"),
        )),
        _ => Ok(Some((range, size))),
    }
}

/// How long a reply with these headers asks its reader to wait.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after(text(headers, "retry-after")?, text(headers, "date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(length: Option<&str>, range: Option<&str>) -> Result<Option<(Range<u64>, u64)>> {
        let mut headers = HeaderMap::new();
        let said = [("content-length", length), ("content-range", range)];
        for (name, value) in said {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        extent(&headers)
    }

    #[test]
    fn a_body_is_what_both_headers_say() {
        assert_eq!(of(Some("7"), None).unwrap(), Some((0..7, 7)));
        let part = Some("bytes 3-9/20");
        assert_eq!(of(Some("7"), part).unwrap(), Some((3..10, 20)));
        assert_eq!(of(None, part).unwrap(), Some((3..10, 20)));
        assert_eq!(of(None, None).unwrap(), None);
    }

    /// Each of these made a damaged object of a whole one, and `initialize` went back to an older
    /// state for it.
    #[test]
    fn headers_that_contradict_each_other_are_no_damage() {
        for (length, range) in [
            (Some("6"), Some("bytes 3-9/20")),
            (Some("7"), Some("bytes */20")),
            (Some("x"), Some("bytes 3-9/20")),
            (Some("-1"), None),
            (None, Some("bytes 9-3/20")),
        ] {
            let error = of(length, range).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unexpected);
            assert!(error.is_retryable(), "{error}");
        }
    }
}
