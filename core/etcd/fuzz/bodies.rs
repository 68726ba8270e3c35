//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by
//! `tests/hostile_bytes.rs` on mutated golden files.

use bolt::Db;
use etcd::lease::Lease;
use etcd::membership::{InitialCluster, StoredMember};
use etcd::mvcc::KeyValue;
use etcd::raft_snapshot;
use etcd::raftpb::{ConfChange, ConfChangeType, Entry, EntryType};
use etcd::replay::{Answer, Commitment, bounds, describe, replay};
use etcd::revision;
use etcd::wal::{Files, Log, Metadata, Reader, SegmentName, SnapshotRecord, Start, Writer};
use prost::Message;

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

/// Takes the bytes for what entries ask for, each piece after its length in two bytes, and replays
/// them after an empty database, of a member that is alone.
pub(crate) fn requests(bytes: &[u8]) {
    let mut writer = Writer::new(0);
    let metadata = Metadata {
        node_id: 1,
        cluster_id: 2,
    };
    writer.metadata(&metadata);
    writer.snapshot(&SnapshotRecord::default());
    let mut add = |index, entry_type: EntryType, data: &[u8]| {
        let entry = Entry {
            entry_type: entry_type.into(),
            term: 1,
            index,
            data: Some(data.to_vec()),
        };
        let _ = describe(&entry);
        writer.entry(&entry);
    };
    let founder = ConfChange {
        id: 0,
        change_type: ConfChangeType::AddNode.into(),
        node_id: 1,
        context: Some(br#"{"id":1,"peerURLs":["http://h:1"]}"#.to_vec()),
    };
    add(1, EntryType::ConfChange, &founder.encode_to_vec());
    let (mut rest, mut index) = (bytes, 2);
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let len = usize::from(u16::from_le_bytes(*len)).min(after.len());
        let entry_type = match after.first() {
            // A request never begins so, a conf change does; and none is empty.
            Some(0x08) if len > 0 => EntryType::ConfChange,
            _ => EntryType::Normal,
        };
        add(index, entry_type, &after[..len]);
        (rest, index) = (&after[len..], index + 1);
    }
    let files = Files::new([(SegmentName::default(), writer.finish())]);
    let log = Log::read(files).and_then(|log| log.starting_at(Start::default()));
    let (Ok(log), Ok(db)) = (log, Db::open(EMPTY.as_slice())) else {
        unreachable!("both were written here");
    };
    let Ok(replayed) = replay(&db, &log, Commitment::Restart) else {
        return;
    };
    // Whatever the requests are, the cheap answer holds the other one.
    let (lower, upper) = match bounds(&db, &log) {
        Ok(Answer::Exact(revision)) => (revision, revision),
        Ok(Answer::Between { lower, upper, .. }) => (lower, upper),
        other => unreachable!("{other:?}"),
    };
    match replayed.answer {
        Answer::Exact(revision) => assert!((lower..=upper).contains(&revision)),
        Answer::Between {
            lower: l, upper: u, ..
        } => assert!(lower <= l && l <= u && u <= upper),
        Answer::Unreadable(_) => unreachable!("they belong together"),
    }
    if let Some(state) = replayed.state {
        let mut live = 0;
        assert!(state.each_live(7, |_| live += 1).is_ok());
        assert!(state.hash_kv(7).is_ok());
        assert!(live <= bytes.len());
    }
}

/// The smallest database: two meta pages, and a root with no bucket.
const EMPTY: [u8; 3072] = empty();

const fn empty() -> [u8; 3072] {
    let mut db = [0; 3072];
    let mut page = 0;
    while page < 2 {
        let at = page * 1024;
        db[at] = page as u8;
        db[at + 8] = 4;
        let fields: [u64; 8] = [0x2_ED0C_DAED, 1024, 2, 0, u64::MAX, 3, page as u64, 0];
        let (mut field, mut sum) = (0, 0xcbf2_9ce4_8422_2325_u64);
        while field < 8 {
            let value = if field == 7 { sum } else { fields[field] };
            let bytes = value.to_le_bytes();
            let mut byte = 0;
            while byte < 8 {
                db[at + 16 + field * 8 + byte] = bytes[byte];
                sum = (sum ^ bytes[byte] as u64).wrapping_mul(0x0000_0100_0000_01b3);
                byte += 1;
            }
            field += 1;
        }
        page += 1;
    }
    db[2048] = 2;
    db[2048 + 8] = 2;
    db
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
    if let Ok(entry) = revision::Entry::parse(bytes) {
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
