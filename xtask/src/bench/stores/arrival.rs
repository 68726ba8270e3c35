//! Where downloads go: a file in memory that is there before they begin. The pages of a new one come from
//! the host of this machine, which takes longer at times than the download itself.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

const PIECE: usize = 1 << 20;

/// A file as long as the body.
pub(super) struct Arrival {
    path: PathBuf,
    mebibytes: u64,
}

/// A body's SHA-256.
pub(in crate::bench) type Sum = [u8; 32];

impl Arrival {
    pub(super) fn new(path: PathBuf, mebibytes: u64) -> Self {
        Self { path, mebibytes }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets what came before, and is ready to be written from its beginning.
    pub(super) fn ready(&self) -> Result<File> {
        let mut zeros = self.open()?;
        for _ in 0..self.mebibytes {
            zeros.write_all(&[0; PIECE])?;
        }
        self.open()
    }

    fn open(&self) -> Result<File> {
        let opened = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.path);
        opened.with_context(|| format!("open {}", self.path.display()))
    }

    /// A transfer that loses something is not fast.
    pub(super) fn holds(&self, sum: Sum) -> Result<()> {
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
        let mut came = File::open(&self.path)?;
        loop {
            match came.read(&mut piece)? {
                0 => break,
                read => hash.update(&piece[..read]),
            }
        }
        ensure!(
            hash.finalize()[..] == sum,
            "what came down is not what went up"
        );
        Ok(())
    }
}

/// Bytes that nothing makes smaller, in `file`.
pub(in crate::bench) fn incompressible(file: &Path, mebibytes: u64) -> Result<Sum> {
    let (mut random, mut hash) = (fastrand::Rng::with_seed(1), Sha256::new());
    let mut out = File::create(file).with_context(|| format!("create {}", file.display()))?;
    let mut piece = vec![0; PIECE];
    for _ in 0..mebibytes {
        random.fill(&mut piece);
        hash.update(&piece);
        out.write_all(&piece)?;
    }
    Ok(hash.finalize().into())
}
