use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use base64_simd::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::corpus::Corpus;

/// Writes deltas as the reference does.
pub(super) struct DeltaWriter<'a> {
    pub(super) corpus: &'a Corpus,
    /// The revision of write number 0.
    pub(super) first: u64,
}

impl DeltaWriter<'_> {
    /// One delta with the writes `from..to`.
    pub(super) fn write(&self, dir: &Path, from: u64, to: u64) -> Result<()> {
        let (first, last) = (self.first + from, self.first + to - 1);
        let created = 1_795_338_000 + from / 1000;
        let path = dir.join(format!("Incr-{first:08}-{last:08}-{created}.gz"));
        let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::default());
        let mut hash = Sha256::new();
        let (mut text, mut value) = (String::from("["), Vec::new());
        for n in from..to {
            if n > from {
                text.push(',');
            }
            self.event(n, &mut value, &mut text)?;
            if text.len() > 64 * 1024 {
                hash.update(&text);
                out.write_all(text.as_bytes())?;
                text.clear();
            }
        }
        text.push(']');
        hash.update(&text);
        out.write_all(text.as_bytes())?;
        out.write_all(&hash.finalize())?;
        out.finish()?.flush()?;
        Ok(())
    }

    fn event(&self, n: u64, value: &mut Vec<u8>, text: &mut String) -> Result<()> {
        let corpus = self.corpus;
        let (round, key) = (n / corpus.keys, n % corpus.keys);
        let (revision, create, version) = (self.first + n, self.first + key, round + 1);
        corpus.fill(n, value);
        let key = STANDARD.encode_to_string(corpus.key(key));
        let value = STANDARD.encode_to_string(value.as_slice());
        let nanos = n % 1_000_000_000;
        write!(
            text,
            "{{\"etcdEvent\":{{\"kv\":{{\"key\":\"{key}\",\"create_revision\":{create},\
             \"mod_revision\":{revision},\"version\":{version},\"value\":\"{value}\"}}}},\
             \"time\":\"2026-11-22T09:13:06.{nanos:09}Z\"}}"
        )?;
        Ok(())
    }
}
