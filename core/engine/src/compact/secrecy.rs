use super::error::{Error, Result};
use crate::backups::Snapshot;
use crate::session::Session;

/// Refuses to make something plain of what is encrypted: a flag that was forgotten would put it into the store for all to read.
pub(super) fn stays_secret<'a>(
    session: &Session,
    mut of: impl Iterator<Item = &'a Snapshot>,
) -> Result<()> {
    let encrypted = of.find(|object| object.name.encoding.is_encrypted());
    match encrypted {
        Some(object) if !session.keys.encrypts() => Err(Error::WouldBePlain {
            encrypted: object.key().clone(),
        }),
        _ => Ok(()),
    }
}
