//! Whether frames can all have been written before etcd waited for the disk.

use prost::Message;

use super::frame::{Frame, WORD_LEN};
use super::header::{Header, header};
use super::record::{ENTRY, RawRecord};
use crate::raftpb::Entry;

/// Whether one write can have left the frames among `bytes`, which follow on a stop. `last` is the
/// index of the last entry before it, if there is one.
///
/// A write is the entries of a batch and the hard state that came with them; before it stand hard
/// states that nobody waits for. etcd then waits for the disk (wal.go, `Save`, and `MustSync` of
/// raft). So entries that follow on a batch and something else came after the batch was on the disk.
pub(super) fn is_one_write(bytes: &[u8], last: Option<u64>) -> bool {
    let (mut batches, mut in_batch, mut others) = (0, false, false);
    for entry in frames(bytes) {
        let Some(index) = entry else {
            (in_batch, others) = (false, true);
            continue;
        };
        if batches == 0 && last.is_some_and(|last| index > last.saturating_add(1)) {
            // Entries are missing: they are where reading stopped.
            (batches, in_batch) = (1, !others);
        }
        if !in_batch {
            batches += 1;
        }
        in_batch = true;
    }
    batches <= 1
}

/// The index of each frame that holds an entry, `None` of another, wherever one can be read. Frames
/// begin at whole words.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Option<u64>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() > WORD_LEN) {
            match frame(rest) {
                Some((entry, len)) => {
                    at += len;
                    return Some(entry);
                }
                None => at += WORD_LEN,
            }
        }
        None
    })
}

/// The frame that `bytes` begin with, and its length in bytes.
fn frame(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let (word, rest) = bytes.split_first_chunk::<WORD_LEN>()?;
    let frame = Frame::parse(*word).filter(|frame| frame.is_whole_words())?;
    let record = rest.get(..usize::try_from(frame.record).ok()?)?;
    if header(record) != (Header::Of { len: frame.record }) {
        return None;
    }
    let raw = RawRecord::decode(record).ok()?;
    let len = WORD_LEN + usize::try_from(frame.len()).ok()?;
    if raw.record_type != ENTRY {
        return Some((None, len));
    }
    let entry = Entry::decode(raw.data.unwrap_or_default().as_slice()).ok()?;
    Some((Some(entry.index), len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raftpb::HardState;
    use crate::wal::Writer;

    /// Frames of entries with these indexes; 0 is a hard state.
    fn bytes(indexes: &[u64]) -> Vec<u8> {
        let mut writer = Writer::new(7);
        let before = writer.clone().finish().len();
        for index in indexes {
            match index {
                0 => writer.hard_state(&HardState::default()),
                _ => writer.entry(&Entry {
                    index: *index,
                    ..Entry::default()
                }),
            }
        }
        writer.finish().split_off(before)
    }

    #[test]
    fn entries_after_a_batch_and_something_else_were_written_later() {
        let is_one = |indexes: &[u64], last| is_one_write(&bytes(indexes), last);
        assert!(is_one(&[], None));
        assert!(is_one(&[0, 0, 5, 6, 0], Some(4)));
        assert!(is_one(&[6, 7, 0], Some(4)));
        assert!(is_one(&[0, 6, 7, 0], None));
        assert!(!is_one(&[5, 0, 6], Some(4)));
        assert!(!is_one(&[0, 5, 0, 6, 0], None));
        // Entry 5 is missing, and a hard state came after it.
        assert!(!is_one(&[0, 6], Some(4)));
    }

    /// What lies between is looked through, word by word.
    #[test]
    fn frames_are_found_after_anything() {
        let torn = [
            vec![0; 24],
            vec![1; 16],
            bytes(&[5, 0]),
            vec![0; 512],
            bytes(&[6]),
        ]
        .concat();
        let found: Vec<_> = frames(&torn).collect();
        assert_eq!(found, [Some(5), None, Some(6)]);
        assert!(!is_one_write(&torn, Some(4)));
    }
}
