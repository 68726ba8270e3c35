//! What lies behind an error. The outermost words of a client are "error sending request", and no more.

use std::error::Error as StdError;

use snapstore::{Error, ErrorKind};

/// `error`, and what it came from, step by step.
pub fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
}

/// What it all came from.
pub fn innermost(error: &(dyn StdError + 'static)) -> String {
    let last = causes(error).last();
    last.map(ToString::to_string).unwrap_or_default()
}

/// `Config`, with what to do, if the other side's certificate is what is wrong: trying again will not
/// make it right.
pub fn untrusted(operation: &'static str, error: &(dyn StdError + 'static)) -> Option<Error> {
    is_certificate_fault(error).then(|| {
        let message = format!(
            "the server's certificate is not trusted: {}; if it comes from a CA of your own, name \
             that in SSL_CERT_FILE (for S3 also in trustedCaCert)",
            innermost(error)
        );
        Error::new(ErrorKind::Config, operation, message)
    })
}

fn is_certificate_fault(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let tls = of_tls(cause);
        matches!(tls, Some(rustls::Error::InvalidCertificate(_)))
    })
}

/// Under hyper, the error of TLS hides in an I/O error, and that one in another. What an I/O error
/// was made of is not its source.
fn of_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    of_tls(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// A certificate that nobody trusts was taken for a network that fails now and then, tried six
    /// times, and reported without a word on what to do: the client wraps the error twice.
    #[test]
    fn a_certificate_is_found_at_any_depth() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let once = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert!(untrusted("get", &once).is_some());
        let twice = io::Error::other(once);
        let error = untrusted("get", &twice).unwrap();
        assert!(!error.is_retryable() && error.message().contains("SSL_CERT_FILE"));
        let reset = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(untrusted("get", &reset).is_none());
    }
}
