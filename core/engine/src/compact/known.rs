//! What is known of the objects of a chain, and what is to be said of the full that is made of them.

use etcd::passing::Holds;
use snapstore::Snapstore;

use super::chain::Folded;
use super::error::{Error, Result};
use crate::backups::SnapshotName;
use crate::backups::metadata::{Lineage, Metadata, Previous, RaftLog, Witness, read};
use crate::backups::storing::{Made, described, readable};
use crate::encryption::Keyring;

/// What is known beyond names.
#[derive(Debug)]
pub(super) struct Known {
    /// Of which history they are, if it has a name.
    lineage: Option<Lineage>,
    /// What stands beside the full.
    base: Option<Metadata>,
    /// What stands beside the last delta.
    last: Option<Metadata>,
    /// The name of the last delta.
    continues: String,
    tool: String,
}

impl Known {
    /// Of the objects of `folded`.
    pub(super) async fn read(
        (store, keys): (&dyn Snapstore, &Keyring),
        folded: &Folded,
        lineage: Option<Lineage>,
        tool: String,
    ) -> Result<Self> {
        let continues = folded.last.key().file_name().to_owned();
        Ok(Self {
            base: known((store, keys), folded.base.key().file_name()).await?,
            last: known((store, keys), &continues).await?,
            lineage,
            continues,
            tool,
        })
    }

    /// The metadata of the full.
    pub(super) fn describe(
        &self,
        name: &SnapshotName,
        made: &Made,
        keys: &Keyring,
    ) -> Result<Metadata> {
        let holds = made.holds.as_ref();
        let holds = holds.map_err(|unclear| Error::FailedCheck(unclear.to_string()))?;
        let mut metadata = described(name, made)?;
        metadata.lineage.clone_from(&self.lineage);
        let of_delta = || self.witness(holds);
        metadata.witness = metadata.witness.or_else(of_delta);
        metadata.previous = Some(Previous {
            snapshot: self.continues.clone(),
            stored_sha256: self.last.as_ref().and_then(|one| one.stored_sha256.clone()),
        });
        metadata.tool = Some(self.tool.clone());
        self.of_cluster(&mut metadata, holds.revision);
        Ok(readable(metadata, keys)?)
    }

    /// The last event, by which a snapshotter finds the history of its etcd, where a compaction leaves none: that of the delta.
    fn witness(&self, holds: &Holds) -> Option<Witness> {
        let of_delta = self.last.as_ref()?.witness.clone()?;
        (of_delta.mod_revision == holds.revision).then_some(of_delta)
    }

    /// What no event carries is as it was in the full; who wrote, as it was in the last delta.
    fn of_cluster(&self, metadata: &mut Metadata, revision: i64) {
        let all = || [&self.last, &self.base].into_iter().flatten();
        metadata.cluster_id = all().find_map(|one| one.cluster_id.clone());
        metadata.member_id = all().find_map(|one| one.member_id.clone());
        metadata.etcd_version = all().find_map(|one| one.etcd_version.clone());
        let Some(base) = &self.base else {
            return;
        };
        metadata.beside.clone_from(&base.beside);
        if base.cluster_id == metadata.cluster_id {
            metadata.raft = base.raft.and_then(|raft| at(raft, base.holds?, revision));
        }
    }
}

async fn known(
    (store, keys): (&dyn Snapstore, &Keyring),
    snapshot: &str,
) -> Result<Option<Metadata>> {
    match read(store, snapshot).await? {
        Some(found) => Ok(Some(found.opened(store, keys).await)),
        None => Ok(None),
    }
}

/// Where the log of raft stood at `revision` at the least, if it stood so at `before`: each revision is an entry of it.
fn at(raft: RaftLog, before: i64, revision: i64) -> Option<RaftLog> {
    let more = u64::try_from(revision.checked_sub(before)?).ok()?;
    Some(RaftLog {
        index: raft.index.checked_add(more)?,
        ..raft
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log of raft speaks for a history whose newest event is compacted: a full that said nothing of it, or that its
    /// log was longer than it was, began a new lineage.
    #[test]
    fn the_log_is_as_long_as_it_must_be_at_least() {
        let raft = RaftLog {
            index: 1_200,
            term: 4,
        };
        let later = at(raft, 1_000, 1_500).unwrap();
        assert_eq!((later.index, later.term), (1_700, 4));
        assert_eq!(at(raft, 1_000, 1_000), Some(raft));
        assert_eq!(at(raft, 1_000, 999), None);
        assert_eq!(
            at(
                RaftLog {
                    index: u64::MAX,
                    term: 4
                },
                1,
                2
            ),
            None
        );
    }
}
