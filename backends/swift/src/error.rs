use std::error::Error as StdError;

use osauth::ErrorKind as Os;
use reqwest_012::{Error as Broken, Response};
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::http::{Again, Refusal, retry_after, untrusted};

/// What the session says when a request gets no reply, or the login fails.
pub(crate) fn from_session(operation: &'static str, failed: osauth::Error) -> Error {
    let message = failed.to_string();
    let (kind, again) = match failed.kind() {
        Os::AuthenticationFailed | Os::AccessDenied => (ErrorKind::Denied, Again::No),
        Os::EndpointNotFound
        | Os::InvalidInput
        | Os::InvalidConfig
        | Os::IncompatibleApiVersion => (ErrorKind::Config, Again::No),
        Os::ResourceNotFound if operation == "open" => (ErrorKind::Config, Again::No),
        // The cause is text by now. A certificate does not become right by asking again.
        _ if message.contains("certificate") => (ErrorKind::Config, Again::No),
        _ => (ErrorKind::Unexpected, Again::Later),
    };
    let error = Error::new(kind, operation, format!("OpenStack: {message}"));
    match again {
        Again::No => error,
        Again::Later => error.retryable(),
    }
}

/// A body that broke off. The address is left out, as everywhere.
pub(crate) fn broken(operation: &'static str, error: Broken) -> Error {
    let error = error.without_url();
    if let Some(untrusted) = untrusted(operation, &error) {
        return untrusted.with_source(error);
    }
    let mut message = error.to_string();
    if let Some(cause) = StdError::source(&error) {
        message = format!("{message}: {cause}");
    }
    let failed = Error::new(ErrorKind::Unexpected, operation, message);
    failed.with_source(error).retryable()
}

/// `reply` if it is a good one. A 401 means that the token was revoked: a new login helps, so the
/// caller makes one before it is asked again.
pub(crate) async fn good(operation: &'static str, reply: Response) -> Result<Response> {
    let status = reply.status();
    if status.is_success() {
        return Ok(reply);
    }
    let header = |name: &str| {
        let value = reply.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let wait = header("retry-after");
    let wait = wait.and_then(|value| retry_after(&value, header("date").as_deref()));
    let date = header("date");
    // Swift answers with a page of HTML that says no more than the status does, but for a name that is
    // none: that is one line of text.
    let body = match status.as_u16() {
        400 => reply.text().await.unwrap_or_default(),
        _ => String::new(),
    };
    let refusal = Refusal {
        operation,
        status: status.as_u16(),
        code: status.canonical_reason().unwrap_or_default(),
        message: Some(body.trim())
            .filter(|text| !text.starts_with('<'))
            .unwrap_or_default(),
        wait,
        date: date.as_deref(),
    };
    Err(match status.as_u16() {
        400 if refusal.message.starts_with("Container name") => refusal.misnamed(),
        401 => refusal.as_kind(ErrorKind::Denied, Again::Later),
        // The checksum that we sent is not that of what arrived.
        422 | 499 => refusal.as_kind(ErrorKind::Unexpected, Again::Later),
        498 => refusal.as_kind(ErrorKind::RateLimited, Again::Later),
        _ => refusal.into_error(),
    })
}
