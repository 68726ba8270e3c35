use std::time::Duration;

use azure_core::Error as SdkError;
use azure_core::error::ErrorKind as SdkKind;
use azure_core::http::RawResponse;
use azure_core::http::headers::{HeaderName, Headers};
use azure_storage_blob::StorageError;
use snapstore::{Error, ErrorKind};
use snapstore_cloud::http::{
    Again, Refusal, Unreached, causes, innermost, no_tls, retry_after, untrusted, wants_tls, words,
};

/// An error of the SDK, in the words of the contract.
pub(crate) fn from_sdk(operation: &'static str, error: SdkError) -> Error {
    // Of the store, or of the server that gives tokens.
    if let Some(untrusted) = untrusted(operation, &error) {
        return untrusted.with_source(error);
    }
    if let Some(no_tls) = no_tls(operation, &error) {
        return no_tls.with_source(error);
    }
    match error.kind() {
        SdkKind::HttpResponse { .. } => refused(operation, error),
        SdkKind::Credential => {
            // Our own limit for the machine's metadata service.
            let silent = causes(&error).find_map(|cause| cause.downcast_ref::<Error>());
            if let Some(silent) = silent {
                let told = Error::new(silent.kind(), operation, silent.message());
                return match silent.is_retryable() {
                    true => told.retryable(),
                    false => told,
                };
            }
            let message = format!("no token for the identity: {}", innermost(&error));
            match is_network(&error) {
                true => Error::new(ErrorKind::Unexpected, operation, message).retryable(),
                false => Error::new(ErrorKind::Denied, operation, message),
            }
        }
        SdkKind::Connection | SdkKind::Io => {
            let unreached = causes(&error).find(|cause| cause.is::<Unreached>());
            let message = unreached.map_or_else(|| innermost(&error), words);
            let error = Error::new(ErrorKind::Unexpected, operation, message).with_source(error);
            error.retryable()
        }
        // A reply that is not understood: something in between has changed it.
        SdkKind::DataConversion => {
            let ours = causes(&error).find_map(|cause| cause.downcast_ref::<Error>());
            if let Some(odd) = ours {
                return Error::new(odd.kind(), operation, odd.message()).retryable();
            }
            let message = format!("the store's reply is not understood: {}", innermost(&error));
            Error::new(ErrorKind::Unexpected, operation, message).retryable()
        }
        _ => Error::new(ErrorKind::Unexpected, operation, innermost(&error)),
    }
}

/// The status of a reply that says no.
pub(crate) fn status(error: &SdkError) -> Option<u16> {
    error.http_status().map(u16::from)
}

fn refused(operation: &'static str, error: SdkError) -> Error {
    let status = status(&error).unwrap_or_default();
    let SdkKind::HttpResponse {
        error_code,
        raw_response,
        ..
    } = error.kind()
    else {
        return Error::new(ErrorKind::Unexpected, operation, innermost(&error));
    };
    let code = error_code.clone().unwrap_or_default();
    let headers = raw_response.as_deref().map(RawResponse::headers);
    let body = raw_response.as_deref().map(RawResponse::body);
    if let Some(other) = body.and_then(|body| wants_tls(operation, status, body)) {
        return other;
    }
    let wait = headers.and_then(wait);
    let date = headers.and_then(|headers| text(headers, "date"));
    let date = date.map(str::to_owned);
    // Its other fields may hold what was signed; the message is one sentence about the request.
    let said = StorageError::try_from(error).ok();
    let detail = said.as_ref().and_then(|said| of_time(said));
    let message = said.as_ref().and_then(|said| said.message.as_deref());
    meaning(Refusal {
        operation,
        status,
        code: &code,
        message: detail.or(message).unwrap_or_default(),
        wait,
        date: date.as_deref(),
    })
}

/// The beginnings of the two details of a refusal that are about time.
const OLD_REQUEST: &str = "Request date header";
const OLD_TOKEN: &str = "Signature not valid in the specified";

/// The detail of a refusal, if it is one of those about time. Others repeat what was signed.
fn of_time(said: &StorageError) -> Option<&str> {
    let detail = said.authentication_error_detail.as_deref()?.trim_start();
    let known = detail.starts_with(OLD_REQUEST) || detail.starts_with(OLD_TOKEN);
    known.then_some(detail)
}

