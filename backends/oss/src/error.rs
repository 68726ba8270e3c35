use base64_simd::STANDARD as BASE64;
use reqwest::Response;
use reqwest::header::HeaderMap;
use snapstore::{Error, ErrorKind, Result, printable};
use snapstore_cloud::http::{Again, Refusal, broken, wait, wants_tls};

use crate::xml::{self, Refused};

/// A head has no body, and says the same in a header, in base64 (OSS API reference, "HeadObject").
const REASON: &str = "x-oss-err";

/// Whether the answer to a head says why it is a refusal.
pub(crate) fn says_why(headers: &HeaderMap) -> bool {
    headers.contains_key(REASON)
}

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
    let date = header("date");
    let wait = wait(reply.headers());
    let told = header(REASON).and_then(|told| BASE64.decode_to_vec(told).ok());
    let body = reply
        .bytes()
        .await
        .map_err(|error| broken(operation, error))?;
    if let Some(other) = wants_tls(operation, status.as_u16(), &body) {
        return Err(other);
    }
    let body = told.as_deref().unwrap_or(&body);
    let said: Refused = xml::parse(operation, xml::REFUSED, body).unwrap_or_default();
    let refusal = Refusal {
        operation,
        status: status.as_u16(),
        code: &said.code,
        message: &said.message,
        wait,
        date: date.as_deref(),
    };
    Err(elsewhere(refusal, &said.endpoint).unwrap_or_else(|| by_code(refusal)))
}

/// The bucket is in another region than the endpoint, which OSS calls a denied access ("AccessDenied",
/// in its list of error codes) and says where.
fn elsewhere(refusal: Refusal<'_>, endpoint: &str) -> Option<Error> {
    let by_endpoint = !endpoint.is_empty() && refusal.message.contains("specified endpoint");
    by_endpoint.then(|| {
        let remedy = format!(
            "write \"{}\" as storageEndpoint into the credentials, or name it with \
             --store-endpoint-override",
            printable(endpoint)
        );
        refusal.with_remedy(ErrorKind::Config, remedy)
    })
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
        "RequestTimeTooSkewed" => refusal.skewed(),
        "InvalidObjectState" => refusal.archived(),
        "InvalidBucketName" => refusal.misnamed(),
        "NotImplemented" => refusal.as_kind(ErrorKind::Unsupported, Again::No),
        _ => refusal.into_error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, code: &str, message: &str, endpoint: &str) -> Error {
        let refusal = Refusal {
            operation: "list",
            status,
            code,
            message,
            wait: None,
            date: None,
        };
        elsewhere(refusal, endpoint).unwrap_or_else(|| by_code(refusal))
    }

    /// It was "permission denied", and who looked for a permission looked in vain.
    #[test]
    fn a_bucket_of_another_endpoint_is_no_denied_access() {
        let message = "The bucket you are attempting to access must be addressed using the specified \
                       endpoint. Please send all future requests to this endpoint.";
        let there = "oss-cn-beijing.aliyuncs.com";
        let error = answered(403, "AccessDenied", message, there);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(there), "{error}");
        let error = answered(
            403,
            "AccessDenied",
            "You have no right to access this object.",
            "",
        );
        assert_eq!(error.kind(), ErrorKind::Denied);
    }
}
