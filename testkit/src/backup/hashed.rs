use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// Passes on what is written, and at the end the SHA-256 of it: both kinds of object have it there.
#[derive(Debug)]
pub struct Hashed<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Hashed<W> {
    /// Nothing is written yet.
    pub fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
        }
    }

    /// Writes the hash. What was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.hash.finalize())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `content` with its SHA-256 after it.
pub fn with_hash(mut content: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&content);
    content.extend_from_slice(&hash);
    content
}
