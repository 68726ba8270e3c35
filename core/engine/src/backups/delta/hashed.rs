use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// The length of the hash after the content.
pub(crate) const HASH: usize = 32;

/// How much is read at once, and how much the window first holds.
const WINDOW: usize = 256 * 1024;

/// The longest window, in bytes. An event this long is none: etcd refuses requests over 1.5 MiB unless
/// told otherwise, and warns whoever allows more than 10 MiB; in base64 those are 14.
pub(super) const LONGEST: usize = 32 << 20;

/// A window longer than this waits for its turn, in bytes: those of all deltas on their way would not fit
/// into the memory that a restore may take.
const COMMON: usize = 2 << 20;

/// Waits until one long window may be held; false when nobody needs it any more.
pub(super) type Turn = Box<dyn FnMut() -> bool + Send>;

/// A window that slides over content with its SHA-256 after it. The last 32 bytes read so far may
/// be that hash, so they are kept back until the end is known, and not hashed.
pub(crate) struct Hashed<R> {
    source: R,
    buffer: Vec<u8>,
    /// Content up to here has been taken.
    taken: usize,
    /// Bytes up to here have been hashed and are surely content.
    hashed: usize,
    /// Bytes up to here have been read.
    filled: usize,
    /// Where `buffer[0]` stands in the content.
    base: u64,
    ended: bool,
    hasher: Sha256,
    turn: Option<Turn>,
}

impl<R: Read> Hashed<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; WINDOW],
            taken: 0,
            hashed: 0,
            filled: 0,
            base: 0,
            ended: false,
            hasher: Sha256::new(),
            turn: None,
        }
    }

    /// Before the window outgrows what is common, `turn` is asked.
    pub(crate) fn set_turn(&mut self, turn: Turn) {
        self.turn = Some(turn);
    }

    /// The content not yet taken, as far as it has been read.
    pub(crate) fn window(&self) -> &[u8] {
        &self.buffer[self.taken..self.hashed]
    }

    /// Where the window begins in the content.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.taken as u64
    }

    pub(crate) fn take(&mut self, length: usize) {
        self.taken = (self.taken + length).min(self.hashed);
    }

    /// Makes the window longer. False at the end of the source.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.make_room()?;
        while self.filled < self.buffer.len() {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let sure = self.filled.saturating_sub(HASH).max(self.hashed);
        self.hasher.update(&self.buffer[self.hashed..sure]);
        let grew = sure > self.hashed;
        self.hashed = sure;
        Ok(grew || !self.ended)
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.base += self.taken as u64;
        self.hashed -= self.taken;
        self.filled -= self.taken;
        self.taken = 0;
        // What is left fills most of the window: one event is longer than it.
        if self.filled > self.buffer.len() / 2 {
            if self.buffer.len() >= LONGEST {
                let message = format!("one event is longer than {LONGEST} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            let longer = self.buffer.len() * 2;
            if longer > COMMON && self.turn.as_mut().is_some_and(|turn| !turn()) {
                return Err(io::Error::other("nobody needs the events any more"));
            }
            self.buffer.resize(longer, 0);
        } else if self.buffer.len() > COMMON && self.filled <= WINDOW / 2 {
            self.buffer = self.buffer[..WINDOW].to_vec();
        }
        Ok(())
    }

    /// At the end: what was kept back, and the hash of all before it.
    pub(crate) fn finish(&mut self) -> (&[u8], [u8; HASH]) {
        let hash = self.hasher.clone().finalize().into();
        (&self.buffer[self.hashed..self.filled], hash)
    }

    /// At the end: gives up the idea that the last bytes are a hash. They become content.
    pub(crate) fn release_tail(&mut self) {
        self.hashed = self.filled;
    }
}
