//! Writing on a thread of its own: whoever packs pages does not wait for the kernel to copy them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::machine::start_thread;

/// Pieces that may wait. Writers hand over about 1 MiB at a time.
const WAITING: usize = 6;

/// A file written in the background, in the order of the calls.
#[derive(Debug)]
pub(super) struct WriteBehind {
    sender: SyncSender<(Vec<u8>, u64)>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Pieces handed over and not yet written.
    pending: usize,
    /// The first failure. Nothing is written after it.
    failed: Option<io::Error>,
    /// Memory of pieces that are written.
    spare: Vec<Vec<u8>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriteBehind {
    /// Begins; the thread ends when this is dropped. `written` is called after each piece.
    pub(super) fn new(file: Arc<File>, written: fn(&File, u64, u64)) -> Result<Self> {
        let (sender, pieces) = sync_channel(WAITING);
        let shared = Arc::new(Shared::default());
        let progress = shared.clone();
        start_thread(move || run(&file, &pieces, &progress, written))?;
        Ok(Self { sender, shared })
    }

    /// Hands a piece over. An error is that of an earlier piece.
    pub(super) fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut piece = {
            let mut state = self.shared.state();
            if let Some(failed) = &state.failed {
                return Err(again(failed));
            }
            state.pending += 1;
            state.spare.pop().unwrap_or_default()
        };
        piece.clear();
        piece.extend_from_slice(bytes);
        let gone = |_| io::Error::other("the thread that writes the file has ended");
        self.sender.send((piece, offset)).map_err(gone)
    }

    /// Returns when everything handed over is written, or some of it failed.
    pub(super) fn wait(&self) -> io::Result<()> {
        let mut state = self.shared.state();
        while state.pending > 0 {
            state = self
                .shared
                .written
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match &state.failed {
            Some(failed) => Err(again(failed)),
            None => Ok(()),
        }
    }
}

/// The same failure once more: `io::Error` cannot be cloned.
fn again(failed: &io::Error) -> io::Error {
    match failed.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(failed.kind(), failed.to_string()),
    }
}

fn run(
    file: &File,
    pieces: &Receiver<(Vec<u8>, u64)>,
    shared: &Shared,
    written: fn(&File, u64, u64),
) {
    for (piece, offset) in pieces {
        let failed = shared.state().failed.is_some();
        let done = if failed {
            Ok(())
        } else {
            file.write_all_at(&piece, offset)
        };
        if done.is_ok() {
            written(file, offset, piece.len() as u64);
        }
        let mut state = shared.state();
        state.pending -= 1;
        state.spare.push(piece);
        if let Err(error) = done {
            state.failed.get_or_insert(error);
        }
        shared.written.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignore(_file: &File, _offset: u64, _length: u64) {}

    #[test]
    fn what_was_handed_over_is_there_after_waiting() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let behind = WriteBehind::new(file.clone(), ignore).unwrap();
        for piece in 0..100_u8 {
            behind
                .write(&[piece; 1000], u64::from(piece) * 1000)
                .unwrap();
        }
        behind.wait().unwrap();
        let mut all = vec![0; 100_000];
        file.read_exact_at(&mut all, 0).unwrap();
        assert!(
            all.chunks(1000)
                .zip(0_u8..)
                .all(|(chunk, piece)| chunk == [piece; 1000])
        );
    }

    /// A full disk must not look like a finished file.
    #[test]
    fn a_failure_is_heard_by_every_later_call() {
        let full = Arc::new(File::options().write(true).open("/dev/full").unwrap());
        let behind = WriteBehind::new(full, ignore).unwrap();
        // The first may be handed over before anybody knows.
        let _ = behind.write(b"x", 0);
        assert_eq!(
            behind.wait().unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(
            behind.write(b"y", 1).unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        assert_eq!(
            behind.wait().unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
    }
}
