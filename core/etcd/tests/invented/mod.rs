//! Databases and logs made up for a test.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::Db;
use etcd::mvcc::KeyValue;
use etcd::raftpb::{ConfChange, ConfState, Entry, HardState};
use etcd::replay::{Answer, Commitment, replay};
use etcd::revision;
use etcd::wal::{Files, Log, Metadata, SegmentName, SnapshotRecord, Start, Writer};
use prost::Message;

use super::written;

pub(crate) type Database = Db<RwLock<Vec<u8>>>;

/// The database of `member` that holds these keys, each put once with no value, and has applied the
/// entries up to `index` in term 2.
pub(crate) fn holding(
    keys: &[Vec<u8>],
    index: u64,
    member: etcd::membership::MemberId,
) -> Database {
    let entries = (2..).zip(keys).map(|(revision, key)| {
        let mut value = Vec::new();
        KeyValue {
            key,
            create_revision: revision,
            mod_revision: revision,
            version: 1,
            value: b"",
            lease: 0,
        }
        .encode_put(&mut value);
        let at = revision::Entry::put(revision::Revision::new(revision, 0));
        (at.to_bytes().to_vec(), value)
    });
    let meta = BTreeMap::from([
        (b"consistent_index".to_vec(), index.to_be_bytes().to_vec()),
        (b"term".to_vec(), 2_u64.to_be_bytes().to_vec()),
    ]);
    let json = format!(
        r#"{{"id":{},"peerURLs":["http://a:1"],"name":"a"}}"#,
        member.0
    );
    let members = BTreeMap::from([(member.to_string().into_bytes(), json.into_bytes())]);
    written::database(&BTreeMap::from([
        (b"key".as_slice(), entries.collect()),
        (b"members".as_slice(), members),
        (b"meta".as_slice(), meta),
    ]))
}

/// The message of a put of one key, as a client sends it: the request is field 4.
pub(crate) fn put(key: &[u8]) -> Vec<u8> {
    let put = [&[0x0a, key.len() as u8], key].concat();
    [&[0x22, put.len() as u8], put.as_slice()].concat()
}

pub(crate) fn normal(index: u64, data: Vec<u8>) -> Entry {
    Entry {
        entry_type: 0,
        term: 2,
        index,
        data: Some(data),
    }
}

/// A log after a snapshot at entry 4 of these voters, with entries from 5 on, of which those up
/// to `commit` were known to be committed.
pub(crate) fn log(voters: &[u64], requests: &[Vec<u8>], commit: u64) -> Log<Vec<u8>> {
    let entries = requests.iter().map(|request| normal(0, request.clone()));
    log_of(voters, &entries.collect::<Vec<_>>(), commit)
}

pub(crate) fn log_of(voters: &[u64], entries: &[Entry], commit: u64) -> Log<Vec<u8>> {
    let mut writer = Writer::new(0);
    writer.metadata(&Metadata {
        node_id: 1,
        cluster_id: 9,
    });
    let conf_state = ConfState {
        voters: voters.to_vec(),
        ..ConfState::default()
    };
    writer.snapshot(&SnapshotRecord {
        index: 4,
        term: 2,
        conf_state: Some(conf_state.clone()),
    });
    for (index, entry) in (5..).zip(entries) {
        writer.entry(&Entry {
            index,
            ..entry.clone()
        });
    }
    writer.hard_state(&HardState {
        term: entries.iter().map(|entry| entry.term).fold(2, u64::max),
        vote: 1,
        commit,
    });
    let start = Start {
        index: 4,
        term: 2,
        conf_state,
    };
    let files = Files::new([(SegmentName::default(), writer.finish())]);
    Log::read(files).unwrap().starting_at(start).unwrap()
}

/// An empty store that has applied the entries up to `index`, the last in `term`.
pub(crate) fn applied(index: u64, term: u64) -> Database {
    let meta = BTreeMap::from([
        (b"consistent_index".to_vec(), index.to_be_bytes().to_vec()),
        (b"term".to_vec(), term.to_be_bytes().to_vec()),
    ]);
    written::database(&BTreeMap::from([(b"meta".as_slice(), meta)]))
}

pub(crate) fn answer(db: &Database, log: &Log<Vec<u8>>) -> Answer {
    replay(db, log, Commitment::Restart).unwrap().answer
}

/// The log of a cluster of one since it was founded: a conf change, then these entries in term 2; with
/// a `start` as a restore begins one, with a snapshot of the conf change.
pub(crate) fn founded(requests: &[Vec<u8>], start: Start) -> Log<Vec<u8>> {
    let founding = ConfChange {
        node_id: 1,
        context: Some(br#"{"id":1,"peerURLs":["http://a:1"],"name":"a"}"#.to_vec()),
        ..ConfChange::default()
    };
    let mut writer = Writer::new(0);
    writer.metadata(&Metadata {
        node_id: 1,
        cluster_id: 9,
    });
    writer.snapshot(&SnapshotRecord::default());
    writer.entry(&Entry {
        entry_type: 1,
        term: 1,
        index: 1,
        data: Some(founding.encode_to_vec()),
    });
    if start.index > 0 {
        writer.snapshot(&SnapshotRecord {
            index: start.index,
            term: start.term,
            conf_state: Some(start.conf_state.clone()),
        });
    }
    for (index, request) in (2..).zip(requests) {
        writer.entry(&normal(index, request.clone()));
    }
    let commit = 1 + requests.len() as u64;
    writer.hard_state(&HardState {
        term: 2,
        vote: 1,
        commit,
    });
    let files = Files::new([(SegmentName::default(), writer.finish())]);
    Log::read(files).unwrap().starting_at(start).unwrap()
}

/// Where a log begins that a restore has made.
pub(crate) fn after_founding() -> Start {
    Start {
        index: 1,
        term: 1,
        conf_state: ConfState {
            voters: vec![1],
            ..ConfState::default()
        },
    }
}
