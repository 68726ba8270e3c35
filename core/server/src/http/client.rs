//! How others of the pod and of the cluster are asked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::sign::SingleCertAndKey;
use snapstore_cloud::http::{Tls, install_crypto, verified};

use super::tls::{certificates, identity};
use crate::settings::TlsFiles;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(5);

/// Whether the other side shows a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Secured<'a> {
    /// It speaks plain HTTP.
    Clear,
    /// It does, signed by a CA of this file (PEM), or by one that the machine trusts. If it asks for one, it is shown that
    /// of these files.
    By(Option<&'a Path>, Option<&'a TlsFiles>),
}

/// One that follows no redirect, and goes through no proxy.
///
/// Errors: one sentence for people.
pub(crate) async fn client(
    deadline: Duration,
    secured: Secured<'_>,
) -> Result<reqwest::Client, String> {
    install_crypto();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(deadline)
        .redirect(Policy::none())
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(concat!("etcdbrctl/", env!("CARGO_PKG_VERSION")));
    if let Secured::By(ca, shown) = secured {
        let mut tls = Tls::default();
        if let Some(path) = ca {
            let pem = tokio::fs::read(path).await.map_err(|why| why.to_string())?;
            certificates(&pem, path).map_err(|why| why.to_string())?;
            tls.ca_pem = Some(String::from_utf8_lossy(&pem).into_owned());
        }
        let mut tls = verified(&tls).map_err(|why| why.message().to_owned())?;
        if let Some(files) = shown {
            let identity = identity(files).await.map_err(|why| why.to_string())?;
            tls.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(identity));
        }
        builder = builder.tls_backend_preconfigured(tls);
    }
    builder.build().map_err(|why| why.to_string())
}
