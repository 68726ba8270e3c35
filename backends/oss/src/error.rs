use base64_simd::STANDARD as BASE64;
use reqwest::Response;
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::http::{Again, Refusal, broken, retry_after};

use crate::xml::{self, Refused};

/// `reply` if it is a good one.
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
    // A head has no body, and says the same in a header, in base64 (OSS API reference, "HeadObject").
    let told = header("x-oss-err").and_then(|told| BASE64.decode_to_vec(told).ok());
    let body = reply
        .bytes()
        .await
        .map_err(|error| broken(operation, error))?;
    let body = told.as_deref().unwrap_or(&body);
    let said: Refused = xml::parse(operation, xml::REFUSED, body).unwrap_or_default();
    Err(by_code(Refusal {
        operation,
        status: status.as_u16(),
        code: &said.code,
        message: &said.message,
        wait,
    }))
}

/// OSS's own codes first (OSS API reference, "Error responses"), then the status.
fn by_code(refusal: Refusal<'_>) -> Error {
    match refusal.code {
        "NoSuchKey" | "NoSuchBucket" | "NoSuchUpload" => {
            refusal.as_kind(ErrorKind::NotFound, Again::No)
        }
        "FileAlreadyExists" => refusal.as_kind(ErrorKind::AlreadyExists, Again::No),
        "FileImmutable" | "ObjectWormLocked" => refusal.as_kind(ErrorKind::Immutable, Again::No),
        "InternalError" | "RequestTimeout" | "OperationAborted" => {
            refusal.as_kind(ErrorKind::Unexpected, Again::Later)
        }
        // What arrived is not what was sent.
        "InvalidDigest" | "IncompleteBody" => refusal.as_kind(ErrorKind::Unexpected, Again::Later),
        "QpsLimitExceeded" | "TrafficRateLimitExceeded" | "DownloadTrafficRateLimitExceeded" => {
            refusal.as_kind(ErrorKind::RateLimited, Again::Later)
        }
        // The token of a session that is over: the files may hold a new one by now.
        "InvalidSecurityToken" | "SecurityTokenExpired" => {
            refusal.as_kind(ErrorKind::Denied, Again::Later)
        }
        "NotImplemented" => refusal.as_kind(ErrorKind::Unsupported, Again::No),
        _ => refusal.into_error(),
    }
}
