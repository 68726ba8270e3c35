//! Where metadata stands.

use snapstore::{Key, KeyError};

use crate::backups::name::SnapshotName;

/// What the keys of metadata begin with.
pub const PLACE: &str = "meta/";
const SUFFIX: &str = ".json";

/// Where the metadata of a snapshot stands.
pub fn metadata_key(snapshot: &str) -> Result<Key, KeyError> {
    Key::new(format!("{PLACE}{snapshot}{SUFFIX}"))
}

/// The snapshot whose metadata stands there; `None` where no metadata does.
pub fn snapshot_of(key: &Key) -> Option<&str> {
    let name = key.as_str().strip_prefix(PLACE)?.strip_suffix(SUFFIX)?;
    SnapshotName::parse(name).is_ok().then_some(name)
}
