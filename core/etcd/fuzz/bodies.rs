//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by
//! `tests/hostile_bytes.rs` on mutated golden files.

use etcd::lease::Lease;
use etcd::membership::{InitialCluster, StoredMember};
use etcd::mvcc::KeyValue;
use etcd::raft_snapshot;
use etcd::revision::Entry;
use etcd::wal::{Files, Log, Reader, SegmentName, Start};

/// Reads the bytes as one file of a log, and as two that follow each other.
pub(crate) fn wal(bytes: &[u8]) {
    let cut = usize::from(bytes.first().copied().unwrap_or_default()) * 8;
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    for files in [vec![bytes], vec![first, second]] {
        let named = || {
            (0..)
                .map(|sequence| SegmentName {
                    sequence,
                    first_index: 0,
                })
                .zip(files.iter().copied())
        };
        let records: Vec<_> = Reader::new(named().map(Ok)).collect();
        // Every record has a length word.
        assert!(records.len() <= bytes.len() / 8 + 1);
        assert!(
            records.iter().rev().skip(1).all(Result::is_ok),
            "it ends after an error"
        );
        let start = Start {
            index: u64::from(bytes.last().copied().unwrap_or_default()),
            term: 1,
            ..Start::default()
        };
        for start in [Start::default(), start] {
            let named = named().map(|(name, bytes)| (name, bytes.to_vec()));
            let log = Log::read(Files::new(named)).and_then(|log| log.starting_at(start));
            if let Ok(log) = log {
                let indexes = log.start().index + 1..=log.last_index();
                for index in indexes {
                    let entry = log.entry(index);
                    assert!(entry.is_ok_and(|entry| entry.is_some_and(|e| e.index == index)));
                }
            }
        }
    }
}

/// Reads the bytes as a `.snap` file.
pub(crate) fn raft_snapshot(bytes: &[u8]) {
    if let Ok(snapshot) = raft_snapshot::decode(bytes) {
        let again = raft_snapshot::encode(&snapshot);
        assert!(raft_snapshot::decode(&again).is_ok_and(|decoded| decoded == snapshot));
    }
}

/// Reads the bytes as everything that a key or a value of the database can be.
pub(crate) fn values(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes) {
        assert_eq!(&*entry.to_bytes(), bytes);
    }
    if let Ok(kv) = KeyValue::decode(bytes) {
        let mut again = Vec::new();
        kv.encode_put(&mut again);
        assert_eq!(KeyValue::decode(&again), Ok(kv));
    }
    let (key, value) = bytes.split_at(bytes.len().min(8));
    if let Ok(lease) = Lease::parse(key, value) {
        assert_eq!(Lease::parse(&lease.key(), &lease.to_bytes()), Ok(lease));
    }
    if let Ok(member) = StoredMember::parse(key, value) {
        assert_eq!(
            StoredMember::parse(key, member.to_json().as_bytes()),
            Ok(member)
        );
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = InitialCluster::parse(text);
    }
}
