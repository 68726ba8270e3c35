//! The least that a restore could take: nothing can be faster than reading and hashing its input,
//! or than writing its output to the disk.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Decompressing and hashing all objects on all cores.
    pub(super) read: Duration,
    /// Writing the output's bytes in one go and flushing them.
    pub(super) write: Duration,
}

impl Limit {
    /// L: neither can be avoided, both could go on at once.
    pub(super) fn least(&self) -> Duration {
        self.read.max(self.write)
    }
}

/// Measures both, one after the other. `output` is the file that a restore has made.
pub(super) fn measure(store: &Path, output: &Path, scratch: &Path) -> Result<Limit> {
    Ok(Limit {
        read: read(store)?,
        write: write(output, &scratch.join("limit"))?,
    })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn read(store: &Path) -> Result<Duration> {
    let objects: Vec<PathBuf> = fs::read_dir(store.join("v2"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism()?.get();
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some(path) = objects.get(next.fetch_add(1, Ordering::Relaxed)) {
                        hash(path)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(result) => result?,
                Err(_) => bail!("a thread that measured panicked"),
            }
        }
        Ok(())
    })?;
    Ok(begin.elapsed())
}

fn hash(path: &Path) -> Result<()> {
    let mut content = MultiGzDecoder::new(File::open(path)?);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match content.read(&mut buffer)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    std::hint::black_box(hash.finalize());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn write(output: &Path, scratch: &Path) -> Result<Duration> {
    let length = fs::metadata(output)?.len();
    let mut piece = vec![0; 1 << 20];
    File::open(output)?.read_exact(&mut piece)?;
    let begin = Instant::now();
    let mut file = File::create(scratch)?;
    let mut left = length;
    while left > 0 {
        let now = left.min(piece.len() as u64);
        file.write_all(&piece[..now as usize])?;
        left -= now;
    }
    file.sync_data()?;
    let took = begin.elapsed();
    fs::remove_file(scratch)?;
    Ok(took)
}
