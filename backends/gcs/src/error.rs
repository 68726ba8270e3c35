use std::error::Error as StdError;

use google_cloud_storage::Error as SdkError;
use google_cloud_storage::error::ReadError;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use snapstore::{Error, ErrorKind};
use snapstore_cloud::http::{
    Again, Refusal, causes, innermost, skew, text, untrusted, wait, wants_tls,
};

/// The body of an error of the JSON API.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reply {
    error: Fault,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fault {
    message: String,
    errors: Vec<Reason>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reason {
    reason: String,
}

/// A reply of the JSON API that says no.
pub(crate) fn refused(
    operation: &'static str,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Error {
    if let Some(other) = wants_tls(operation, status, body) {
        return other;
    }
    // What is not JSON comes from something in between; its status is all that counts.
    let reply: Reply = serde_json::from_slice(body).unwrap_or_default();
    let reason = reply.error.errors.first();
    meaning(Refusal {
        operation,
        status,
        code: reason.map_or("", |first| &first.reason),
        message: &reply.error.message,
        wait: wait(headers),
        date: text(headers, "date"),
    })
}

/// An error of Google's client.
pub(crate) fn from_sdk(operation: &'static str, error: SdkError) -> Error {
    if let Some(status) = error.http_status_code() {
        let message = error.status().map(|status| status.message.clone());
        let refusal = Refusal {
            operation,
            status,
            code: "",
            message: message.as_deref().unwrap_or_default(),
            wait: error.http_headers().and_then(wait),
            date: error
                .http_headers()
                .and_then(|headers| text(headers, "date")),
        };
        return match (error.http_payload(), error.http_headers()) {
            (Some(body), Some(headers)) => refused(operation, status, headers, body),
            _ => meaning(refusal),
        };
    }
    if let Some(untrusted) = untrusted(operation, &error) {
        return untrusted.with_source(error);
    }
    let message = innermost(&error);
    if error.is_authentication() {
        let transient = error.is_transient_and_before_rpc();
        return no_token(operation, message, transient).with_source(error);
    }
    // The length or a header that is not what it must be says nothing of the object.
    let kind = match causes(&error).any(is_checksum) {
        true => ErrorKind::Corrupt,
        false => ErrorKind::Unexpected,
    };
    let error = Error::new(kind, operation, message).with_source(error);
    error.retryable()
}

/// Google's own checksum of the object is not that of what came.
fn is_checksum(cause: &(dyn StdError + 'static)) -> bool {
    let read = cause.downcast_ref::<ReadError>();
    matches!(read, Some(ReadError::ChecksumMismatch(_)))
}

/// Google, or the machine, gives no token for these credentials.
pub(crate) fn no_token(operation: &'static str, why: String, transient: bool) -> Error {
    let message = format!("no token for the credentials: {why}");
    // Google says so of a signature whose time it does not take for the present.
    if why.contains("reasonable timeframe") {
        let message = format!("{message}; {}", skew(None));
        return Error::new(ErrorKind::Config, operation, message);
    }
    if transient {
        return Error::new(ErrorKind::Unexpected, operation, message).retryable();
    }
    Error::new(ErrorKind::Denied, operation, message)
}

/// Whether whoever gives tokens has answered with a no: it will say so again.
pub(crate) fn is_no(error: &(dyn StdError + 'static)) -> bool {
    let status = |cause: &(dyn StdError + 'static)| {
        let of_sdk = cause.downcast_ref::<SdkError>();
        let of_http = cause.downcast_ref::<reqwest::Error>();
        let status = of_sdk.and_then(SdkError::http_status_code);
        status.or_else(|| Some(of_http?.status()?.as_u16()))
    };
    let said = causes(error).find_map(status);
    if said.is_none() {
        return is_no_host(error);
    }
    said.is_some_and(|status| (400..500).contains(&status) && status != 408 && status != 429)
}

/// Whether there is no such host, as the metadata service outside of Google's cloud. The words are those of the
/// C libraries (glibc, musl) for EAI_NONAME; a name service that does not answer now has others.
fn is_no_host(error: &(dyn StdError + 'static)) -> bool {
    let words = innermost(error);
    let unknown = ["Name or service not known", "Name does not resolve"];
    unknown.iter().any(|told| words.ends_with(told))
}

/// <https://cloud.google.com/storage/docs/json_api/v1/status-codes>
fn meaning(refusal: Refusal<'_>) -> Error {
    match (refusal.status, refusal.code) {
        (403, "retentionPolicyNotMet" | "objectUnderActiveHold") => {
            refusal.as_kind(ErrorKind::Immutable, Again::No)
        }
        // Google's client keeps the sentence and drops the reason.
        (403, _) if refusal.message.contains("cannot be deleted") => {
            refusal.as_kind(ErrorKind::Immutable, Again::No)
        }
        // Of a checksum that went ahead of the body.
        (400, _) if refusal.message.contains("doesn't match calculated") => {
            refusal.as_kind(ErrorKind::Corrupt, Again::Later)
        }
        // A token that was revoked before its time: a new one is fetched before the next try, see
        // `Reloading::seen`.
        (401, _) => refusal.as_kind(ErrorKind::Denied, Again::Later),
        (400, _) if refusal.message.starts_with("Invalid bucket name") => refusal.misnamed(),
        (403, "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded") => {
            refusal.as_kind(ErrorKind::RateLimited, Again::Later)
        }
        _ => refusal.into_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentences of Google's own servers, from its documentation and its clients' tests.
    #[test]
    fn what_google_says_has_a_meaning() {
        let body = |reason: &str, message: &str| {
            serde_json::json!({"error": {"code": 403, "message": message,
                "errors": [{"reason": reason, "domain": "global"}]}})
            .to_string()
        };
        for (status, reason, message, kind, again) in [
            (
                403,
                "retentionPolicyNotMet",
                "",
                ErrorKind::Immutable,
                false,
            ),
            (
                403,
                "",
                "Object 'b/o' is under active Temporary hold and cannot be deleted, overwritten \
                 or archived until hold is removed.",
                ErrorKind::Immutable,
                false,
            ),
            (
                403,
                "forbidden",
                "x does not have storage.objects.get",
                ErrorKind::Denied,
                false,
            ),
            (403, "rateLimitExceeded", "", ErrorKind::RateLimited, true),
            (
                401,
                "authError",
                "Invalid Credentials",
                ErrorKind::Denied,
                true,
            ),
            (
                400,
                "invalid",
                "Invalid bucket name: 'My_Bucket'",
                ErrorKind::Config,
                false,
            ),
            (404, "notFound", "", ErrorKind::NotFound, false),
            (412, "conditionNotMet", "", ErrorKind::AlreadyExists, false),
            (429, "rateLimitExceeded", "", ErrorKind::RateLimited, true),
            (503, "backendError", "", ErrorKind::RateLimited, true),
        ] {
            let error = refused(
                "put",
                status,
                &HeaderMap::new(),
                body(reason, message).as_bytes(),
            );
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.is_retryable(), again, "{error}");
        }
    }

    /// "no token", and that the clock was wrong stood between the lines.
    #[test]
    fn a_clock_that_google_does_not_believe_is_named() {
        let why = "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a \
                   reasonable timeframe.";
        let error = no_token("open", why.to_owned(), false);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("clock"), "{error}");
    }

    #[test]
    fn a_busy_store_says_when_to_come_back() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        let error = refused("list", 503, &headers, b"<html>");
        assert_eq!(error.asked_wait(), Some(std::time::Duration::from_secs(7)));
    }

    /// Outside of Google's cloud, where no credentials are set, a host that is not there was looked for four times.
    #[test]
    fn a_host_that_is_not_there_is_a_no() {
        let failed = |words: &str| std::io::Error::other(words.to_owned());
        let lookup = "failed to lookup address information:";
        for unknown in ["Name or service not known", "Name does not resolve"] {
            assert!(is_no(&failed(&format!("{lookup} {unknown}"))), "{unknown}");
        }
        let silent = format!("{lookup} Temporary failure in name resolution");
        assert!(!is_no(&failed(&silent)));
    }
}
