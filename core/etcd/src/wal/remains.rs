//! What a file holds where reading stopped, and whether a crash can have left it.
//!
//! etcd appends to a file that it has filled with zeros before, and waits for the disk after each
//! batch of entries (wal.go, `Save` and `sync`). So after a crash all that was waited for is there,
//! and of the batch being written each sector is either there or still zero: "this zero record may
//! be followed by non-zero records from a torn write" (server/storage/wal/wal.go of 3.6.16,
//! `ReadAll`). A file that was not filled with zeros, as after a repair, may end anywhere in that
//! batch. Anything else is damage: etcd stops there all the same, and drops what it acknowledged.

use std::io::{self, Read};

use super::frame::{Frame, SECTOR, WORD_LEN};
use super::header::{Header, LONGEST, header};
use super::one_write::is_one_write;

/// In bytes: more than etcd writes before it waits for the disk. Raft takes entries of a megabyte at
/// once, and one that is larger alone (`maxSizePerMsg`).
const MOST: usize = 16 << 20;

/// What is read at once, in bytes.
const STEP: usize = 1 << 16;

/// The bytes of a file from a stop on, less the zeros at its end.
#[derive(Debug)]
pub(super) struct Remains {
    /// Position of the first of them in the file, in bytes: that of a length word.
    offset: u64,
    bytes: Vec<u8>,
    /// How many there are to the end of the file, those zeros included.
    len: u64,
    /// Whether there are more than were kept.
    overflows: bool,
}

impl Remains {
    /// Of a file of which the bytes `read` were read already, which begin at `offset`.
    pub(super) fn collect(offset: u64, read: [&[u8]; 2], mut rest: impl Read) -> io::Result<Self> {
        let mut remains = Self {
            offset,
            bytes: Vec::new(),
            len: 0,
            overflows: false,
        };
        read.iter().for_each(|bytes| remains.take(bytes));
        let mut buffer = vec![0; STEP];
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(remains),
                Ok(count) => remains.take(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self, read: &[u8]) {
        let before = self.len;
        self.len += read.len() as u64;
        let Some(last) = read.iter().rposition(|byte| *byte != 0) else {
            return;
        };
        self.overflows |= before + last as u64 >= MOST as u64;
        if !self.overflows {
            self.bytes.resize(before as usize, 0);
            self.bytes.extend_from_slice(&read[..=last]);
        }
    }

    /// There are only zeros.
    pub(super) fn is_zero(&self) -> bool {
        self.bytes.is_empty() && !self.overflows
    }

    /// Where the first byte that is not zero stands in the file.
    pub(super) fn first(&self) -> u64 {
        let at = self.bytes.iter().position(|byte| *byte != 0);
        self.offset + at.unwrap_or(self.bytes.len()) as u64
    }

    /// Whether a crash can have left a zero length word here: that of a sector which was not
    /// written, so that all that follows in it is zero too.
    pub(super) fn is_unwritten(&self, last_entry: Option<u64>) -> bool {
        self.first() / SECTOR > self.offset / SECTOR && self.is_left_by_a_crash(last_entry)
    }

    /// Whether a crash can have left a part of the record that `frame`, the first word here,
    /// announces. Where its first bytes were not written, nothing speaks against it.
    pub(super) fn is_part_of(&self, frame: Frame, last_entry: Option<u64>) -> bool {
        let fits = match header(&self.head()) {
            Header::Of { len } => len == frame.record,
            Header::Begun => true,
            Header::Foreign => false,
        };
        fits && frame.is_whole_words() && self.is_left_by_a_crash(last_entry)
    }

    /// Whether nothing else speaks against a crash. Frames begin at whole words.
    pub(super) fn is_left_by_a_crash(&self, last_entry: Option<u64>) -> bool {
        let word = WORD_LEN as u64;
        self.offset.is_multiple_of(word)
            && !self.overflows
            && is_one_write(self.bytes.get(WORD_LEN..).unwrap_or_default(), last_entry)
    }

    /// The first bytes after the length word, as far as they were written.
    fn head(&self) -> Vec<u8> {
        let begin = self.offset + WORD_LEN as u64;
        let there = self.len.saturating_sub(WORD_LEN as u64);
        let body = self.bytes.get(WORD_LEN..).unwrap_or_default();
        let mut head = body[..body.len().min(LONGEST)].to_vec();
        head.resize(LONGEST.min(usize::try_from(there).unwrap_or(LONGEST)), 0);
        let first = (SECTOR - begin % SECTOR) as usize;
        let is_zero = |part: &[u8]| part.iter().all(|byte| *byte == 0);
        let next = body.get(first..).unwrap_or_default();
        let next = &next[..next.len().min(SECTOR as usize)];
        if is_zero(&body[..body.len().min(first)]) {
            head.clear();
        } else if is_zero(next) {
            head.truncate(first);
        }
        head
    }
}
