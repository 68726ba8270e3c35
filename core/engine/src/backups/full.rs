//! The full snapshot becomes the output file: its bytes, less the SHA-256 after them.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sha2::{Digest, Sha256};

use super::delta::HashCheck;
use crate::error::Result;
use crate::machine::start_thread;

/// Bytes written at once.
const PIECE: usize = 1 << 20;

/// The SHA-256 that etcd sends after the database (etcd 3.4 and later,
/// `server/etcdserver/api/v3rpc/maintenance.go`).
const HASH: usize = 32;

/// bbolt files are made of pages, so of sectors; what is over by 32 bytes has its hash.
const SECTOR: u64 = 512;

/// What is wrong with a full.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaseError {
    #[error(transparent)]
    Read(io::Error),
    #[error(transparent)]
    Write(io::Error),
    /// Its hash is wrong, or missing.
    #[error("{0}")]
    WrongHash(String),
}

/// Where the bytes of the database go.
pub(crate) trait Sink {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
}

/// A database that was copied out of a full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copied {
    /// In bytes.
    pub(crate) length: u64,
    /// Whether its SHA-256 was there.
    pub(crate) had_hash: bool,
}

/// Copies the database out of `source`.
pub(crate) fn copy(
    mut source: impl Read,
    sink: &mut impl Sink,
    check: HashCheck,
) -> Result<Copied, BaseError> {
    let mut buffer = vec![0; PIECE + HASH];
    let mut hasher = Sha256::new();
    let (mut held, mut written) = (0, 0_u64);
    loop {
        let read = fill(&mut source, &mut buffer, held).map_err(BaseError::Read)?;
        held += read;
        let ended = held < buffer.len();
        // The last 32 bytes so far may be the hash: they wait.
        let sure = held.saturating_sub(HASH);
        hasher.update(&buffer[..sure]);
        sink.write(&buffer[..sure], written)
            .map_err(BaseError::Write)?;
        written += sure as u64;
        buffer.copy_within(sure..held, 0);
        held -= sure;
        if ended {
            break;
        }
    }
    let tail = &buffer[..held];
    let total = written + held as u64;
    if total % SECTOR == HASH as u64 {
        let actual = hasher.finalize();
        if check != HashCheck::Skipped && tail != actual.as_slice() {
            return Err(wrong_hash(
                "the SHA-256 of the database is not the one at its end: it was changed after etcd \
                 sent it",
            ));
        }
        return Ok(Copied {
            length: written,
            had_hash: true,
        });
    }
    if check == HashCheck::WherePresent && !total.is_multiple_of(SECTOR) {
        return Err(wrong_hash(&format!(
            "{total} bytes are neither whole pages of a database nor those and a SHA-256: some were lost or added"
        )));
    }
    if check == HashCheck::Required {
        return Err(wrong_hash(&format!(
            "the database of {total} bytes does not end with its SHA-256: it is truncated, or a \
             copy of a data directory's file"
        )));
    }
    sink.write(tail, written).map_err(BaseError::Write)?;
    Ok(Copied {
        length: total,
        had_hash: false,
    })
}

fn wrong_hash(what: &str) -> BaseError {
    BaseError::WrongHash(what.to_owned())
}

/// A source read by a thread of its own, so that decompressing and hashing go on side by side.
pub(crate) struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    taken: usize,
    ended: bool,
}

/// The thread of an [`Ahead`] that has no source yet.
pub(crate) struct Reader<R> {
    source: SyncSender<R>,
    ahead: Ahead,
}

/// Bytes of a piece, and how many pieces wait.
const AHEAD: (usize, usize) = (256 * 1024, 8);

impl<R: Read + Send + 'static> Reader<R> {
    /// Starts it before threads that could do with fewer of them.
    pub(crate) fn start() -> Result<Self> {
        let (sender, pieces) = sync_channel(AHEAD.1);
        let (source, given) = sync_channel(1);
        start_thread(move || {
            // Without one, nobody reads.
            if let Ok(source) = given.recv() {
                read_ahead(source, &sender);
            }
        })?;
        let ahead = Ahead {
            pieces,
            piece: Vec::new(),
            taken: 0,
            ended: false,
        };
        Ok(Self { source, ahead })
    }

    /// Has it read `source`.
    pub(crate) fn read(self, source: R) -> Ahead {
        // If it has died, who reads is told.
        let _ = self.source.send(source);
        self.ahead
    }
}

