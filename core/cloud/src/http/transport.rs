use std::error::Error as StdError;

use snapstore::{Error, ErrorKind};

/// A request that got no reply, or a body that broke off. The address is left out: it may hold a
/// signature.
pub fn broken(operation: &'static str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    if is_certificate_fault(&error) {
        let message = format!(
            "the store's certificate is not trusted: {}; if it comes from a CA of your own, name \
             that in SSL_CERT_FILE (for S3 also in trustedCaCert)",
            innermost(&error)
        );
        return Error::new(ErrorKind::Config, operation, message).with_source(error);
    }
    if error.is_builder() {
        return Error::new(ErrorKind::Config, operation, words(&error)).with_source(error);
    }
    let message = words(&error);
    Error::new(ErrorKind::Unexpected, operation, message)
        .with_source(error)
        .retryable()
}

/// Whether the other side's certificate is what is wrong: trying again will not make it right.
pub fn is_certificate_fault(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|cause| {
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

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// What happened and why, without the steps between: "error sending request: Connection refused".
fn words(error: &(dyn StdError + 'static)) -> String {
    let (outer, inner) = (error.to_string(), innermost(error));
    if outer == inner {
        outer
    } else {
        format!("{outer}: {inner}")
    }
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
        assert!(is_certificate_fault(&once));
        let twice = io::Error::other(once);
        assert!(is_certificate_fault(&twice));
        let reset = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(!is_certificate_fault(&reset));
    }
}
