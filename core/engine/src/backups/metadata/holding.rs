use etcd::passing::{Holds, LastEvent};

use super::document::Metadata;
use super::parts::{Compact, KeyBucket, Witness};

impl Metadata {
    /// Notes what a full holds.
    pub(crate) fn note_content(&mut self, holds: &Holds) {
        self.holds = Some(holds.revision);
        self.key_bucket = Some(KeyBucket {
            crc32c: holds.key_bucket.crc32c,
            bytes: holds.key_bucket.bytes,
            entries: holds.key_bucket.entries,
        });
        self.compact = Some(Compact {
            scheduled: holds.compaction.scheduled,
            finished: holds.compaction.finished,
        });
        self.witness = holds.last_event.as_ref().and_then(witness);
    }
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
