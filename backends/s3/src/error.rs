use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use snapstore::{Error, ErrorKind, excerpt, printable};
use snapstore_cloud::http::{
    Again, Refusal, causes, innermost, no_tls, retry_after, untrusted, wants_tls,
};

use crate::identity::{
    has_no_session, has_none, is_forbidden_by_machine, is_of_machine, is_refused,
};
use crate::region;

/// What the SDK brings when a request fails.
pub(crate) type Failed<E> = SdkError<E, HttpResponse>;

/// What to do where nobody asks.
const REMEDY: &str = "set AWS_APPLICATION_CREDENTIALS to a directory with accessKeyID, secretAccessKey and region, or \
                      AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";

/// The same in the words of the contract.
pub(crate) fn from_sdk<E>(operation: &'static str, failed: Failed<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    if let Some(untrusted) = untrusted(operation, &failed) {
        return untrusted;
    }
    if let Some(no_tls) = no_tls(operation, &failed) {
        return no_tls;
    }
    // Our own look at the answer, see `crate::answer`.
    if let Some(odd) = causes(&failed).find_map(|cause| cause.downcast_ref::<Error>()) {
        return Error::new(odd.kind(), operation, odd.message()).retryable();
    }
    match &failed {
        // A good status, and no answer: half a document, or an error that came late.
        SdkError::ServiceError(_) if is_good(&failed) => match failed.code() {
            Some(_) => again(refused(operation, &failed)),
            None => Error::new(ErrorKind::Unexpected, operation, unread(&failed)).retryable(),
        },
        SdkError::ServiceError(_) => refused(operation, &failed),
        SdkError::ConstructionFailure(_) => {
            let error = Error::new(ErrorKind::Config, operation, chain(&failed));
            error.with_source(failed)
        }
        SdkError::DispatchFailure(dispatch) if dispatch.is_user() => {
            // A request that cannot be made of what was asked for.
            Error::new(ErrorKind::Config, operation, chain(&failed))
        }
        SdkError::DispatchFailure(_) => not_sent(operation, &failed),
        // The reply is no answer to what was asked: half a body, or a page of a proxy.
        _ => match failed.raw_response().map(|reply| reply.status().as_u16()) {
            Some(status) if status >= 400 => refused(operation, &failed),
            _ => Error::new(ErrorKind::Unexpected, operation, chain(&failed)).retryable(),
        },
    }
}

/// What fails before a request is sent, or on its way.
fn not_sent<E>(operation: &'static str, failed: &Failed<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    if has_no_session(failed) {
        let remedy = "begin one with `aws sso login` for the profile in AWS_PROFILE";
        let message = format!("no session of SSO: {}; {remedy}", chain(failed));
        return Error::new(ErrorKind::Denied, operation, message);
    }
    if has_none(failed) {
        let message = format!("no credentials were found: {}; {REMEDY}", innermost(failed));
        return Error::new(ErrorKind::Denied, operation, message);
    }
    // A machine that has a role may give it later; one that has none never will.
    if is_of_machine(failed) {
        let why = innermost(failed);
        let why = why.trim_end_matches('.');
        let message =
            format!("no credentials are set, and the machine gives none ({why}); {REMEDY}");
        return match is_forbidden_by_machine(failed) {
            true => Error::new(ErrorKind::Denied, operation, message),
            false => Error::new(ErrorKind::Unexpected, operation, message).retryable(),
        };
    }
    match is_refused(failed) {
        true => Error::new(ErrorKind::Denied, operation, chain(failed)),
        false => Error::new(ErrorKind::Unexpected, operation, chain(failed)).retryable(),
    }
}

fn is_good<E>(failed: &Failed<E>) -> bool {
    failed
        .raw_response()
        .is_some_and(|reply| reply.status().is_success())
}

/// An error with a status of 200 is of the store's own making ("CompleteMultipartUpload" in the API
/// reference: "the request should be retried").
fn again(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unexpected => error.retryable(),
        _ => error,
    }
}

/// Why an answer could not be read, and its beginning.
fn unread<E: StdError + 'static>(failed: &Failed<E>) -> String {
    let body = failed.raw_response().and_then(|reply| reply.body().bytes());
    let why = printable(&chain(failed));
    format!("{why}; it was {}", excerpt(body.unwrap_or_default()))
}

fn refused<E>(operation: &'static str, failed: &Failed<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let reply = failed.raw_response();
    let header = |name| reply.and_then(|reply| reply.headers().get(name));
    let asked = header("retry-after");
    let refusal = Refusal {
        operation,
        status: reply.map_or(0, |reply| reply.status().as_u16()),
        code: failed.code().unwrap_or_default(),
        message: failed.message().unwrap_or_default(),
        wait: asked.and_then(|value| retry_after(value, header("date"))),
        date: header("date"),
    };
    let body = reply.and_then(|reply| reply.body().bytes());
    let body = body.unwrap_or_default();
    if let Some(other) = wants_tls(operation, refusal.status, body) {
        return other;
    }
    let elsewhere = region::elsewhere(refusal, header(region::HEADER), body);
    elsewhere.unwrap_or_else(|| by_code(refusal))
}

