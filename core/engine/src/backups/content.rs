//! The content of a snapshot: what its object decompresses to, the hash at its end included.

use std::io::{self, BufRead, Read};

use super::catalogue::Snapshot;
use super::compression::Decoder;
use super::decrypted::Decrypted;
use super::delta::HashCheck;
use super::download::{Body, download};
use super::encoding::Encoding;
use super::noted::{Replaced, compare};
use crate::session::Session;

/// The length of the hash at the end.
const HASH: usize = 32;

/// A content as it comes. At its end it is compared with what was noted when the object was stored.
pub(crate) struct Content<R> {
    inside: Inside<R>,
    noted: Option<[u8; 32]>,
    /// The last bytes so far, at most as many as a hash has.
    last: Vec<u8>,
}

/// What the object holds, by the way of its name.
enum Inside<R> {
    Plain(Decoder<R>),
    Encrypted(Box<Decrypted<R>>),
}

/// Begins to download the content of `snapshot`.
pub(crate) fn open(session: &Session, snapshot: &Snapshot, check: HashCheck) -> Content<Body> {
    Content::of((session, snapshot), download(session, snapshot), check)
}

/// Why an object is not what was stored under its name, inside an error of a reader, if that is what it is.
pub(crate) fn replaced(error: io::Error) -> Result<Replaced, io::Error> {
    error.downcast::<Replaced>()
}

impl<R: BufRead> Content<R> {
    /// Out of the bytes of the object. Where its hash is not looked at, neither is what was noted.
    pub(crate) fn of(
        (session, snapshot): (&Session, &Snapshot),
        object: R,
        check: HashCheck,
    ) -> Self {
        let noted = snapshot.noted.as_ref().and_then(|noted| noted.content);
        Self {
            inside: match snapshot.name.encoding {
                Encoding::Plain(compression) => Inside::Plain(Decoder::new(compression, object)),
                Encoding::Encrypted => {
                    Inside::Encrypted(Box::new(Decrypted::of(session, snapshot, object)))
                }
            },
            noted: noted.filter(|_| check != HashCheck::Skipped),
            last: Vec::with_capacity(2 * HASH),
        }
    }

    fn passed(&mut self, read: &[u8]) {
        let new = &read[read.len().saturating_sub(HASH)..];
        let kept = self.last.len().min(HASH - new.len());
        self.last.drain(..self.last.len() - kept);
        self.last.extend_from_slice(new);
    }
}

impl<R: BufRead> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.inside {
            Inside::Plain(content) => content.read(buffer),
            Inside::Encrypted(content) => content.read(buffer),
        }?;
        match &self.noted {
            Some(noted) if read == 0 && !buffer.is_empty() => {
                compare(noted, &self.last).map_err(io::Error::other)?;
            }
            Some(_) => self.passed(&buffer[..read]),
            None => {}
        }
        Ok(read)
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