fn read_ahead(mut source: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; AHEAD.0];
        let read = fill(&mut source, &mut piece, 0).map(|length| {
            piece.truncate(length);
            piece
        });
        // A short piece is the last: who takes it knows that nothing follows.
        let last = read.as_ref().map_or(true, |piece| piece.len() < AHEAD.0);
        if sender.send(read).is_err() || last {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            if self.ended {
                return Ok(0);
            }
            let died = |_| io::Error::other("the thread that reads it has died");
            (self.piece, self.taken) = (self.pieces.recv().map_err(died)??, 0);
            self.ended = self.piece.len() < AHEAD.0;
        }
        let rest = &self.piece[self.taken..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.taken += length;
        Ok(length)
    }
}

/// Reads after the first `held` bytes until `buffer` is full or the source ends.
fn fill(source: &mut impl Read, buffer: &mut [u8], held: usize) -> io::Result<usize> {
    let mut read = 0;
    while held + read < buffer.len() {
        match source.read(&mut buffer[held + read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Sink for Vec<u8> {
        fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
            assert_eq!(offset, self.len() as u64);
            self.extend_from_slice(bytes);
            Ok(())
        }
    }

    fn with_hash(database: &[u8]) -> Vec<u8> {
        [database, Sha256::digest(database).as_slice()].concat()
    }

    #[test]
    fn the_hash_is_checked_and_cut_off() {
        for length in [512, PIECE - 512, PIECE, PIECE + 512, 3 * PIECE] {
            let database = vec![7; length];
            let mut out = Vec::new();
            let copied = copy(&with_hash(&database)[..], &mut out, HashCheck::Required).unwrap();
            assert_eq!(copied.length, length as u64);
            assert!(copied.had_hash);
            assert_eq!(out, database);
        }
    }

    #[test]
    fn a_changed_or_shorter_database_is_refused() {
        let mut changed = with_hash(&[7; 4096]);
        changed[100] ^= 1;
        assert!(copy(&changed[..], &mut Vec::new(), HashCheck::Required).is_err());
        let cut = &with_hash(&[7; 4096])[..2000];
        assert!(copy(cut, &mut Vec::new(), HashCheck::Required).is_err());
        assert!(copy(&[][..], &mut Vec::new(), HashCheck::Required).is_err());
    }

    /// A snapshot that had lost its last byte was taken for a copy of a database, which has no hash: a value that was changed in
    /// it was read, and an export gave it a hash of its own.
    #[test]
    fn what_lost_or_gained_a_byte_is_no_copy() {
        let whole = with_hash(&[7; 4096]);
        let longer = [&whole[..], b"x"].concat();
        for damaged in [&whole[..whole.len() - 1], &longer] {
            assert!(copy(damaged, &mut Vec::new(), HashCheck::WherePresent).is_err());
        }
        assert!(copy(&[7; 4096][..], &mut Vec::new(), HashCheck::WherePresent).is_ok());
    }

    /// A file copied out of a data directory has no hash: with the check skipped it must not lose
    /// 32 real bytes, and one that has its hash must still lose it.
    #[test]
    fn without_the_check_only_a_hash_is_cut_off() {
        let mut out = Vec::new();
        assert_eq!(
            copy(&[7; 4096][..], &mut out, HashCheck::Skipped)
                .unwrap()
                .length,
            4096
        );
        assert_eq!(out.len(), 4096);
        let mut out = Vec::new();
        let wrong = [vec![7; 4096], vec![0; 32]].concat();
        assert_eq!(
            copy(&wrong[..], &mut out, HashCheck::Skipped)
                .unwrap()
                .length,
            4096
        );
        assert_eq!(out.len(), 4096);
    }

    /// A file that etcd need not have written lacks its hash; one that has it must have the right one, and one
    /// that was cut is seen by its pages.
    #[test]
    fn where_a_hash_may_be_missing_a_wrong_one_is_refused() {
        let check = HashCheck::WherePresent;
        let whole = with_hash(&[7; 4096]);
        assert!(copy(&whole[..], &mut Vec::new(), check).unwrap().had_hash);
        let copied = copy(&[7; 4096][..], &mut Vec::new(), check).unwrap();
        assert_eq!((copied.length, copied.had_hash), (4096, false));
        let wrong = [vec![7; 4096], vec![0; 32]].concat();
        assert!(copy(&wrong[..], &mut Vec::new(), check).is_err());
    }
}
