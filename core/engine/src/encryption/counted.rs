use std::cell::Cell;
use std::io;

use age::{DecryptError, Decryptor, Identity};
use age_core::format::{FileKey, Stanza};

use super::header_limit::HeaderLimit;
use super::label::TAG;

/// For how many recipients a key is encrypted, by its header: without the key itself, which is one of them.
///
/// Errors: it is none.
pub fn recipients_of(object: &[u8]) -> io::Result<usize> {
    let decryptor = Decryptor::new_buffered(HeaderLimit::new(object))
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    let counting = Counting::default();
    // It opens nothing, and sees the header on the way.
    let _ = decryptor.decrypt(std::iter::once(&counting as &dyn Identity));
    let (all, itself) = (counting.all.get(), counting.itself.get());
    Ok(all.saturating_sub(itself))
}

#[derive(Default)]
struct Counting {
    all: Cell<usize>,
    itself: Cell<usize>,
}

impl Identity for Counting {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let counted = match stanza.tag.as_str() {
            "X25519" => &self.all,
            TAG => &self.itself,
            _ => return None,
        };
        counted.set(counted.get() + 1);
        None
    }
}
