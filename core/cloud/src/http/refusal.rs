use std::fmt::Display;
use std::time::{Duration, SystemTime};

use snapstore::{Error, ErrorKind, printable};

use super::clocks::skew;
use crate::from_http_date;

/// A reply that says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// What was asked: "put", "list", ...
    pub operation: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The provider's own word for it (`NoSuchKey`); may be empty.
    pub code: &'a str,
    /// The provider's sentence about it; may be empty. No secret.
    pub message: &'a str,
    /// How long the provider asks to be left alone, from [`retry_after`].
    pub wait: Option<Duration>,
    /// The reply's own `Date`, as it came.
    pub date: Option<&'a str>,
}

impl Refusal<'_> {
    /// What it means by its status alone, which is what all providers agree on. A provider looks
    /// for its own codes first.
    pub fn into_error(self) -> Error {
        let (kind, again) = by_status(self.status);
        self.as_kind(kind, again)
    }

    /// The same with another meaning.
    pub fn as_kind(self, kind: ErrorKind, again: Again) -> Error {
        let error = Error::new(kind, self.operation, self.words());
        match (again, self.wait) {
            (Again::No, _) => error,
            (Again::Later, None) => error.retryable(),
            (Again::Later, Some(wait)) => error.retry_after(wait),
        }
    }

    /// The same, which no repetition mends, with what to do.
    pub fn with_remedy(self, kind: ErrorKind, remedy: impl Display) -> Error {
        let message = format!("{}; {remedy}", self.words());
        Error::new(kind, self.operation, message)
    }

    /// A signature that was made at another time than the store's.
    pub fn skewed(self) -> Error {
        self.with_remedy(ErrorKind::Config, skew(self.date))
    }

    /// An object that is there, and cannot be read where it lies.
    pub fn archived(self) -> Error {
        let remedy = "the object is archived: have the store bring it back to a class that can be \
                      read at once, which takes minutes to days, and try again then";
        self.with_remedy(ErrorKind::Unexpected, remedy)
    }

    /// A name that no bucket or container of this store can have.
    pub fn misnamed(self) -> Error {
        let remedy = "correct --store-container: no bucket of this store can be called so";
        self.with_remedy(ErrorKind::Config, remedy)
    }

    fn words(&self) -> String {
        let mut words = self.status.to_string();
        if !self.code.is_empty() {
            words = format!("{words} {}", printable(self.code));
        }
        match self.message.trim() {
            "" => words,
            message => format!("{words}: {}", printable(&first_line(message))),
        }
    }
}

/// Whether the same call may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It will not.
    No,
    /// It may.
    Later,
}

/// RFC 9110, and 429 of RFC 6585.
fn by_status(status: u16) -> (ErrorKind, Again) {
    match status {
        401 | 403 => (ErrorKind::Denied, Again::No),
        404 => (ErrorKind::NotFound, Again::No),
        412 => (ErrorKind::AlreadyExists, Again::No),
        429 => (ErrorKind::RateLimited, Again::Later),
        503 => (ErrorKind::RateLimited, Again::Later),
        408 | 500 | 502 | 504 => (ErrorKind::Unexpected, Again::Later),
        _ => (ErrorKind::Unexpected, Again::No),
    }
}

/// A provider's page of HTML is no message.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars().take(300).collect()
}

/// `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3); `now` is the time of the
/// reply's own `Date`, so that no clock needs to be right.
pub fn retry_after(value: &str, now: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until: SystemTime = from_http_date(value)?;
    until.duration_since(from_http_date(now?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16) -> Refusal<'static> {
        Refusal {
            operation: "put",
            status,
            code: "SlowDown",
            message: "Please reduce your request rate.\nmore",
            wait: retry_after("3", None),
            date: None,
        }
    }

    #[test]
    fn a_busy_provider_is_tried_again_when_it_says() {
        let error = refusal(503).into_error();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.asked_wait(), Some(Duration::from_secs(3)));
        assert_eq!(
            error.message(),
            "503 SlowDown: Please reduce your request rate."
        );
    }

    #[test]
    fn what_a_repetition_cannot_mend_is_not_repeated() {
        for status in [301, 400, 401, 403, 404, 405, 409, 412, 501] {
            assert!(!refusal(status).into_error().is_retryable(), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(refusal(status).into_error().is_retryable(), "{status}");
        }
    }

    #[test]
    fn a_date_is_counted_from_the_reply() {
        let now = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let later = "Sun, 06 Nov 1994 08:49:47 GMT";
        assert_eq!(retry_after(later, now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after(later, None), None);
        assert_eq!(retry_after("soon", now), None);
    }
}
