use std::io::Write;

use sha2::{Digest, Sha256};
use snapstore::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::done::Done;
use super::error::{Error, Result};
use crate::encryption::{KeyId, Sealer};
use crate::error as machine;
use crate::machine::start_thread;

/// Bytes that are passed on at once: four chunks of age.
const PIECE: usize = 256 << 10;

/// Lists of pieces that wait to be encrypted.
const AHEAD: usize = 2;

/// A thread that encrypts what another makes, and hashes what comes of it: together that takes about as long as all else that
/// is done to a full.
#[derive(Debug)]
pub(super) struct Sealing {
    key: KeyId,
    content: Sender<Vec<Bytes>>,
    sealed: oneshot::Receiver<Result<Sealed>>,
}

/// All but the end of an object is on its way.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
}

impl Sealing {
    pub(super) fn start(sealer: Sealer, to_store: Sender<Done>) -> Result<Self> {
        let (content, made) = channel(AHEAD);
        let (tell, sealed) = oneshot::channel();
        let key = sealer.key().clone();
        let passing = PassingOn {
            to_store,
            size: 0,
            sha256: Sha256::new(),
        };
        start_thread(move || {
            // Nobody listens any more where the full was given up.
            let _ = tell.send(passing.run(sealer, made));
        })
        .map_err(Error::Machine)?;
        Ok(Self {
            key,
            content,
            sealed,
        })
    }

    pub(super) fn key(&self) -> &KeyId {
        &self.key
    }

    /// The next bytes of what is encrypted. May wait.
    pub(super) fn push(&self, pieces: Vec<Bytes>) -> Result<()> {
        let sent = self.content.blocking_send(pieces);
        sent.map_err(|_| Error::Interrupted)
    }

    /// That was all of it.
    pub(super) fn end(self) -> Result<Sealed> {
        drop(self.content);
        let died = |_| machine::Error::Died("it encrypted a full".to_owned());
        self.sealed
            .blocking_recv()
            .map_err(died)
            .map_err(Error::Machine)?
    }
}

struct PassingOn {
    to_store: Sender<Done>,
    size: u64,
    sha256: Sha256,
}

impl PassingOn {
    fn run(mut self, mut sealer: Sealer, mut content: Receiver<Vec<Bytes>>) -> Result<Sealed> {
        while let Some(pieces) = content.blocking_recv() {
            for piece in pieces {
                sealer.write_all(&piece).map_err(Error::Encode)?;
                if sealer.ready() >= PIECE {
                    self.pass_on(sealer.take())?;
                }
            }
        }
        // Where the content was not whole, the object is not either: its end is sent by who made that.
        self.pass_on(sealer.finish().map_err(Error::Encode)?)?;
        Ok(Sealed {
            size: self.size,
            sha256: self.sha256.finalize().into(),
        })
    }

    fn pass_on(&mut self, sealed: Vec<u8>) -> Result<()> {
        self.size += sealed.len() as u64;
        self.sha256.update(&sealed);
        let sent = self
            .to_store
            .blocking_send(Done::Bytes(vec![sealed.into()]));
        sent.map_err(|_| Error::Interrupted)
    }
}
