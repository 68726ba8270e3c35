//! Trust in the very certificate that the operator has named.
//!
//! `openssl req -x509`, with which most test servers are made, makes a certificate that is a CA and
//! shown by the server as its own. webpki refuses that, and it does not take a server's certificate for
//! trusted whose CA was not named. Go (and so etcd's own clients) and curl take both when the file that says whom to trust
//! holds the certificate itself, and so it is here.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::fault::is_ca_as_leaf;

/// Those whom `by_chain` trusts, and those whose certificate is, byte for byte, one of `named`.
#[derive(Debug)]
pub struct Named {
    by_chain: Arc<dyn ServerCertVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl Named {
    /// Those, and these.
    pub fn or(by_chain: Arc<dyn ServerCertVerifier>, named: Vec<CertificateDer<'static>>) -> Self {
        Self { by_chain, named }
    }
}

/// The faults of a certificate that lie in its being no leaf of a chain: nobody who is trusted has signed
/// it, or somebody else of the same name. webpki finds them after it has compared the dates: one that is
/// not valid now has another fault.
fn is_of_chain(error: &Error) -> bool {
    use CertificateError::{BadSignature, UnknownIssuer};
    match error {
        Error::InvalidCertificate(UnknownIssuer | BadSignature) => true,
        Error::InvalidCertificate(fault) => is_ca_as_leaf(fault),
        _ => false,
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by_chain = self
            .by_chain
            .verify_server_cert(leaf, intermediates, name, ocsp, now);
        let Err(error) = by_chain else {
            return by_chain;
        };
        if !is_of_chain(&error) || !self.named.contains(leaf) {
            return Err(error);
        }
        // Names are looked at after the chain.
        verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}

#[cfg(test)]
#[path = "named_tests.rs"]
mod tests;
