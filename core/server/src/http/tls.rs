//! The server's certificate, read again when its files change. They are looked at by content: Kubernetes replaces a
//! mounted secret by turning a link, at which no file changes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, server::danger::ClientCertVerifier};
use sha2::{Digest, Sha256};
use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::validity;
use crate::error::{Error, Result};
use crate::ports::WallClock;
use crate::settings::TlsFiles;

/// Files of certificates are read no further.
const LONGEST_FILE: usize = 1024 * 1024;

const NONE: &str = "there is no certificate in PEM in it";

/// What connections are made with now.
pub(crate) struct Certificates {
    files: TlsFiles,
    /// Whose certificates are asked for, and not insisted on.
    client_ca: Option<PathBuf>,
    current: RwLock<Current>,
    /// The hash of what was read last, be it of use or not: a fault is told once.
    seen: Mutex<[u8; 32]>,
    /// What was said of its dates.
    told: Mutex<Option<String>>,
}

/// What is shown now.
struct Current {
    config: Arc<ServerConfig>,
    leaf: CertificateDer<'static>,
}

/// What the files hold.
struct Content {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Certificates {
    /// Reads the files for the first time.
    ///
    /// Errors: [`Error::Tls`] for one that cannot be read or is of no use.
    pub(crate) async fn open(files: TlsFiles, client_ca: Option<PathBuf>) -> Result<Self> {
        let content = read(&files, client_ca.as_deref()).await?;
        let current = configured(&content, &files, client_ca.as_deref())?;
        Ok(Self {
            seen: Mutex::new(content.hash()),
            told: Mutex::default(),
            current: RwLock::new(current),
            files,
            client_ca,
        })
    }

    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.config.clone()
    }

    /// Looks at the files again and again.
    pub(crate) async fn follow(
        &self,
        (clock, now): (Arc<dyn Clock>, WallClock),
        every: std::time::Duration,
        stop: CancellationToken,
    ) {
        self.tell_dates(now());
        while stop.run_until_cancelled(clock.sleep(every)).await.is_some() {
            if let Err(error) = self.look().await {
                tracing::warn!("the certificate is not replaced, the one before it stays: {error}");
            }
            self.tell_dates(now());
        }
    }

    /// Says once that nobody takes the certificate any more, or not yet.
    fn tell_dates(&self, now: Timestamp) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let fault = validity::fault(&current.leaf, now);
        drop(current);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == fault {
            return;
        }
        if let Some(fault) = &fault {
            let path = self.files.certificate.display();
            tracing::error!(
                "{path}: the certificate of this server {fault}, and who verifies it does not connect: renew it, the file is read again"
            );
        }
        *told = fault;
    }

    /// Takes what the files hold, if it is new and of use. What is half written is not, and stays unused until it is
    /// whole.
    async fn look(&self) -> Result<()> {
        let (files, client_ca) = (&self.files, self.client_ca.as_deref());
        let read = read(files, client_ca).await;
        let hash = match &read {
            Ok(content) => content.hash(),
            Err(error) => Sha256::digest(error.to_string().as_bytes()).into(),
        };
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == hash {
                return Ok(());
            }
            *seen = hash;
        }
        let new = configured(&read?, files, client_ca)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        tracing::info!("the certificate was replaced");
        Ok(())
    }
}

impl Content {
    /// Of the parts and where each ends.
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let client_ca = self.client_ca.as_deref().unwrap_or_default();
        for part in [&*self.certificate, &*self.key, client_ca] {
            hash.update(Sha256::digest(part));
        }
        hash.finalize().into()
    }
}

async fn read(files: &TlsFiles, client_ca: Option<&Path>) -> Result<Content> {
    Ok(Content {
        certificate: bytes(&files.certificate).await?,
        key: bytes(&files.key).await?,
        client_ca: match client_ca {
            Some(path) => Some(bytes(path).await?),
            None => None,
        },
    })
}

async fn bytes(path: &Path) -> Result<Vec<u8>> {
    let content = tokio::fs::read(path)
        .await
        .map_err(|why| fault(path, why))?;
    match content.len() > LONGEST_FILE {
        true => Err(fault(path, "it is longer than a file of certificates")),
        false => Ok(content),
    }
}

fn configured(content: &Content, files: &TlsFiles, client_ca: Option<&Path>) -> Result<Current> {
    let chain = certificates(&content.certificate, &files.certificate)?;
    let leaf = chain.first().cloned();
    let leaf = leaf.ok_or_else(|| fault(&files.certificate, NONE))?;
    let key = key(content, files)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| fault(&files.certificate, why))?;
    let config = match (client_ca, &content.client_ca) {
        (Some(path), Some(pem)) => config.with_client_cert_verifier(verifier(pem, path)?),
        _ => config.with_no_client_auth(),
    };
    let config = config.with_single_cert(chain, key);
    let mut config = config.map_err(|why| of_no_use(files, why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let config = Arc::new(config);
    Ok(Current { config, leaf })
}

/// Asks for a certificate, and takes none for an answer: only triggers insist on one.
fn verifier(pem: &[u8], path: &Path) -> Result<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, path)? {
        roots.add(certificate).map_err(|why| fault(path, why))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|why| fault(path, why))
}

/// What these files hold now, to be shown to a server that asks for it.
pub(super) async fn identity(files: &TlsFiles) -> Result<CertifiedKey> {
    let content = read(files, None).await?;
    let chain = certificates(&content.certificate, &files.certificate)?;
    CertifiedKey::from_der(chain, key(&content, files)?, &aws_lc_rs::default_provider())
        .map_err(|why| of_no_use(files, why))
}

fn key(content: &Content, files: &TlsFiles) -> Result<PrivateKeyDer<'static>> {
    // What the reader says may hold a part of the file.
    PrivateKeyDer::from_pem_slice(&content.key)
        .map_err(|_| fault(&files.key, "there is no private key in PEM in it"))
}

fn of_no_use(files: &TlsFiles, why: rustls::Error) -> Error {
    let why = format!("it is of no use with its key: {why}");
    fault(&files.certificate, why)
}

/// All certificates of a PEM, one at least.
pub(super) fn certificates(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(|why| fault(path, format!("no certificates in PEM: {why}")))?;
    match all.is_empty() {
        true => Err(fault(path, NONE)),
        false => Ok(all),
    }
}

fn fault(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::Tls {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
