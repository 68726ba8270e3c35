//! What a crash leaves of a log, and what it cannot have left.

mod golden;

use std::ops::Range;

use etcd::Error;
use etcd::raftpb::{Entry, EntryType, HardState};
use etcd::wal::{Fault, Metadata, Positioned, Reader, SegmentName, SnapshotRecord, Writer};
use proptest::prelude::*;

const SECTOR: usize = 512;

/// What came of reading one file.
struct Read {
    records: Vec<Positioned>,
    fault: Option<Error>,
    is_torn: bool,
}

fn read(bytes: &[u8]) -> Read {
    let mut reader = Reader::new([Ok((SegmentName::default(), bytes))].into_iter());
    let (mut records, mut fault) = (Vec::new(), None);
    for record in reader.by_ref() {
        match record {
            Ok(record) => records.push(record),
            Err(error) => fault = Some(error),
        }
    }
    Read {
        records,
        fault,
        is_torn: reader.torn().is_some(),
    }
}

fn is_damaged(bytes: &[u8]) -> bool {
    let read = read(bytes);
    read.fault.is_some() && !read.is_torn
}

fn begun() -> Writer {
    let mut writer = Writer::new(0);
    writer.metadata(&Metadata {
        node_id: 1,
        cluster_id: 2,
    });
    writer.snapshot(&SnapshotRecord::default());
    writer
}

fn entry(index: u64, len: usize) -> Entry {
    Entry {
        entry_type: EntryType::Normal.into(),
        term: 2,
        index,
        data: Some((0..len).map(|at| (at % 251) as u8 | 1).collect()),
    }
}

fn state(commit: u64) -> HardState {
    HardState {
        term: 2,
        vote: 1,
        commit,
    }
}

/// A log as etcd writes it for one put after the other, each acknowledged, and the zeros that it
/// prepares the file with.
fn acknowledged() -> Vec<u8> {
    let mut writer = begun();
    for index in 1..=20 {
        writer.entry(&entry(index, 90));
        writer.hard_state(&state(index));
    }
    [writer.finish(), vec![0; 8192]].concat()
}

/// The frames of a log, with their length words.
fn frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let records = read(bytes).records;
    let frame = |record: &Positioned| {
        let start = record.offset as usize;
        start..start + 8 + record.len.next_multiple_of(8) as usize
    };
    records.iter().map(frame).collect()
}

/// One bit of the length word of frame 25 was flipped in a log of 51 puts. The 26 acknowledged ones
/// after it were taken for a torn end, and an older state was restored, with the words that nothing
/// was lost. Now no bit of any word of a frame is, neither in its length and padding nor in type,
/// checksum, length of the data and data: either the log reads the same, or it is damaged. The same
/// test held a log that ended at the flip to be harmless.
#[test]
fn a_flipped_bit_is_damage_wherever_it_is() {
    let restored = golden::bytes("restore/three-m1.wal");
    let live = golden::bytes("wal/small/0000000000000000-0000000000000000.wal");
    for log in [acknowledged(), restored, live] {
        let records = read(&log).records;
        let end = frames(&log).last().unwrap().end;
        for bit in 0..end * 8 {
            let mut flipped = log.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let now = read(&flipped);
            assert!(
                !now.is_torn,
                "bit {bit} of {end} bytes: taken for a torn end"
            );
            let is_same = || same(&now.records, &records);
            assert!(now.fault.is_some() || is_same(), "bit {bit} of {end} bytes");
        }
    }
}

/// But for the length of the last one: padding that lies after it says nothing.
fn same(now: &[Positioned], then: &[Positioned]) -> bool {
    let told = |records: &[Positioned]| -> Vec<_> {
        let told = |read: &Positioned| (read.offset, read.record.clone());
        records.iter().map(told).collect()
    };
    told(now) == told(then)
}

/// Eight zero bytes in place of a length word ended the log without a word, whatever followed: etcd
/// ends it there too, and drops the rest.
#[test]
fn a_zero_length_word_with_data_after_it_is_damage() {
    let log = acknowledged();
    for frame in frames(&log) {
        let mut zeroed = log.clone();
        zeroed[frame.start..frame.start + 8].fill(0);
        let fault = read(&zeroed).fault.unwrap();
        let Error::Wal(damage) = fault else {
            unreachable!("{fault}")
        };
        assert_eq!(damage.offset, frame.start as u64);
        let at = frame.start as u64 + 8;
        assert!(matches!(damage.fault, Fault::DataAfterEnd { at: found } if found == at));
    }
}

