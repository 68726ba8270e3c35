use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use testkit::backup::{self, Written, name};

use super::corpus::Corpus;

/// Writes the deltas of a corpus.
pub(super) struct DeltaWriter<'a> {
    pub(super) corpus: &'a Corpus,
    /// The revision of write number 0.
    pub(super) first: u64,
}

impl DeltaWriter<'_> {
    /// One delta with the writes `from..to`.
    pub(super) fn write(&self, dir: &Path, from: u64, to: u64) -> Result<()> {
        let revisions = (self.first + from).try_into()?..=(self.first + to - 1).try_into()?;
        let created = 1_795_338_000 + i64::try_from(from / 1000)?;
        let path = dir.join(name::delta(revisions, created, backup::Compression::Gzip));
        let file = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        let out = GzEncoder::new(BufWriter::new(file), Compression::default());
        let mut delta = backup::DeltaWriter::new(out);
        let mut value = Vec::new();
        for n in from..to {
            self.event(n, &mut value, &mut delta)?;
        }
        delta.finish()?.finish()?.flush()?;
        Ok(())
    }

    fn event(
        &self,
        n: u64,
        value: &mut Vec<u8>,
        delta: &mut backup::DeltaWriter<impl Write>,
    ) -> Result<()> {
        let corpus = self.corpus;
        let (round, key) = (n / corpus.keys, n % corpus.keys);
        corpus.fill(n, value);
        let seen = SignedDuration::from_nanos((n % 1_000_000_000).try_into()?);
        delta.event(&Written {
            key: corpus.key(key).as_bytes(),
            value: Some(value),
            create_revision: (self.first + key).try_into()?,
            mod_revision: (self.first + n).try_into()?,
            version: (round + 1).try_into()?,
            lease: 0,
            time: Timestamp::from_second(1_795_338_786)? + seen,
        })?;
        Ok(())
    }
}
