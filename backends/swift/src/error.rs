use reqwest::Response;
use snapstore::{ErrorKind, Result};
use snapstore_cloud::http::{Again, Refusal, text, wait, wants_tls};

/// `reply` if it is a good one. A 401 means that the token was revoked: a new login helps, so the
/// caller makes one before it is asked again.
pub(crate) async fn good(operation: &'static str, reply: Response) -> Result<Response> {
    let status = reply.status();
    if status.is_success() {
        return Ok(reply);
    }
    let wait = wait(reply.headers());
    let date = text(reply.headers(), "date").map(str::to_owned);
    // Swift answers with a page of HTML that says no more than the status does, but for a name that is
    // none: that is one line of text.
    let body = match status.as_u16() {
        400 => reply.text().await.unwrap_or_default(),
        _ => String::new(),
    };
    if let Some(other) = wants_tls(operation, status.as_u16(), body.as_bytes()) {
        return Err(other);
    }
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