/// Zeros over any word of a frame, over its record, over all of it: no crash leaves those in the middle
/// of a sector.
#[test]
fn zeros_over_any_part_of_a_frame_are_damage() {
    let log = acknowledged();
    let frames = frames(&log);
    for frame in &frames[..frames.len() - 1] {
        let words = frame.clone().step_by(8).map(|at| at..at + 8);
        let parts = [frame.start + 8..frame.end, frame.clone()];
        for part in words.chain(parts) {
            let mut zeroed = log.clone();
            zeroed[part.clone()].fill(0);
            let is_same = zeroed == log;
            assert!(is_same || is_damaged(&zeroed), "{part:?} of {frame:?}");
        }
    }
}

/// A sector that became zero in the middle of what was acknowledged looks like one that was not written;
/// what follows it was written later.
#[test]
fn a_sector_of_zeros_is_damage_when_later_writes_follow() {
    let log = acknowledged();
    let end = frames(&log).last().unwrap().end;
    // Three writes fit in a sector.
    for start in (0..end - 2 * SECTOR).step_by(SECTOR) {
        let mut zeroed = log.clone();
        zeroed[start..start + SECTOR].fill(0);
        assert!(is_damaged(&zeroed), "{start} of {end}");
    }
}

/// A length that leads on into the zeros that etcd has prepared, or beyond the end of the file, hid every
/// frame that it led over.
#[test]
fn a_length_that_leads_over_other_frames_is_damage() {
    let log = acknowledged();
    for frame in frames(&log) {
        for more in [8, 64, 1 << 12, 1 << 14, 1 << 40] {
            let mut longer = log.clone();
            let (word, _) = longer[frame.start..].split_first_chunk_mut::<8>().unwrap();
            *word = (u64::from_le_bytes(*word) + more).to_le_bytes();
            assert!(is_damaged(&longer), "{more} more at {frame:?}");
        }
    }
}

/// The checksum is over the data alone. A hard state whose type lost a bit became an entry, which took the
/// place of a committed one.
#[test]
fn a_hard_state_does_not_pass_for_an_entry() {
    for term in 1..5 {
        let mut writer = begun();
        writer.entry(&entry(1, 9));
        let before = writer.clone().finish().len();
        let commit = 1;
        writer.hard_state(&HardState {
            term,
            vote: 9,
            commit,
        });
        let mut bytes = writer.finish();
        assert_eq!(bytes[before + 8..before + 10], [8, 3]);
        bytes[before + 9] = 2;
        assert!(is_damaged(&bytes), "term {term}");
    }
}

/// How much of the last write was on the disk.
#[derive(Debug, Clone)]
enum Crash {
    /// These sectors were not: the file had been filled with zeros before.
    Unwritten(Vec<bool>),
    /// The file ended here, in thousandths of what was written.
    Short(usize),
}

fn crash() -> impl Strategy<Value = Crash> {
    let sectors = proptest::collection::vec(any::<bool>(), 64);
    prop_oneof![
        sectors.prop_map(Crash::Unwritten),
        (0..1000usize).prop_map(Crash::Short)
    ]
}

proptest! {
    /// Whatever a crash leaves of the write that it cut off, the log is not damaged: it holds what was
    /// written before, and of the write no more than its beginning. (wal.go, `Save`: hard states that
    /// nobody waited for, the entries of a batch, their hard state.)
    #[test]
    fn what_a_crash_leaves_is_no_damage(
        before in proptest::collection::vec(0..700usize, 1..6),
        states in 0..4u64,
        batch in proptest::collection::vec(0..3000usize, 0..9),
        crash in crash(),
    ) {
        let mut writer = begun();
        let mut index = 0;
        for len in before {
            index += 1;
            writer.entry(&entry(index, len));
            writer.hard_state(&state(index - 1));
        }
        let synced = writer.clone().finish();
        for _ in 0..states {
            writer.hard_state(&state(index));
        }
        for len in &batch {
            index += 1;
            writer.entry(&entry(index, *len));
        }
        writer.hard_state(&state(index));
        let all = writer.finish();
        let mut left = all.clone();
        match crash {
            Crash::Short(at) => left.truncate(synced.len() + (all.len() - synced.len()) * at / 1000),
            Crash::Unwritten(sectors) => {
                left.extend([0; 4096]);
                let first = synced.len() / SECTOR;
                for (sector, _) in sectors.iter().enumerate().filter(|(_, written)| !**written) {
                    let start = ((first + sector) * SECTOR).max(synced.len());
                    let end = ((first + sector + 1) * SECTOR).min(left.len());
                    if start < end {
                        left[start..end].fill(0);
                    }
                }
            }
        }
        let whole = read(&all).records;
        let kept = read(&left);
        prop_assert!(kept.fault.is_none(), "{:?}", kept.fault);
        prop_assert!(kept.records.len() >= read(&synced).records.len());
        prop_assert!(whole.starts_with(&kept.records));
        prop_assert!(kept.is_torn || kept.records.len() < whole.len() || left.starts_with(&all));
    }
}
