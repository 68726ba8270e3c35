use jiff::Timestamp;

use super::content::Made;
use crate::backups::metadata::{Encryption, Metadata, MetadataError};
use crate::backups::name::SnapshotName;

/// The metadata of a full, as far as its own bytes tell.
pub(crate) fn described(name: &SnapshotName, made: &Made) -> Result<Metadata, MetadataError> {
    let mut metadata = Metadata::of(&name.to_string())?;
    metadata.created = Timestamp::from_second(name.created).ok();
    metadata.raw_bytes = Some(made.raw_size);
    metadata.raw_sha256 = Some(hex::encode(made.database_sha256));
    metadata.stored_bytes = Some(made.stored_size);
    metadata.stored_sha256 = Some(hex::encode(made.stored_sha256));
    metadata.encryption = made.key.as_ref().map(Encryption::with);
    if let Ok(holds) = &made.holds {
        metadata.note_content(holds);
    }
    Ok(metadata)
}
