use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use age::Encryptor;
use age::stream::StreamWriter;

use super::chain_key::ChainKey;
use super::key_id::KeyId;

/// Encrypts what is written into it. What is done can be taken out at any time; without [`Sealer::finish`] it is nothing that
/// decrypts.
pub struct Sealer {
    key: KeyId,
    stream: StreamWriter<Done>,
    done: Done,
}

/// What is done. The crate keeps its writer to itself, so that both have it.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<Vec<u8>>>);

impl Done {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Done {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.key)
    }
}

impl Sealer {
    /// With this key, of what is called so.
    ///
    /// Errors: none in memory; the crate may refuse nevertheless.
    pub fn new(key: &ChainKey, name: &str) -> io::Result<Self> {
        let recipient = key.labelled(name);
        let all = std::iter::once(&recipient as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(all).map_err(io::Error::other)?;
        let done = Done::default();
        Ok(Self {
            key: key.id().clone(),
            stream: encryptor.wrap_output(done.clone())?,
            done,
        })
    }

    /// All of `content`, at once.
    pub fn sealed(key: &ChainKey, name: &str, content: &[u8]) -> io::Result<Vec<u8>> {
        Self::new(key, name)?.all_of(content)
    }

    /// The same, with this one.
    pub fn all_of(mut self, content: &[u8]) -> io::Result<Vec<u8>> {
        self.write_all(content)?;
        self.finish()
    }

    /// With which key.
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// Bytes that are done and were not taken out.
    pub fn ready(&self) -> usize {
        self.done.bytes().len()
    }

    /// Takes out what is done.
    pub fn take(&mut self) -> Vec<u8> {
        let mut done = self.done.bytes();
        // As much comes again: what grows is copied as it does.
        let room = Vec::with_capacity(done.len());
        std::mem::replace(&mut *done, room)
    }

    /// Ends it. The bytes that were not taken out.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.stream.finish()?;
        Ok(std::mem::take(&mut *self.done.bytes()))
    }
}

impl Write for Sealer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
