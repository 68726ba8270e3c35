use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use bolt::BulkWriter;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Revision};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::corpus::Corpus;

/// Writes the full of a corpus. Its last revision.
pub(super) fn write(dir: &Path, corpus: &Corpus) -> Result<u64> {
    let last = corpus.full_keys + 1;
    let database = dir.join("db");
    self::database(&database, corpus)?;
    let path = dir.join(format!("Full-{:08}-{last:08}-1795337000.gz", 0));
    let out = File::create(&path).with_context(|| format!("create {}", path.display()))?;
    let mut out = Hashing {
        out: GzEncoder::new(BufWriter::new(out), Compression::default()),
        hash: Sha256::new(),
    };
    io::copy(&mut BufReader::new(File::open(&database)?), &mut out)?;
    let Hashing { mut out, hash } = out;
    out.write_all(&hash.finalize())?;
    out.finish()?.flush()?;
    fs::remove_file(database)?;
    Ok(last)
}

fn database(path: &Path, corpus: &Corpus) -> Result<()> {
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)?;
    let mut writer = BulkWriter::create(&file, 4096)?;
    let (mut value, mut encoded) = (Vec::new(), Vec::new());
    for name in ["alarm", "auth", "cluster", "key"] {
        writer.bucket(name.as_bytes())?;
    }
    for n in 0..corpus.full_keys {
        let revision = i64::try_from(n)? + 2;
        corpus.fill(n ^ 0x5555_5555, &mut value);
        let key = format!("/registry/base/object-{n:08}");
        encoded.clear();
        KeyValue {
            key: key.as_bytes(),
            create_revision: revision,
            mod_revision: revision,
            version: 1,
            value: &value,
            lease: 0,
        }
        .encode_put(&mut encoded);
        writer.push(&Entry::put(Revision::new(revision, 0)).to_bytes(), &encoded)?;
    }
    for name in ["lease", "members", "members_removed", "meta"] {
        writer.bucket(name.as_bytes())?;
    }
    writer.finish()?;
    Ok(())
}

struct Hashing<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
