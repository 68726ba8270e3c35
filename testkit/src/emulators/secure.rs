use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::catalogue::named;
use super::emulator::bring;
use super::place::Place;
use super::start;
use super::{accounts, listener};
use crate::{memory, wait};

/// How long it may take to listen.
const LISTENS: Duration = Duration::from_secs(180);

/// The MinIO of the catalogue with TLS, without which it takes no key of a customer's (SSE-C). It ends
/// when this is dropped.
#[derive(Debug)]
pub struct SecureMinio {
    process: Child,
    url: String,
    _room: TempDir,
}

impl SecureMinio {
    /// Shows `certificate`, whose key is `key`; both in PEM. It listens when this returns, and serves
    /// a little later.
    pub fn start(certificate: &str, key: &str) -> Result<Self> {
        let minio = named(&["minio".to_owned()])?;
        let minio = minio.first().context("the catalogue has no minio")?;
        let (_, installed) = bring(minio)?;
        let room = memory::tempdir()?;
        let place = Place::fresh(room.path().join("minio"))?;
        // As MinIO names them ("Network Encryption (TLS)").
        let certificates = place.dir.join("certificates");
        fs::create_dir(&certificates)?;
        fs::write(certificates.join("public.crt"), certificate)?;
        fs::write(certificates.join("private.key"), key)?;
        let process = start::spawn(minio, &installed, &place, |command: &mut Command| {
            command.arg("--certs-dir").arg(&certificates);
        })?;
        let mut started = Self {
            process,
            url: format!("https://{}", place.address()),
            _room: room,
        };
        wait::until("MinIO with TLS listens", LISTENS, || {
            if let Some(ended) = started.process.try_wait()? {
                bail!("it ended ({ended})");
            }
            let answers = TcpStream::connect(place.address()).is_ok();
            let ours = listener::is(started.process.id(), place.port);
            Ok((answers && ours).then_some(()))
        })?;
        Ok(started)
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Who is let in, and the secret.
    pub fn account(&self) -> (&'static str, &'static str) {
        (accounts::MINIO_USER, accounts::MINIO_PASSWORD)
    }
}

impl Drop for SecureMinio {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
