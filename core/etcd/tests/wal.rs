//! Reading logs: those of real etcds, those we write, and damaged ones.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failure is the test's")]

mod golden;

use std::io;

use etcd::Error;
use etcd::membership::StoredMember;
use etcd::raftpb::{ConfChange, Entry, EntryType, HardState};
use etcd::wal::{
    Fault, Files, Log, Metadata, Positioned, Reader, Record, SegmentName, SnapshotRecord, Start,
    Writer,
};
use prost::Message;

type Records = Result<Vec<Positioned>, Error>;

/// All records of the files, and whether the last one was torn.
fn read<B: AsRef<[u8]>>(files: &[(SegmentName, B)]) -> (Records, bool) {
    let mut reader = Reader::new(
        files
            .iter()
            .map(|(name, bytes)| Ok((*name, bytes.as_ref()))),
    );
    let records = reader.by_ref().collect();
    (records, reader.torn().is_some())
}

fn log<B: AsRef<[u8]>>(files: &[(SegmentName, B)]) -> Result<Log<Vec<u8>>, Error> {
    let files = files
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_ref().to_vec()));
    Log::read(Files::new(files))
}

fn entries(log: &Log<Vec<u8>>) -> Vec<Entry> {
    let indexes = log.start().index + 1..=log.last_index();
    indexes
        .map(|index| log.entry(index).unwrap().unwrap())
        .collect()
}

fn start(index: u64, term: u64) -> Start {
    Start {
        index,
        term,
        ..Start::default()
    }
}

fn first_file<B>(bytes: B) -> [(SegmentName, B); 1] {
    [(SegmentName::default(), bytes)]
}

fn fault(files: &[(SegmentName, Vec<u8>)]) -> Fault {
    match read(files).0 {
        Err(Error::Wal(damage)) => damage.fault,
        other => panic!("no damage: {other:?}"),
    }
}

fn entry(term: u64, index: u64) -> Entry {
    let data = Some(vec![b'e'; 40 * index as usize]);
    Entry {
        entry_type: EntryType::Normal.into(),
        term,
        index,
        data,
    }
}

fn writer(previous_crc: u32) -> Writer {
    let mut writer = Writer::new(previous_crc);
    writer.metadata(&Metadata {
        node_id: 1,
        cluster_id: 2,
    });
    writer
}

fn log_of(entries: &[Entry]) -> Vec<u8> {
    let mut writer = writer(0);
    writer.snapshot(&SnapshotRecord::default());
    entries.iter().for_each(|entry| writer.entry(entry));
    writer.finish()
}

#[test]
fn etcdutls_log_reads_as_what_restore_writes() {
    let (records, torn) = read(&first_file(golden::bytes("restore/three-m1.wal")));
    let records: Vec<Record> = records.unwrap().into_iter().map(|p| p.record).collect();
    assert!(!torn);
    let [
        Record::Crc(0),
        Record::Metadata(metadata),
        Record::Snapshot(first),
        rest @ ..,
    ] = records.as_slice()
    else {
        panic!("{records:?}")
    };
    assert_eq!(*first, SnapshotRecord::default());
    let [
        entries @ ..,
        Record::HardState(state),
        Record::Snapshot(last),
    ] = rest
    else {
        panic!("{rest:?}")
    };
    let voters = &last.conf_state.as_ref().unwrap().voters;
    assert_eq!((last.index, last.term, voters.len()), (3, 1, 3));
    assert_eq!(
        *state,
        HardState {
            term: 1,
            vote: voters[0],
            commit: 3
        }
    );
    for (record, voter) in entries.iter().zip(voters) {
        let Record::Entry(entry) = record else {
            panic!("{record:?}")
        };
        let change = ConfChange::decode(entry.data.as_deref().unwrap()).unwrap();
        assert_eq!(
            (entry.entry_type(), change.node_id),
            (EntryType::ConfChange, *voter)
        );
        let json = change.context.unwrap();
        let member = StoredMember::parse(format!("{voter:x}").as_bytes(), &json).unwrap();
        assert_eq!(member.name == "m1", metadata.node_id == *voter);
    }
}

