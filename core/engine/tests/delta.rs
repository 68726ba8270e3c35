//! Deltas of the reference, read whole; and damaged ones, refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use engine::backups::delta::{
    Batch, DeltaError, DeltaReader, HashCheck, LeasePolicy, ReadOptions, Times,
};
use engine::backups::{Compression, Decoder, Kind, SnapshotName};

const OPTIONS: ReadOptions = ReadOptions {
    hash: HashCheck::Required,
    leases: LeasePolicy::Keep,
    seed: 7,
    times: Times::Parsed,
};

fn deltas(backup: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/backups")
        .join(backup);
    let mut files: Vec<_> = fs::read_dir(dir.join("v2"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("Incr")
        })
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> SnapshotName {
    SnapshotName::parse(path.file_name().unwrap().to_str().unwrap()).unwrap()
}

fn count(
    name: &SnapshotName,
    source: impl Read,
    options: ReadOptions,
) -> Result<usize, DeltaError> {
    let mut reader = DeltaReader::new(name, source, options);
    let (mut events, mut batch) = (0, Batch::default());
    while reader.next_batch(&mut batch)? {
        events += batch.events().len();
    }
    Ok(events)
}

#[test]
fn every_delta_of_the_reference_is_read_and_its_hash_is_right() {
    let mut read = 0;
    for path in deltas("e35-gzip").into_iter().chain(deltas("e34-lzw")) {
        let name = name(&path);
        assert_eq!(name.kind, Kind::Delta);
        let bytes = fs::read(&path).unwrap();
        let events = count(
            &name,
            Decoder::new(name.encoding.plain().unwrap(), &bytes[..]),
            OPTIONS,
        )
        .unwrap();
        assert!(events as i64 > name.last - name.first, "{}", path.display());
        read += 1;
    }
    assert_eq!(read, 16);
}

/// The content of one small delta, decompressed, hash and all.
fn plain() -> (SnapshotName, Vec<u8>) {
    let path = &deltas("e35-gzip")[0];
    let mut content = Vec::new();
    let bytes = fs::read(path).unwrap();
    Decoder::new(Compression::Gzip, &bytes[..])
        .read_to_end(&mut content)
        .unwrap();
    (name(path), content)
}

/// A reader that gives one byte at a time finds every boundary that a network could make.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn the_pieces_in_which_it_arrives_do_not_matter() {
    let (name, content) = plain();
    let whole = count(&name, &content[..], OPTIONS).unwrap();
    assert_eq!(count(&name, Trickle(&content), OPTIONS).unwrap(), whole);
}

#[test]
fn the_layout_of_the_json_does_not_matter() {
    let (name, content) = plain();
    let events: serde_json::Value = serde_json::from_slice(&content[..content.len() - 32]).unwrap();
    let pretty = serde_json::to_vec_pretty(&events).unwrap();
    let skipped = ReadOptions {
        hash: HashCheck::Skipped,
        ..OPTIONS
    };
    let whole = count(&name, &content[..], OPTIONS).unwrap();
    assert_eq!(count(&name, &pretty[..], skipped).unwrap(), whole);
}

#[test]
fn a_truncated_delta_is_refused_wherever_it_ends() {
    let (name, content) = plain();
    for end in (0..content.len())
        .step_by(997)
        .chain(content.len() - 40..content.len())
    {
        assert!(count(&name, &content[..end], OPTIONS).is_err(), "{end}");
    }
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let (name, content) = plain();
    for at in (0..content.len())
        .step_by(613)
        .chain(content.len() - 40..content.len())
    {
        let mut flipped = content.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(count(&name, &flipped[..], OPTIONS).is_err(), "{at}");
    }
}

#[test]
fn a_delta_without_its_hash_is_read_only_when_told_to() {
    let (name, content) = plain();
    let cut = &content[..content.len() - 32];
    assert!(matches!(
        count(&name, cut, OPTIONS),
        Err(DeltaError::HashMissing | DeltaError::Malformed { .. })
    ));
    let skipped = ReadOptions {
        hash: HashCheck::Skipped,
        ..OPTIONS
    };
    assert!(count(&name, cut, skipped).is_ok());
    assert!(count(&name, &content[..], skipped).is_ok());
}

#[test]
fn content_that_disagrees_with_its_name_is_refused() {
    let (name, content) = plain();
    for (first, last) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
        let wrong = SnapshotName {
            first: name.first + first,
            last: name.last + last,
            ..name.clone()
        };
        let error = count(&wrong, &content[..], OPTIONS).unwrap_err();
        assert!(matches!(error, DeltaError::Name { .. }), "{error}");
    }
}
