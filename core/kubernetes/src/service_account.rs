use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use snapstore_cloud::http::install_crypto;

use crate::error::{Error, ErrorKind, Result};

/// Where the API answers: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, which Kubernetes sets in every pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiServer {
    /// The former.
    pub host: Option<String>,
    /// The latter.
    pub port: Option<String>,
}

/// The files of a service account. Kubernetes replaces token and CA while a pod runs, so they are read whenever they are needed.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    directory: PathBuf,
}

impl ApiServer {
    /// `host:port`, a v6 address in brackets.
    ///
    /// Errors: `NoCluster` where this is no pod.
    pub(crate) fn authority(&self) -> Result<String> {
        let given = |value: &Option<String>, name: &str| {
            let value = value.as_deref().filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| {
                let message = format!(
                    "{name} is not set, as Kubernetes does it in every pod: this process runs in none"
                );
                Error::new(ErrorKind::NoCluster, message)
            })
        };
        let host = given(&self.host, "KUBERNETES_SERVICE_HOST")?;
        let port = given(&self.port, "KUBERNETES_SERVICE_PORT")?;
        Ok(match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        })
    }
}

impl ServiceAccount {
    /// That of this directory: `token`, `ca.crt` and `namespace`, as Kubernetes mounts them.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The namespace of the pod.
    ///
    /// Errors: `NoCluster`.
    pub(crate) async fn namespace(&self) -> Result<String> {
        Ok(self.text("namespace").await?.trim().to_owned())
    }

    pub(crate) async fn token(&self) -> Result<String> {
        let token = self.text("token").await?.trim().to_owned();
        match token.is_empty() {
            true => Err(self.unusable("token", "it is empty")),
            false => Ok(token),
        }
    }

    pub(crate) async fn ca(&self) -> Result<String> {
        self.text("ca.crt").await
    }

    /// TLS to whoever shows a certificate of `ca`, and to nobody else.
    pub(crate) fn tls(&self, ca: &str) -> Result<ClientConfig> {
        install_crypto();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca.as_bytes()) {
            let certificate = certificate.map_err(|error| self.unusable("ca.crt", error))?;
            let added = roots.add(certificate);
            added.map_err(|error| self.unusable("ca.crt", error))?;
        }
        if roots.is_empty() {
            return Err(self.unusable("ca.crt", "there is no certificate in it"));
        }
        let config = ClientConfig::builder().with_root_certificates(roots);
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    async fn text(&self, file: &str) -> Result<String> {
        let text = tokio::fs::read_to_string(self.path(file)).await;
        text.map_err(|error| self.unusable(file, error))
    }

    fn path(&self, file: &str) -> PathBuf {
        Path::new(&self.directory).join(file)
    }

    fn unusable(&self, file: &str, why: impl std::fmt::Display) -> Error {
        let path = self.path(file);
        let message = format!(
            "cannot use {}: {why}. Kubernetes mounts it unless automountServiceAccountToken is false",
            path.display()
        );
        Error::new(ErrorKind::NoCluster, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_the_environment() {
        let of = |host: &str| ApiServer {
            host: Some(host.to_owned()),
            port: Some("443".to_owned()),
        };
        assert_eq!(of("10.0.0.1").authority().unwrap(), "10.0.0.1:443");
        assert_eq!(of("fd00::1").authority().unwrap(), "[fd00::1]:443");
        for none in [ApiServer::default(), of("")] {
            let error = none.authority().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NoCluster);
            assert!(error.to_string().starts_with("KUBERNETES_SERVICE_HOST"));
        }
    }

    #[tokio::test]
    async fn what_is_mounted_wrongly_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let account = ServiceAccount::at(directory.path());
        let error = account.token().await.unwrap_err().to_string();
        assert!(error.contains("/token: "), "{error}");
        tokio::fs::write(directory.path().join("token"), " \n")
            .await
            .unwrap();
        let error = account.token().await.unwrap_err().to_string();
        assert!(error.contains("it is empty"), "{error}");
        let error = account.tls("no PEM").unwrap_err().to_string();
        assert!(
            error.contains("/ca.crt: there is no certificate"),
            "{error}"
        );
    }
}
