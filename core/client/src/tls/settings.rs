use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use trust::Named;

use super::anybody::Anybody;
use super::files;
use crate::config::{Tls, Trust};
use crate::error::{Error, ErrorKind, Result};

/// What one connection needs, with the files as they are now.
///
/// Errors: `Config` for a file that is not there or holds something else.
pub(crate) async fn settings(tls: &Tls) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(&tls.trust, &provider).await?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(no_tls)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &tls.identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let certificates = files::certificates(&identity.certificate).await?;
            let key = files::key(&identity.key).await?;
            config
                .with_client_auth_cert(certificates, key)
                .map_err(|error| {
                    let (certificate, key) = (&identity.certificate, &identity.key);
                    let message = format!(
                        "{} and {} are no pair: {error}",
                        certificate.display(),
                        key.display()
                    );
                    Error::new(ErrorKind::Config, "set up TLS", message).with_source(error)
                })?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

async fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    match trust {
        Trust::Anybody => Ok(Arc::new(Anybody(provider.clone()))),
        Trust::File(path) => {
            let named = files::certificates(path).await?;
            by_roots(named, provider.clone())
        }
        Trust::Machine => {
            // What cannot be read of them is told by the verifier, which reads the same.
            let named = rustls_native_certs::load_native_certs().certs;
            let by_chain = Verifier::new(provider.clone()).map_err(no_tls)?;
            let by_chain = Arc::new(by_chain);
            Ok(Arc::new(Named::or(by_chain, named)))
        }
    }
}

fn by_roots(
    named: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for root in &named {
        roots.add(root.clone()).map_err(no_tls)?;
    }
    let by_chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(no_tls)?;
    Ok(Arc::new(Named::or(by_chain, named)))
}

fn no_tls(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Config, "set up TLS", error.to_string())
}