#[test]
fn a_live_log_assembles() {
    let bytes = golden::bytes("wal/small/0000000000000000-0000000000000000.wal");
    let log = log(&first_file(&bytes))
        .unwrap()
        .starting_at(Start::default())
        .unwrap();
    let entries = entries(&log);
    // A conf change, an empty entry of the leader, two legacy v2 requests, twelve puts.
    assert_eq!(entries.len(), 16);
    assert_eq!((log.hard_state().term, entries[15].term), (2, 2));
    let put = entries[15].data.as_deref().unwrap();
    assert!(put.windows(3).any(|window| window == b"v12"));
    assert_eq!(entries[0].entry_type(), EntryType::ConfChange);
    assert_eq!(entries[1].data, None);
}

#[test]
fn a_live_log_is_continued_from_its_snapshot() {
    let bytes = golden::bytes("wal/small/0000000000000000-0000000000000000.wal");
    let log = || log(&first_file(&bytes)).unwrap();
    let whole = log();
    let points: Vec<_> = whole
        .counting_snapshots()
        .map(|s| (s.index, s.term))
        .collect();
    assert_eq!(points, [(0, 0), (6, 2), (12, 2)]);
    let rest = log().starting_at(start(12, 2)).unwrap();
    assert_eq!(rest.first_index(), Some(13));
    assert_eq!(
        (rest.term(12), rest.term(13), rest.term(11)),
        (Some(2), Some(2), None)
    );
    assert!(log().starting_at(start(11, 2)).is_err());
    assert!(log().starting_at(start(12, 1)).is_err());
}

/// Trap 46, on a log that etcd itself cut.
#[test]
fn the_checksum_runs_on_into_the_next_file() {
    let names = [
        "0000000000000000-0000000000000000.wal",
        "0000000000000001-0000000000000033.wal",
    ];
    let files = names.map(|name| {
        (
            SegmentName::parse(name).unwrap(),
            golden::gunzip(&format!("wal/cut/{name}.gz")),
        )
    });
    let (records, torn) = read(&files);
    assert!(!torn);
    assert!(records.is_ok());
    assert_eq!(entries(&log(&files).unwrap()).len(), 52);
    // A reader may begin with any file.
    assert!(read(&files[1..]).0.is_ok());
    // The second file begins with the checksum of the first: bytes 10.. of its crc record.
    let mut other = files.clone();
    other[1].1[11] ^= 1;
    assert!(matches!(fault(&other), Fault::Checksum { .. }));
}

/// Trap 45.
#[test]
fn a_file_may_end_at_a_record_or_in_zeros() {
    let bytes = log_of(&[entry(1, 1), entry(1, 2)]);
    let exact = read(&first_file(&bytes)).0.unwrap();
    assert_eq!(exact.len(), 5);
    for zeros in [1, 7, 8, 513, 100_000] {
        let padded = [bytes.clone(), vec![0; zeros]].concat();
        let (records, torn) = read(&first_file(padded));
        assert_eq!(records.unwrap(), exact);
        // Fewer than a word of zeros can only be half a length.
        assert_eq!(torn, zeros < 8);
    }
}

/// Trap 44: cut at every byte. What was whole stays, in the last file; the same cut in a file
/// that another one follows is damage.
#[test]
fn a_log_cut_anywhere_is_torn_only_in_its_last_file() {
    let mut first = writer(0);
    first.entry(&entry(1, 1));
    let begin = first.clone().finish().len();
    first.entry(&entry(1, 2));
    let crc = first.crc();
    let bytes = first.finish();
    let next = (
        SegmentName {
            sequence: 1,
            first_index: 3,
        },
        writer(crc).finish(),
    );
    for len in begin + 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        let (records, torn) = read(&first_file(&cut));
        assert!(torn, "{len}");
        assert_eq!(records.unwrap().len(), 3, "{len}");
        let followed = [(SegmentName::default(), cut), next.clone()];
        assert!(
            matches!(
                fault(&followed),
                Fault::CutOffLength | Fault::CutOffRecord { .. }
            ),
            "{len}"
        );
    }
}

