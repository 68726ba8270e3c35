use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use snapstore::{Error, ErrorKind, Result};
use trust::Named;

/// To whom a connection may be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// To those whose certificate the machine trusts, or the CA in [`Tls::ca_pem`].
    #[default]
    Verified,
    /// To anybody. Only where the operator says so in so many words (`insecureSkipVerify`).
    Anybody,
}

/// How connections are secured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether certificates are verified.
    pub trust: Trust,
    /// Certificates of the operator's own, of CAs or of the server itself, in PEM; trusted beside those
    /// of the machine.
    /// As in the reference, naming one demands TLS 1.3.
    pub ca_pem: Option<String>,
}

/// Until a connection stands. The layers above have deadlines for whole calls.
const CONNECT: Duration = Duration::from_secs(10);

/// Without a byte from the other side. Longer than any deadline of the layers above: the client's
/// clock runs while a body is sent too, and does not see that it moves.
const SILENCE: Duration = Duration::from_secs(240);

/// An idle connection is closed before a balancer in between forgets it (Azure's after 4 minutes,
/// others after 60 s), which would make the next request fail.
const IDLE: Duration = Duration::from_secs(50);

/// Chooses the implementation of TLS's arithmetic for the whole process, once. rustls does not
/// guess when a dependency brings a second one.
pub fn install_crypto() {
    // The error says that one is installed already: by an earlier call, or by the program.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A client for a provider. Follows no redirect: a signature holds for one address.
///
/// Errors: `Config` for a CA that is none.
pub fn client(tls: &Tls) -> Result<Client> {
    install_crypto();
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        // Bodies come as they are stored. A feature that some dependency switches on would ask for
        // gzip with every request, and unpack what the store keeps packed.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(concat!("etcdbrctl/", env!("CARGO_PKG_VERSION")));
    match tls.trust {
        Trust::Verified => builder = builder.tls_backend_preconfigured(verified(tls)?),
        Trust::Anybody => {
            tracing::warn!("certificates of the store are not verified (insecureSkipVerify)");
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
    }
    builder.build().map_err(no_tls)
}

/// TLS to those whom the machine trusts, and to those who are named: CAs, or the very certificate of a
/// server.
///
/// Errors: `Config` for a CA that is none.
pub fn verified(tls: &Tls) -> Result<ClientConfig> {
    install_crypto();
    let own = own(tls)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions: &[_] = match tls.ca_pem {
        Some(_) => &[&TLS13],
        None => &[&TLS13, &TLS12],
    };
    let by_chain = Verifier::new_with_extra_roots(own.clone(), provider.clone());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(no_tls)?;
    let config = match by_chain {
        Ok(by_chain) => {
            // What cannot be read of them is told by the verifier, which reads the same.
            let mut named = rustls_native_certs::load_native_certs().certs;
            named.extend(own);
            let verifier = Named::or(Arc::new(by_chain), named);
            config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
        }
        // An image without certificates: a store without TLS is reached all the same, and whoever shows
        // a certificate is nobody that is trusted.
        Err(error) if own.is_empty() => {
            tracing::debug!("no certificate is trusted: {error}");
            config.with_root_certificates(RootCertStore::empty())
        }
        Err(error) => return Err(no_tls(error)),
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates that are named beside those of the machine.
fn own(tls: &Tls) -> Result<Vec<CertificateDer<'static>>> {
    let Some(pem) = &tls.ca_pem else {
        return Ok(Vec::new());
    };
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(wrong_ca)?;
    if certificates.is_empty() {
        return Err(wrong_ca("there is no certificate in it"));
    }
    let mut readable = RootCertStore::empty();
    for certificate in &certificates {
        readable.add(certificate.clone()).map_err(wrong_ca)?;
    }
    Ok(certificates)
}

fn no_tls(error: impl std::fmt::Display) -> Error {
    let message = format!("cannot set up TLS: {error}");
    Error::new(ErrorKind::Config, "open", message)
}

fn wrong_ca(error: impl std::fmt::Display) -> Error {
    let message = format!("trustedCaCert is no certificate in PEM: {error}");
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_that_is_none_is_refused() {
        for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n"] {
            let tls = Tls {
                ca_pem: Some(pem.into()),
                ..Tls::default()
            };
            let error = client(&tls).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{pem:?}: {error}");
        }
        assert!(client(&Tls::default()).is_ok());
    }
}
