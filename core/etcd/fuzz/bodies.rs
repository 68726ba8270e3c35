//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by
//! `tests/hostile_bytes.rs` on mutated golden files.

use etcd::lease::Lease;
use etcd::membership::{InitialCluster, StoredMember};
use etcd::mvcc::KeyValue;
use etcd::revision::Entry;
use etcd::wal::{Log, Reader, SegmentName, Start, valid_snapshots};
use etcd::{Error, raft_snapshot};

/// Reads the bytes as one file of a log, and as two that follow each other.
pub(crate) fn wal(bytes: &[u8]) {
    let cut = usize::from(bytes.first().copied().unwrap_or_default()) * 8;
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    for files in [vec![bytes], vec![first, second]] {
        let named = (0..)
            .map(|sequence| SegmentName {
                sequence,
                first_index: 0,
            })
            .zip(files);
        let mut reader = Reader::new(named.map(Ok));
        let records: Vec<_> = reader.by_ref().collect();
        // Every record has a length word.
        assert!(records.len() <= bytes.len() / 8 + 1);
        assert!(
            records.iter().rev().skip(1).all(Result::is_ok),
            "it ends after an error"
        );
        let again = || {
            records
                .iter()
                .filter_map(|record| record.as_ref().ok())
                .cloned()
                .map(Ok)
        };
        let start = Start {
            index: u64::from(bytes.last().copied().unwrap_or_default()),
            term: 1,
        };
        for start in [Start::default(), start] {
            if let Ok(log) = Log::assemble(again(), start) {
                assert!(
                    (start.index + 1..)
                        .zip(&log.entries)
                        .all(|(index, e)| e.index == index)
                );
            }
        }
        let _: Result<Vec<_>, Error> = valid_snapshots(again());
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
