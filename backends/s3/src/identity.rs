//! Errors of what gives credentials: STS for a role, the machine's metadata service, SSO.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use snapstore_cloud::http::causes;

/// Whether a request was not sent for want of credentials, and waiting will not change that: there are
/// none at all, what is configured is wrong, or STS has refused.
///
/// Anything else, as an STS that is unavailable, is not known to be for good. By type: the words
/// of the SDK say "credentials" of a reset connection too.
pub(crate) fn is_refused(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(is_for_good)
}

/// Whether no credentials exist at all.
pub(crate) fn has_none(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let found = cause.downcast_ref::<CredentialsError>();
        matches!(found, Some(CredentialsError::CredentialsNotLoaded(_)))
    })
}

/// Whether it was the machine's metadata service, asked last of all, that gave none. The SDK keeps the types
/// of these errors to itself; the words are its own, and no server's.
pub(crate) fn is_of_machine(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string() == NO_TOKEN_OF_MACHINE)
}

/// Whether that service has said no, as where it is turned off: it will say so again.
pub(crate) fn is_forbidden_by_machine(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string().starts_with(FORBIDDEN_BY_MACHINE))
}

const FORBIDDEN_BY_MACHINE: &str = "request forbidden: IMDS is disabled";

const NO_TOKEN_OF_MACHINE: &str = "failed to load IMDS session token";

fn is_for_good(cause: &(dyn StdError + 'static)) -> bool {
    use CredentialsError::{CredentialsNotLoaded, InvalidConfiguration};
    let missing = matches!(
        cause.downcast_ref(),
        Some(CredentialsNotLoaded(_) | InvalidConfiguration(_))
    );
    missing
        || sts_refuses::<AssumeRoleWithWebIdentityError>(cause)
        || sts_refuses::<AssumeRoleError>(cause)
}

/// AWS STS API Reference, "Common Error Types" and the errors of `AssumeRoleWithWebIdentity`: two
/// of its 400 say that it could not be answered now.
fn sts_refuses<E>(cause: &(dyn StdError + 'static)) -> bool
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let Some(failed) = cause.downcast_ref::<SdkError<E, HttpResponse>>() else {
        return false;
    };
    let status = failed.raw_response().map(|reply| reply.status().as_u16());
    let busy = matches!(status, Some(408 | 429))
        || matches!(
            failed.code(),
            Some("IDPCommunicationError" | "Throttling" | "ThrottlingException")
        );
    status.is_some_and(|status| (400..500).contains(&status)) && !busy
}

/// Whether a profile's session of SSO is over, or was never begun. The SDK keeps the types of these errors
/// to itself; the words are its own, and no server's.
pub(crate) fn has_no_session(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let words = cause.to_string();
        words == NO_TOKEN || words == OLD_TOKEN
    })
}

const NO_TOKEN: &str = "failed to load the cached SSO token";
const OLD_TOKEN: &str = "the SSO token has expired and cannot be refreshed";

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sts::error::ErrorMetadata;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    /// As the SDK brings it: in the error of a provider.
    fn sts_says(status: u16, code: &str) -> CredentialsError {
        let status = StatusCode::try_from(status).unwrap();
        let reply = HttpResponse::new(status, SdkBody::empty());
        let meta = ErrorMetadata::builder().code(code).build();
        let said = AssumeRoleWithWebIdentityError::generic(meta);
        CredentialsError::provider_error(SdkError::service_error(said, reply))
    }

    /// An STS that answered 503, or not at all, was taken for one that denies: nothing was tried
    /// again, and the store was opened as one without versions.
    #[test]
    fn an_outage_of_sts_is_no_refusal() {
        for (status, code) in [
            (503, "ServiceUnavailable"),
            (500, ""),
            (400, "IDPCommunicationError"),
            (400, "Throttling"),
            (429, ""),
        ] {
            assert!(!is_refused(&sts_says(status, code)), "{status} {code}");
        }
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(!is_refused(&CredentialsError::provider_error(reset)));
        let silence = std::time::Duration::from_secs(5);
        assert!(!is_refused(&CredentialsError::provider_timed_out(silence)));
    }

    #[test]
    fn what_waiting_does_not_mend_is_one() {
        for (status, code) in [
            (403, "AccessDenied"),
            (400, "InvalidIdentityToken"),
            (400, "ExpiredTokenException"),
        ] {
            assert!(is_refused(&sts_says(status, code)), "{status} {code}");
        }
        assert!(is_refused(&CredentialsError::not_loaded_no_source()));
        assert!(is_refused(&CredentialsError::invalid_configuration(
            "a profile without end"
        )));
    }
}