/// Whether a refusal keeps its reason to itself: a head has no body, and its one code stands for a wrong
/// key, a clock that is wrong and a token that is over alike.
pub(crate) fn is_without_reason(error: &SdkError) -> bool {
    let code = match error.kind() {
        SdkKind::HttpResponse { error_code, .. } => error_code.as_deref(),
        _ => return false,
    };
    status(error) == Some(403) && matches!(code, None | Some("AuthenticationFailed"))
}

/// <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes>
fn meaning(refusal: Refusal<'_>) -> Error {
    match (refusal.status, refusal.code) {
        (409, "BlobImmutableDueToPolicy") => refusal.as_kind(ErrorKind::Immutable, Again::No),
        (409, "BlobAlreadyExists") => refusal.as_kind(ErrorKind::AlreadyExists, Again::No),
        // Other conditions than ours, as a lease that somebody holds.
        (412, code) if !matches!(code, "" | "ConditionNotMet") => {
            refusal.as_kind(ErrorKind::Unexpected, Again::No)
        }
        (409, "ContainerBeingDeleted" | "ContainerDisabled") => {
            refusal.as_kind(ErrorKind::NotFound, Again::No)
        }
        (500, "OperationTimedOut") | (503, "ServerBusy") => {
            refusal.as_kind(ErrorKind::RateLimited, Again::Later)
        }
        // A token that was revoked before its time: a new one is fetched before the next try, see
        // `Reloading::seen`.
        (401, _) => refusal.as_kind(ErrorKind::Denied, Again::Later),
        // The token of a SAS that is over: the files may hold a new one by now.
        (403, "AuthenticationFailed") if refusal.message.starts_with(OLD_TOKEN) => {
            refusal.as_kind(ErrorKind::Denied, Again::Later)
        }
        (403, "AuthenticationFailed") if refusal.message.starts_with(OLD_REQUEST) => {
            refusal.skewed()
        }
        (409, "BlobArchived" | "BlobBeingRehydrated") => refusal.archived(),
        (400, "InvalidResourceName" | "InvalidUri") => refusal.misnamed(),
        (400, "Md5Mismatch" | "Crc64Mismatch") => refusal.as_kind(ErrorKind::Corrupt, Again::Later),
        // Azurite's words for the first of them.
        (400, "InvalidOperation") if refusal.message.contains("contentMD5") => {
            refusal.as_kind(ErrorKind::Corrupt, Again::Later)
        }
        _ => refusal.into_error(),
    }
}

fn wait(headers: &Headers) -> Option<Duration> {
    retry_after(text(headers, "retry-after")?, text(headers, "date"))
}

fn text<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

fn is_network(error: &SdkError) -> bool {
    causes(error).skip(1).any(|cause| {
        let kind = cause.downcast_ref::<SdkError>().map(SdkError::kind);
        cause.is::<reqwest::Error>() || matches!(kind, Some(SdkKind::Connection | SdkKind::Io))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_azure_says_has_a_meaning() {
        for (status, code, kind, again) in [
            (409, "BlobImmutableDueToPolicy", ErrorKind::Immutable, false),
            (409, "BlobAlreadyExists", ErrorKind::AlreadyExists, false),
            (409, "BlobArchived", ErrorKind::Unexpected, false),
            (400, "InvalidResourceName", ErrorKind::Config, false),
            (412, "ConditionNotMet", ErrorKind::AlreadyExists, false),
            (412, "LeaseIdMissing", ErrorKind::Unexpected, false),
            (403, "AuthenticationFailed", ErrorKind::Denied, false),
            (401, "InvalidAuthenticationInfo", ErrorKind::Denied, true),
            (404, "BlobNotFound", ErrorKind::NotFound, false),
            (404, "ContainerNotFound", ErrorKind::NotFound, false),
            (503, "ServerBusy", ErrorKind::RateLimited, true),
            (500, "InternalError", ErrorKind::Unexpected, true),
            (500, "OperationTimedOut", ErrorKind::RateLimited, true),
        ] {
            let error = meaning(Refusal {
                operation: "put",
                status,
                code,
                message: "",
                wait: None,
                date: None,
            });
            assert_eq!(
                (error.kind(), error.is_retryable()),
                (kind, again),
                "{error}"
            );
        }
    }
}
