use std::cell::RefCell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;

use age::stream::StreamReader;
use age::{DecryptError, Decryptor, Identity};
use age_core::format::{FileKey, Stanza};

use super::chain_key::ChainKey;
use super::error::{Locked, Spoilt};
use super::header_limit::HeaderLimit;
use super::key_id::KeyId;
use super::label::Label;

/// What was encrypted, as a reader. It ends without an error only where all of it was there, in its order.
pub struct Opened<R> {
    content: StreamReader<HeaderLimit<R>>,
    label: Label,
    /// Bytes of it so far.
    read: u64,
}

impl<R> Opened<R> {
    fn told(&self, error: io::Error) -> io::Error {
        match error.kind() {
            // The crate's own: those of the source are of another kind.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => broken(format!(
                "after {} bytes it was changed or truncated: {} opens its header, and not what follows",
                self.read,
                match &self.label {
                    Label::Of(id, _) => format!("key {id}"),
                    _ => "an identity".to_owned(),
                }
            )),
            _ => error,
        }
    }
}

impl<R: BufRead> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self
            .content
            .read(buffer)
            .map_err(|error| self.told(error))?;
        self.read += read as u64;
        Ok(read)
    }
}

impl<R: BufRead + Seek> Opened<R> {
    /// Goes to its last chunk, and sees that it is the last.
    pub fn check_end(&mut self) -> io::Result<()> {
        let there = self.content.seek(SeekFrom::End(0));
        there.map(drop).map_err(|error| self.told(error))
    }
}

/// What the header of an object says, for whoever finds its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// It names a key of the store.
    Key(&'a KeyId),
    /// It names none.
    None,
}

/// Opens what begins with a header of age, and is called `name`. `find` brings the keys that may open it.
///
/// Errors: what the source says, what `find` says, and [`Spoilt`].
pub fn open<R: BufRead>(
    source: R,
    name: &str,
    find: impl Fn(Named<'_>) -> io::Result<Vec<Arc<ChainKey>>>,
) -> io::Result<Opened<R>> {
    let decryptor = Decryptor::new_buffered(HeaderLimit::new(source)).map_err(spoilt)?;
    let finder = Finder {
        find: &find,
        failed: RefCell::new(None),
        label: RefCell::new(Label::None),
    };
    let opened = decryptor.decrypt(std::iter::once(&finder as &dyn Identity));
    if let Some(error) = finder.failed.take() {
        return Err(error);
    }
    let label = finder.label.replace(Label::None);
    let content = opened.map_err(|error| match (error, &label) {
        (DecryptError::NoMatchingKeys, Label::Of(id, _)) => broken(format!(
            "its header does not open with key {id}, which it names: it was changed"
        )),
        (DecryptError::NoMatchingKeys, _) => io::Error::other(Locked::Unnamed(
            "is not for any of the identities that were given",
        )),
        (error, _) => spoilt(error),
    })?;
    match label {
        // It is whole, so no damage that an older state could be the answer to.
        Label::Of(key, stored) if stored != name => {
            Err(io::Error::other(Locked::Exchanged { name: stored, key }))
        }
        label => Ok(Opened {
            content,
            label,
            read: 0,
        }),
    }
}

/// The key that the header of an object names; `None` where it names none. What is found is not proven: only who has the key
/// can tell whether the header was changed.
///
/// Errors: what the source says, and [`Spoilt`].
pub fn key_named_in(source: impl BufRead) -> io::Result<Option<KeyId>> {
    let decryptor = Decryptor::new_buffered(HeaderLimit::new(source)).map_err(spoilt)?;
    let finder = Finder {
        find: &|_| Ok(Vec::new()),
        failed: RefCell::new(None),
        label: RefCell::new(Label::None),
    };
    // It opens with no key, and the label is read on the way.
    let _ = decryptor.decrypt(std::iter::once(&finder as &dyn Identity));
    if let Some(error) = finder.failed.take() {
        return Err(error);
    }
    Ok(match finder.label.replace(Label::None) {
        Label::Of(id, _) => Some(id),
        Label::None | Label::Spoilt => None,
    })
}

/// The crate asks an identity for the key of the content, and hands it the header.
struct Finder<'a> {
    find: &'a dyn Fn(Named<'_>) -> io::Result<Vec<Arc<ChainKey>>>,
    failed: RefCell<Option<io::Error>>,
    label: RefCell<Label>,
}

impl Identity for Finder<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let label = Label::of(stanzas);
        let named = match &label {
            Label::Of(id, _) => Named::Key(id),
            Label::None => Named::None,
            Label::Spoilt => {
                let why = "its header does not say which key it is for".to_owned();
                self.failed.replace(Some(broken(why)));
                return None;
            }
        };
        let found = (self.find)(named);
        self.label.replace(label.clone());
        match found {
            Ok(keys) => keys
                .iter()
                .find_map(|key| key.identity().unwrap_stanzas(stanzas)),
            Err(error) => {
                self.failed.replace(Some(error));
                None
            }
        }
    }
}

fn spoilt(error: DecryptError) -> io::Error {
    match error {
        DecryptError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => error,
        DecryptError::Io(_) => broken("it ends within its header".to_owned()),
        error => broken(format!("it cannot be decrypted: {error}")),
    }
}

fn broken(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Spoilt(why))
}
