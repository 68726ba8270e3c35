//! What OpenDAL's errors mean to the host.

use std::error::Error as StdError;
use std::io;

use opendal::ErrorKind as Fault;
use snapstore::{Error, ErrorKind};

use crate::secrets::Secrets;

/// What to do about `error`, and what is told of it. Its context is left out: addresses with signatures
/// stand in it, and headers.
///
/// Never `Corrupt`: OpenDAL has no kind for a checksum that does not hold.
pub(crate) fn failed(secrets: &Secrets, operation: &'static str, error: &opendal::Error) -> Error {
    let status = status(error);
    let kind = kind(error.kind(), status);
    let told = Error::new(kind, operation, told(secrets, error, status));
    // OwnCloud answers 403 for what is locked, so OpenDAL would try all of them again; one who may not is told
    // so at once.
    let passes = error.is_temporary() || status.is_some_and(|status| PASSING.contains(&status));
    match kind {
        ErrorKind::RateLimited => told.retryable(),
        ErrorKind::Unexpected if passes => told.retryable(),
        _ => told,
    }
}

/// Statuses after which the same request may succeed: time-outs, too many, and failures of a server or of
/// what stands before it. Not 507, a disk that is full.
const PASSING: [u16; 7] = [408, 423, 429, 500, 502, 503, 504];

fn kind(fault: Fault, status: Option<u16>) -> ErrorKind {
    match (fault, status) {
        (Fault::NotFound, _) => ErrorKind::NotFound,
        (Fault::PermissionDenied, _) => ErrorKind::Denied,
        (Fault::AlreadyExists, _) => ErrorKind::AlreadyExists,
        (Fault::RateLimited, _) => ErrorKind::RateLimited,
        (Fault::Unsupported, _) => ErrorKind::Unsupported,
        (Fault::ConfigInvalid, _) => ErrorKind::Config,
        // Services of OpenDAL leave these to whoever asks.
        (Fault::Unexpected, Some(401 | 403 | 407)) => ErrorKind::Denied,
        (Fault::Unexpected, Some(429)) => ErrorKind::RateLimited,
        _ => ErrorKind::Unexpected,
    }
}

/// Whether there is nothing by that name: nothing at all, or a file where a directory would be, which fs leaves to
/// whoever asks.
pub(crate) fn is_absent(error: &opendal::Error) -> bool {
    let of_system = || error.source()?.downcast_ref::<io::Error>();
    match error.kind() {
        Fault::NotFound | Fault::NotADirectory => true,
        Fault::Unexpected => {
            of_system().is_some_and(|error| error.kind() == io::ErrorKind::NotADirectory)
        }
        _ => false,
    }
}

fn told(secrets: &Secrets, error: &opendal::Error, status: Option<u16>) -> String {
    let mut text = format!("OpenDAL says {}", error.kind());
    if let Some(status) = status {
        text.push_str(&format!(", HTTP status {status}"));
    }
    let message = error.message().trim();
    if !message.is_empty() {
        text.push_str(": ");
        text.push_str(message);
    }
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    secrets.hide(&text)
}

/// The status of the answer, which OpenDAL tells in no other way than in its text.
fn status(error: &opendal::Error) -> Option<u16> {
    let text = error.to_string();
    let (_, rest) = text.split_once("response: Parts { status: ")?;
    rest.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answered(status: u16, fault: Fault) -> opendal::Error {
        let parts = format!("Parts {{ status: {status}, version: HTTP/1.1, headers: {{}} }}");
        opendal::Error::new(fault, "<html>no</html>").with_context("response", parts)
    }

    #[test]
    fn what_the_host_does_next_follows_from_kind_and_status() {
        let secrets = Secrets::of(&BTreeMap::new());
        for (error, kind, retryable) in [
            (answered(401, Fault::Unexpected), ErrorKind::Denied, false),
            (
                answered(403, Fault::PermissionDenied).set_temporary(),
                ErrorKind::Denied,
                false,
            ),
            (answered(404, Fault::NotFound), ErrorKind::NotFound, false),
            (
                answered(412, Fault::ConditionNotMatch),
                ErrorKind::Unexpected,
                false,
            ),
            (
                answered(423, Fault::Unexpected),
                ErrorKind::Unexpected,
                true,
            ),
            (
                answered(429, Fault::Unexpected),
                ErrorKind::RateLimited,
                true,
            ),
            (
                answered(503, Fault::Unexpected),
                ErrorKind::Unexpected,
                true,
            ),
            (
                answered(507, Fault::Unexpected),
                ErrorKind::Unexpected,
                false,
            ),
            (
                answered(200, Fault::Unexpected),
                ErrorKind::Unexpected,
                false,
            ),
        ] {
            let told = failed(&secrets, "put", &error);
            assert_eq!(
                (told.kind(), told.is_retryable()),
                (kind, retryable),
                "{error}"
            );
            assert!(told.to_string().contains("HTTP status"), "{told}");
        }
    }

    /// An object that is no directory cannot have one below it: `head` of "a/b" beside "a" failed.
    #[test]
    fn a_file_on_the_way_is_nothing_there() {
        let of = |kind| {
            let cause = io::Error::from(kind);
            opendal::Error::new(Fault::Unexpected, "stat").set_source(cause)
        };
        assert!(is_absent(&of(io::ErrorKind::NotADirectory)));
        assert!(!is_absent(&of(io::ErrorKind::PermissionDenied)));
        assert!(is_absent(&opendal::Error::new(Fault::NotFound, "")));
    }

    #[test]
    fn an_error_shows_its_cause_and_no_secret() {
        let options = BTreeMap::from([("password".to_owned(), "hunter2".to_owned())]);
        let error = opendal::Error::new(Fault::Unexpected, "send http request")
            .with_context("url", "https://host/?token=hunter2")
            .set_source(io::Error::other("no route, as hunter2 knows"));
        let told = failed(&Secrets::of(&options), "get", &error).to_string();
        assert_eq!(
            told,
            "get: failed: OpenDAL says Unexpected: send http request: no route, as [hidden] knows"
        );
    }
}
