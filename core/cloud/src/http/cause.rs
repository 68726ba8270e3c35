//! What caused an error. The outermost words of a client are "error sending request", and no more.

use std::error::Error as StdError;

use rustls::{CertificateError, InvalidMessage};
use snapstore::{Error, ErrorKind, printable};
pub use trust::causes;
use trust::{is_ca_as_leaf, of_tls};

/// What it all came from.
pub fn innermost(error: &(dyn StdError + 'static)) -> String {
    let last = causes(error).last();
    last.map(ToString::to_string).unwrap_or_default()
}

/// `Config`, with what to do, if the other side's certificate is what is wrong: trying again will not
/// make it right.
pub fn untrusted(operation: &'static str, error: &(dyn StdError + 'static)) -> Option<Error> {
    let fault = causes(error).find_map(|cause| match of_tls(cause) {
        Some(rustls::Error::InvalidCertificate(fault)) => Some(fault),
        _ => None,
    })?;
    let message = format!(
        "the server's certificate is not trusted: {}; {}",
        printable(&innermost(error)),
        remedy(fault)
    );
    Some(Error::new(ErrorKind::Config, operation, message))
}

/// What to do about a certificate, by what is wrong with it.
fn remedy(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired: renew it on the server, or set this machine's clock right"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet: set this machine's clock right, or the server's"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name: use a name that is in it as the endpoint, or have a \
             certificate made for this one"
        }
        other if is_ca_as_leaf(other) => {
            "the server shows the certificate of a CA as its own, and it is not among those that \
             were named: name this very certificate in SSL_CERT_FILE (for S3 also in trustedCaCert), \
             or have the CA sign one for the server (basicConstraints CA:FALSE); GCS takes only the \
             latter"
        }
        CertificateError::UnknownIssuer => {
            "nobody who is trusted has signed it: name the CA that has, or this very certificate, in \
             SSL_CERT_FILE (for S3 also in trustedCaCert); GCS takes only a CA"
        }
        _ => {
            "if it comes from a CA of your own, name that in SSL_CERT_FILE (for S3 also in \
             trustedCaCert)"
        }
    }
}

/// Whether what came was no message of TLS: the server speaks plain http, say.
pub(super) fn is_no_tls(error: &(dyn StdError + 'static)) -> bool {
    let is_other = |cause| {
        let fault = of_tls(cause);
        matches!(
            fault,
            Some(rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType
            ))
        )
    };
    causes(error).any(is_other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// An expired certificate and one for another name got the advice to name a CA, which was done.
    #[test]
    fn each_fault_of_a_certificate_has_its_own_remedy() {
        let of_webpki =
            rustls::OtherError(std::sync::Arc::new(io::Error::other("CaUsedAsEndEntity")));
        let faults = [
            (CertificateError::Expired, "has expired"),
            (CertificateError::NotValidYet, "not valid yet"),
            (CertificateError::NotValidForName, "for another name"),
            (CertificateError::UnknownIssuer, "nobody who is trusted"),
            (CertificateError::Other(of_webpki), "CA:FALSE"),
        ];
        for (fault, told) in faults {
            let tls = rustls::Error::InvalidCertificate(fault);
            let error = untrusted("get", &io::Error::other(tls)).unwrap();
            assert!(error.message().contains(told), "{told}: {error}");
        }
    }

    /// A certificate that nobody trusts was taken for a network that fails now and then, tried six
    /// times, and reported without a word on what to do: the client wraps the error twice.
    #[test]
    fn a_certificate_is_found_at_any_depth() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let once = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert!(untrusted("get", &once).is_some());
        let twice = io::Error::other(once);
        let error = untrusted("get", &twice).unwrap();
        assert!(!error.is_retryable() && error.message().contains("SSL_CERT_FILE"));
        let reset = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(untrusted("get", &reset).is_none());
    }
}