/// A crash leaves sectors of the preallocated file unwritten; rot does not write zeros over
/// just one sector.
#[test]
fn a_record_with_an_unwritten_sector_is_torn_and_a_flipped_bit_is_damage() {
    let bytes = log_of(&[entry(1, 60)]);
    assert!(bytes.len() > 2000);
    let mut unwritten = bytes.clone();
    unwritten[1024..1536].fill(0);
    let (records, torn) = read(&first_file(&unwritten));
    assert_eq!((records.unwrap().len(), torn), (3, true));

    let mut flipped = bytes;
    flipped[1200] ^= 1;
    assert!(matches!(
        fault(&first_file(flipped)),
        Fault::Checksum { .. }
    ));
}

#[test]
fn files_must_follow_each_other_and_be_of_one_member() {
    let first = writer(0);
    let crc = first.crc();
    let files = |sequence, next: Writer| {
        let first = (SegmentName::default(), first.clone().finish());
        [
            first,
            (
                SegmentName {
                    sequence,
                    first_index: 1,
                },
                next.finish(),
            ),
        ]
    };
    assert!(read(&files(1, writer(crc))).0.is_ok());
    for sequence in [0, 2] {
        let gap = fault(&files(sequence, writer(crc)));
        assert!(matches!(gap, Fault::SequenceGap { previous: 0 }));
    }
    assert!(matches!(
        fault(&files(1, writer(crc ^ 1))),
        Fault::Checksum { .. }
    ));
    let mut foreign = Writer::new(crc);
    foreign.metadata(&Metadata {
        node_id: 9,
        cluster_id: 2,
    });
    assert!(matches!(
        fault(&files(1, foreign)),
        Fault::MetadataConflict { .. }
    ));
}

/// Trap 47.
#[test]
fn overwritten_entries_are_gone_with_all_after_them() {
    let written = [entry(1, 1), entry(1, 2), entry(1, 3), entry(2, 2)];
    let log = log(&first_file(log_of(&written))).unwrap();
    assert_eq!(entries(&log), [entry(1, 1), entry(2, 2)]);
}

#[test]
fn a_hole_between_entries_is_refused() {
    let files = first_file(log_of(&[entry(1, 1), entry(1, 3)]));
    let offset = read(&files).0.unwrap()[4].offset;
    match log(&files).unwrap().starting_at(Start::default()) {
        Err(Error::Wal(damage)) => {
            assert!(matches!(
                damage.fault,
                Fault::EntryGap { last: 1, found: 3 }
            ));
            assert_eq!(damage.offset, offset);
        }
        other => panic!("{other:?}"),
    }
}

/// A member that was far behind got a snapshot from its leader: its log goes on after that.
#[test]
fn a_hole_before_the_snapshot_to_start_from_is_none() {
    let mut writer = writer(0);
    writer.snapshot(&SnapshotRecord::default());
    writer.entry(&entry(1, 1));
    let received = SnapshotRecord {
        index: 7,
        term: 2,
        conf_state: None,
    };
    writer.snapshot(&received);
    writer.entry(&entry(2, 8));
    let log = log(&first_file(writer.finish())).unwrap();
    let log = log.starting_at(start(7, 2)).unwrap();
    assert_eq!(entries(&log), [entry(2, 8)]);
}

/// A snapshot that the log commits nothing up to is an orphan.
#[test]
fn a_snapshot_beyond_the_commit_index_does_not_count() {
    let mut writer = writer(0);
    for index in [0, 5, 6] {
        writer.snapshot(&SnapshotRecord {
            index,
            term: 1,
            conf_state: None,
        });
    }
    writer.hard_state(&HardState {
        term: 1,
        vote: 1,
        commit: 5,
    });
    let log = log(&first_file(writer.finish())).unwrap();
    let counting: Vec<u64> = log.counting_snapshots().map(|s| s.index).collect();
    assert_eq!(counting, [0, 5]);
    assert_eq!(log.snapshots().len(), 3);
}

#[test]
fn a_failing_source_is_named_and_ends_the_log() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk on fire"))
        }
    }
    let mut reader = Reader::new([Ok((SegmentName::default(), Broken))].into_iter());
    let error = reader.next().unwrap().unwrap_err().to_string();
    let name = "0000000000000000-0000000000000000.wal";
    assert_eq!(error, format!("cannot read WAL file {name}: disk on fire"));
    assert!(reader.next().is_none());
}
