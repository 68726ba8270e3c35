use etcd::passing::LastEvent;
use jiff::Timestamp;

use super::content::Made;
use crate::backups::metadata::{Compact, Encryption, KeyBucket, Metadata, MetadataError, Witness};
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
    let Ok(holds) = &made.holds else {
        return Ok(metadata);
    };
    metadata.holds = Some(holds.revision);
    metadata.key_bucket = Some(KeyBucket {
        crc32c: holds.key_bucket.crc32c,
        bytes: holds.key_bucket.bytes,
        entries: holds.key_bucket.entries,
    });
    metadata.compact = Some(Compact {
        scheduled: holds.compaction.scheduled,
        finished: holds.compaction.finished,
    });
    metadata.witness = holds.last_event.as_ref().and_then(witness);
    Ok(metadata)
}

fn witness(event: &LastEvent) -> Option<Witness> {
    Some(Witness {
        key: Witness::key_of(&event.key)?,
        mod_revision: event.revision.main,
        create_revision: event.create_revision,
        version: event.version,
        deleted: event.is_delete(),
    })
}
