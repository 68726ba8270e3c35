//! All of a full, for who keeps none of it.

use std::io::{self, Read};

use super::catalogue::Snapshot;
use super::delta::HashCheck;
use super::error::{Error, Result};
use super::fetch::unreadable;
use super::full::{BaseError, Copied, Sink, copy};
use crate::session::Session;

/// Reads `content`, that of `full`, to its end, and shows the database to `sink`.
///
/// Errors: the store's; that the object is damaged, or does not have the hash that `check` wants.
pub(crate) fn read_full(
    (session, full): (&Session, &Snapshot),
    content: impl Read,
    check: HashCheck,
    sink: &mut impl Sink,
) -> Result<Copied> {
    copy(content, sink, check).map_err(|error| match error {
        BaseError::Read(error) | BaseError::Write(error) => unreadable(session, full, error),
        BaseError::WrongHash(what) => Error::wrong_hash(full.key(), what),
    })
}

/// Looks at nothing.
pub(crate) struct Discard;

impl Sink for Discard {
    fn write(&mut self, _bytes: &[u8], _offset: u64) -> io::Result<()> {
        Ok(())
    }
}
