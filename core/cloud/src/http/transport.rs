use std::error::Error as StdError;

use snapstore::{Error, ErrorKind};

/// A request that got no reply, or a body that broke off. The address is left out: it may hold a
/// signature.
pub fn broken(operation: &'static str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    if is_certificate_fault(&error) {
        let message = format!(
            "the store's certificate is not trusted: {}; if it comes from a CA of your own, name \
             that in trustedCaCert or SSL_CERT_FILE",
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
        let tls = cause.downcast_ref::<rustls::Error>().or_else(|| {
            // Under hyper, the error of TLS hides in an I/O error.
            let io = cause.downcast_ref::<std::io::Error>()?;
            io.get_ref()?.downcast_ref::<rustls::Error>()
        });
        matches!(tls, Some(rustls::Error::InvalidCertificate(_)))
    })
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
