use std::fmt::Display;
use std::ops::Range;

use http::HeaderMap;
use snapstore::{Error, ErrorKind, Result};

use crate::read::content_range;

/// What was looked for, or that it is not there, which is no error.
pub fn absent<T>(looked: Result<T>) -> Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// An answer that lacks what every answer has.
pub fn odd(operation: &'static str, what: impl Display) -> Error {
    let message = format!("the store's answer makes no sense: {what}");
    Error::new(ErrorKind::Corrupt, operation, message)
}

/// A header as text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// How long the body is.
pub fn length(headers: &HeaderMap) -> Result<u64> {
    let length = text(headers, "content-length").and_then(|length| length.parse().ok());
    length.ok_or_else(|| odd("get", "it has no length"))
}

/// Which bytes of the object the body holds, and how many the object has.
pub fn extent(headers: &HeaderMap) -> Result<(Range<u64>, u64)> {
    let length = length(headers)?;
    let (range, size) = match text(headers, "content-range") {
        Some(header) => content_range(header).ok_or_else(|| odd("get", header))?,
        None => (0..length, length),
    };
    if range.end - range.start != length {
        return Err(odd(
            "get",
            format!("{length} bytes for the range {range:?}"),
        ));
    }
    Ok((range, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(length: &str, range: Option<&str>) -> Result<(Range<u64>, u64)> {
        let mut headers = HeaderMap::new();
        headers.insert("content-length", length.parse().unwrap());
        if let Some(range) = range {
            headers.insert("content-range", range.parse().unwrap());
        }
        extent(&headers)
    }

    #[test]
    fn a_body_is_what_both_headers_say() {
        assert_eq!(of("7", None).unwrap(), (0..7, 7));
        assert_eq!(of("7", Some("bytes 3-9/20")).unwrap(), (3..10, 20));
        for (length, range) in [
            ("6", "bytes 3-9/20"),
            ("7", "bytes */20"),
            ("x", "bytes 3-9/20"),
        ] {
            assert_eq!(
                of(length, Some(range)).unwrap_err().kind(),
                ErrorKind::Corrupt
            );
        }
    }
}
