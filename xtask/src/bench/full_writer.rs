use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use bolt::BulkWriter;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Revision};
use flate2::Compression;
use flate2::write::GzEncoder;
use testkit::backup::{self, Hashed, name};

use super::corpus::Corpus;

/// Writes the full of a corpus. Its last revision.
pub(super) fn write(dir: &Path, corpus: &Corpus) -> Result<u64> {
    let last = corpus.full_keys + 1;
    let name = name::full(last.try_into()?, 1_795_337_000, backup::Compression::Gzip);
    let database = dir.join("db");
    self::database(&database, corpus)?;
    let path = dir.join(name);
    let out = File::create(&path).with_context(|| format!("create {}", path.display()))?;
    let out = GzEncoder::new(BufWriter::new(out), Compression::default());
    let mut out = Hashed::new(out);
    io::copy(&mut BufReader::new(File::open(&database)?), &mut out)?;
    out.finish()?.finish()?.flush()?;
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
