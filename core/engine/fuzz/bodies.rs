//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by
//! `tests/fuzz_smoke.rs` on mutated real objects.

use std::io::{self, BufRead, BufReader, Read};

use engine::backups::delta::{Batch, DeltaReader, HashCheck, LeasePolicy, ReadOptions, Times};
use engine::backups::{Compression, Decoder, Kind, SnapshotName};
use etcd::mvcc::KeyValue;

/// So much of a content is read: a bomb that unpacks to more proves no more.
const MOST: u64 = 1 << 20;

/// The name of a delta of these revisions.
pub(crate) fn named(first: i64, last: i64) -> SnapshotName {
    SnapshotName {
        kind: Kind::Delta,
        first,
        last,
        created: 0,
        encoding: Compression::None.into(),
        is_final: false,
    }
}

/// Reads the bytes as the content of the delta `name`.
pub(crate) fn delta(name: &SnapshotName, content: &[u8]) {
    let options = |hash, times| ReadOptions {
        hash,
        leases: LeasePolicy::Keep,
        seed: 7,
        times,
    };
    let checked = events(name, content, options(HashCheck::Required, Times::Ignored));
    let skipped = events(name, content, options(HashCheck::Skipped, Times::Ignored));
    let parsed = events(name, content, options(HashCheck::Skipped, Times::Parsed));
    if let Some(events) = checked {
        assert_eq!(skipped, Some(events), "right with its hash, so without");
    }
    if let Some(events) = parsed {
        assert_eq!(skipped, Some(events), "right with times, so without");
    }
}

/// How many events there are; `None` where there is something wrong.
fn events(name: &SnapshotName, content: &[u8], options: ReadOptions) -> Option<usize> {
    let mut reader = DeltaReader::new(name, content, options);
    let mut batch = Batch::default();
    let mut count = 0;
    let mut revision = name.first;
    loop {
        match reader.next_batch(&mut batch) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return None;
            }
        }
        for event in batch.events() {
            let main = event.entry.revision.main;
            assert!(main == revision || main == revision + 1);
            revision = main;
            let encoded = KeyValue::decode(batch.entry(event).1).expect("what was encoded");
            assert_eq!(encoded.key, batch.key(event));
            assert!(!encoded.key.is_empty());
        }
        count += batch.events().len();
        // The shortest event has a key of four characters.
        assert!(count * 30 <= content.len());
    }
    assert_eq!(revision, name.last);
    Some(count)
}

/// Reads the bytes as each kind of compressed object, whole and piece by piece.
pub(crate) fn decoder(bytes: &[u8]) {
    for compression in Compression::ALL {
        let whole = decoded(compression, bytes);
        let pieces = decoded(compression, BufReader::with_capacity(1, bytes));
        match (whole, pieces) {
            (Some(whole), Some(pieces)) => assert_eq!(whole, pieces, "{compression:?}"),
            (None, None) => {}
            // LZW's decoder takes in up to seven bytes after the end code when it is given them
            // at once, so whether they are noticed depends on the pieces. Found by fuzzing; the
            // SHA-256 of what the object holds does not depend on them.
            _ => assert_eq!(compression, Compression::Lzw),
        }
    }
}

/// The content, if there was no error within the first part of it.
fn decoded(compression: Compression, source: impl BufRead) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let read: io::Result<usize> = Decoder::new(compression, source)
        .take(MOST)
        .read_to_end(&mut content);
    read.is_ok().then_some(content)
}

/// Reads the bytes as the name of a snapshot.
pub(crate) fn name(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match SnapshotName::parse(&text) {
        Ok(name) => {
            assert!(name.first <= name.last);
            assert_eq!(SnapshotName::parse(&name.to_string()).as_ref(), Ok(&name));
            let _ = name.created_at();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Reads the bytes as something encrypted, and as a key.
pub(crate) fn encrypted(bytes: &[u8]) {
    use engine::encryption::{ChainKey, Identities, key_named_in, open, recipients_of};
    let key = std::sync::Arc::new(ChainKey::generate());
    let opened = open(bytes, "Incr-00000011-00000020-1700000000", |_| {
        Ok(vec![key.clone()])
    });
    assert!(opened.is_err(), "no key that was just made opens it");
    let _ = key_named_in(bytes);
    let _ = recipients_of(bytes);
    assert!(ChainKey::unwrapped(key.id(), bytes, &Identities::default()).is_err());
}
