use snapstore::Key;

use super::error::{Error, Result};
use crate::backups::name::SnapshotName;

/// The place of a snapshot in the store, if its name is one that is read as it is written.
pub(crate) fn key_of(name: &SnapshotName) -> Result<Key> {
    let text = name.to_string();
    let understood = SnapshotName::parse(&text).map_err(|why| Error::Name(why.to_string()))?;
    if understood != *name {
        return Err(Error::Name(format!("{text} is read as {understood}")));
    }
    Key::new(format!("v2/{text}")).map_err(|why| Error::Name(why.to_string()))
}
