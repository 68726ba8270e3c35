use std::error::Error as StdError;

use rustls::CertificateError;

/// The name of this fault in webpki, which rustls passes on as an error of another library.
const CA_AS_LEAF: &str = "CaUsedAsEndEntity";

/// `error`, and what it came from, step by step. The outermost words of a client are "error sending request", and no more.
pub fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| StdError::source(*error))
}

/// The error of TLS, if this is one. Under hyper it hides in an I/O error, and that one in another. What an I/O error
/// was made of is not its source.
pub fn of_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref() {
        return Some(tls);
    }
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    of_tls(inner)
}

/// Whether a server shows the certificate of a CA as its own.
pub fn is_ca_as_leaf(fault: &CertificateError) -> bool {
    fault.to_string().contains(CA_AS_LEAF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn an_error_of_tls_is_found_in_those_around_it() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let once = io::Error::new(io::ErrorKind::InvalidData, tls.clone());
        assert_eq!(of_tls(&io::Error::other(once)), Some(&tls));
        assert_eq!(of_tls(&io::Error::other("reset")), None);
    }

    #[test]
    fn a_ca_as_leaf_is_known_by_its_name_in_webpki() {
        let of_webpki = rustls::OtherError(std::sync::Arc::new(io::Error::other(CA_AS_LEAF)));
        assert!(is_ca_as_leaf(&CertificateError::Other(of_webpki)));
        assert!(!is_ca_as_leaf(&CertificateError::UnknownIssuer));
    }
}
