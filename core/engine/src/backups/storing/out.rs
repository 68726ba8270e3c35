use snapstore::Bytes;
use tokio::sync::mpsc::Sender;

use super::done::Done;
use super::error::{Error, Result};
use super::sealing::{Sealed, Sealing};
use crate::encryption::{KeyId, Sealer};

/// Where the content of an object goes as it is made.
pub(super) enum Out {
    /// To the store; so many bytes went there.
    Plain(Sender<Done>, u64),
    /// To the thread that encrypts it.
    Sealed(Sealing),
}

impl Out {
    pub(super) fn new(sealer: Option<Sealer>, to_store: Sender<Done>) -> Result<Self> {
        Ok(match sealer {
            Some(sealer) => Self::Sealed(Sealing::start(sealer, to_store)?),
            None => Self::Plain(to_store, 0),
        })
    }

    pub(super) fn key(&self) -> Option<&KeyId> {
        match self {
            Self::Plain(..) => None,
            Self::Sealed(sealing) => Some(sealing.key()),
        }
    }

    pub(super) fn pass_on(&mut self, pieces: Vec<Bytes>) -> Result<()> {
        if pieces.iter().all(Bytes::is_empty) {
            return Ok(());
        }
        match self {
            Self::Plain(to_store, size) => {
                *size += pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
                let sent = to_store.blocking_send(Done::Bytes(pieces));
                sent.map_err(|_| Error::Interrupted)
            }
            Self::Sealed(sealing) => sealing.push(pieces),
        }
    }

    /// The size and the hash of the object, whose content has this hash.
    pub(super) fn end(self, content: [u8; 32]) -> Result<(u64, [u8; 32])> {
        match self {
            Self::Plain(_, size) => Ok((size, content)),
            Self::Sealed(sealing) => {
                let Sealed { size, sha256 } = sealing.end()?;
                Ok((size, sha256))
            }
        }
    }
}
