//! Certificates to test TLS with.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate authority that nobody trusts unless told to.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new one, with a key of its own.
    pub fn new() -> io::Result<Self> {
        let mut about = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = &mut about.distinguished_name;
        name.push(DnType::CommonName, "etcdbr tests");
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(about, key).map_err(io::Error::other)?;
        Ok(Self { issuer })
    }

    /// Its certificate, for clients that are to trust it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for a server that is reached by these names; an IP address is a name too.
    pub fn identity(&self, names: &[&str]) -> io::Result<Identity> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let about = CertificateParams::new(names).map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = about.signed_by(&key, &self.issuer);
        Ok(Identity::of(&signed.map_err(io::Error::other)?, &key))
    }
}

impl Identity {
    /// One that nobody has signed but itself, made as `openssl req -x509` makes them: it is a CA too.
    pub fn by_itself(names: &[&str]) -> io::Result<Self> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let mut about = CertificateParams::new(names).map_err(io::Error::other)?;
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = about.self_signed(&key).map_err(io::Error::other)?;
        Ok(Self::of(&signed, &key))
    }

    fn of(signed: &Certificate, key: &KeyPair) -> Self {
        Self {
            pem: signed.pem(),
            key_pem: key.serialize_pem(),
            certificate: signed.der().clone(),
            key: key.serialize_der().into(),
        }
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

/// Who a server says it is. A client that looks for another, or that does not trust the authority,
/// must not go on.
pub struct Identity {
    pem: String,
    key_pem: String,
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Identity {
    /// The certificate in PEM, for a server that is not ours.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its private key in PEM.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// For whoever accepts connections. The provider is named: what the process has chosen as its
    /// default, if anything, is the client's business.
    pub(super) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(
                vec![self.certificate.clone()],
                PrivateKeyDer::Pkcs8(self.key.clone_key()),
            )
            .map_err(io::Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}