/// Whether S3 has said no, and not why: the answer to a head has no body. What is not there needs no
/// reason.
pub(crate) fn is_without_reason<E: ProvideErrorMetadata>(failed: &Failed<E>) -> bool {
    let status = failed.raw_response().map(|reply| reply.status().as_u16());
    failed.code().is_none() && matches!(status, Some(301 | 307 | 400 | 403))
}

/// S3's own codes first (Amazon S3 API Reference, "Error responses"), then the status.
fn by_code(refusal: Refusal<'_>) -> Error {
    match refusal.code {
        "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" | "NoSuchUpload" => {
            refusal.as_kind(ErrorKind::NotFound, Again::No)
        }
        // Another writer of the same key is at work: it may fail, or we are second then.
        "ConditionalRequestConflict" | "OperationAborted" => {
            refusal.as_kind(ErrorKind::Unexpected, Again::Later)
        }
        "SlowDown" | "TooManyRequests" | "SlowDownRead" | "SlowDownWrite" => {
            refusal.as_kind(ErrorKind::RateLimited, Again::Later)
        }
        "RequestTimeout" | "InternalError" | "ServiceUnavailable" | "IncompleteBody" => {
            refusal.as_kind(ErrorKind::Unexpected, Again::Later)
        }
        // Damaged on its way, and not kept.
        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
            refusal.as_kind(ErrorKind::Corrupt, Again::Later)
        }
        // New ones are fetched before the next try, see `Reloading::seen`. The third is said of a token
        // that belongs to other keys, the last is MinIO's word for one that is over.
        "ExpiredToken" | "TokenRefreshRequired" | "InvalidToken" | "InvalidTokenId" => {
            refusal.as_kind(ErrorKind::Denied, Again::Later)
        }
        "RequestTimeTooSkewed" => refusal.skewed(),
        "InvalidObjectState" => refusal.archived(),
        "InvalidBucketName" => refusal.misnamed(),
        // Alibaba's and Tencent's words: there the bucket stands before the host alone.
        "SecondLevelDomainForbidden" | "PathStyleDomainForbidden" => {
            let remedy = "this store wants the bucket before its host: write \
                          --store-addressing-style virtual";
            refusal.with_remedy(ErrorKind::Config, remedy)
        }
        // MinIO's word, and AWS's sentence in an AccessDenied.
        "ObjectLocked" => refusal.as_kind(ErrorKind::Immutable, Again::No),
        _ if says_locked(refusal.message) => refusal.as_kind(ErrorKind::Immutable, Again::No),
        "NotImplemented" => refusal.as_kind(ErrorKind::Unsupported, Again::No),
        _ => refusal.into_error(),
    }
}

pub(crate) fn says_locked(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("object lock") || message.contains("worm protected")
}

/// A body that broke off.
pub(crate) fn broken_body(error: impl StdError + Send + Sync + 'static) -> Error {
    let message = innermost(&error);
    Error::new(ErrorKind::Unexpected, "get", message)
        .with_source(error)
        .retryable()
}

/// All causes in a row: the SDK's outermost says "dispatch failure" and no more.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words: Vec<_> = causes(error).map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, code: &str, message: &str) -> Error {
        by_code(Refusal {
            operation: "delete",
            status,
            code,
            message,
            wait: None,
            date: None,
        })
    }

    #[test]
    fn a_locked_object_is_told_from_a_forbidden_one() {
        let aws = "Access Denied because object protected by object lock.";
        let minio = "Object is WORM protected and cannot be overwritten";
        assert_eq!(
            answered(403, "AccessDenied", aws).kind(),
            ErrorKind::Immutable
        );
        assert_eq!(
            answered(400, "InvalidRequest", minio).kind(),
            ErrorKind::Immutable
        );
        assert_eq!(
            answered(403, "AccessDenied", "Access Denied").kind(),
            ErrorKind::Denied
        );
    }

    #[test]
    fn only_an_expired_token_makes_credentials_stale() {
        let stale = |error: Error| error.kind() == ErrorKind::Denied && error.is_retryable();
        assert!(stale(answered(400, "ExpiredToken", "")));
        assert!(!stale(answered(403, "SignatureDoesNotMatch", "")));
        assert!(answered(400, "RequestTimeout", "").is_retryable());
    }

    /// It was given up at once, and with it the whole backup: 400 is the client's fault as a rule.
    #[test]
    fn a_body_that_was_damaged_on_its_way_is_sent_again() {
        for code in ["BadDigest", "XAmzContentSHA256Mismatch"] {
            let error = answered(400, code, "");
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.is_retryable());
        }
    }
}
