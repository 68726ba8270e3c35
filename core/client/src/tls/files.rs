use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, ErrorKind, Result};

/// The certificates of a file in PEM; one at least, and each can be read.
pub(super) async fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = |why: &dyn std::fmt::Display| {
        let message = format!("{}: no certificate in PEM: {why}", path.display());
        Error::new(ErrorKind::Config, "read certificates", message)
    };
    let pem = read(path, "read certificates").await?;
    let certificates = CertificateDer::pem_slice_iter(&pem);
    let certificates: Vec<_> = certificates
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(&error))?;
    if certificates.is_empty() {
        return Err(wrong(&"there is none in it"));
    }
    let mut readable = RootCertStore::empty();
    for certificate in &certificates {
        readable
            .add(certificate.clone())
            .map_err(|error| wrong(&error))?;
    }
    Ok(certificates)
}

/// The private key of a file in PEM.
pub(super) async fn key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let pem = read(path, "read a private key").await?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        // What the reader says may hold a part of the file.
        let message = format!("{}: there is no private key in PEM in it", path.display());
        Error::new(ErrorKind::Config, "read a private key", message)
    })
}

async fn read(path: &Path, operation: &'static str) -> Result<Vec<u8>> {
    tokio::fs::read(path).await.map_err(|error| {
        let message = format!("{}: {error}", path.display());
        Error::new(ErrorKind::Config, operation, message).with_source(error)
    })
}
