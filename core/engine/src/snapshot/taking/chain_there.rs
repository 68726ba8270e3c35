//! Whether what the next delta continues is still in the store, and can be restored. Somebody may delete it: a lifecycle rule
//! of the bucket, a collection of another program, a person. Another program may write beside it.

use std::fmt;

use snapstore::{ErrorKind, Key, ObjectId, Snapstore};

use crate::backups::chain::{overlapping, since};
use crate::backups::listing::read_catalogue;
use crate::backups::{self, Chain};
use crate::session::Session;

/// Both ends of the chain that deltas are added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChainEnds {
    /// Its full.
    pub(super) full: Key,
    /// Its newest object: the full itself, where no delta continues it.
    pub(super) last: Key,
}

/// Why what is stored next could not be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// This delta overlaps with another, as two writers at once leave them: etcd-backup-restore restores neither.
    Overlap(Key),
    /// An object is not there any more.
    Object(Key),
    /// Deltas in between are not there any more, that held these revisions.
    Revisions {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(key) | Self::Overlap(key) => write!(f, "{key}"),
            Self::Revisions { first, last } => {
                write!(f, "the deltas that held revisions {first} to {last}")
            }
        }
    }
}

impl ChainEnds {
    /// A full that no delta continues yet.
    pub(super) fn of_full(key: &Key) -> Self {
        let (full, last) = (key.clone(), key.clone());
        Self { full, last }
    }

    /// Asks for both ends.
    ///
    /// Errors: what the store says, but for an object that is not there.
    pub(super) async fn lost(&self, store: &dyn Snapstore) -> snapstore::Result<Option<Lost>> {
        let (full, last) = futures::try_join!(is_there(store, &self.full), async {
            match self.last == self.full {
                true => Ok(true),
                false => is_there(store, &self.last).await,
            }
        })?;
        let lost = [(&self.full, full), (&self.last, last)];
        let lost = lost.into_iter().find(|(_, is_there)| !is_there);
        Ok(lost.map(|(key, _)| Lost::Object(key.clone())))
    }

    /// Lists the store, and looks for deltas that led to `reached` and are gone, and for one that overlaps with another.
    pub(super) async fn lost_between(
        &self,
        session: &Session,
        reached: i64,
    ) -> backups::Result<Option<Lost>> {
        let catalogue = read_catalogue(session).await?;
        let Some(full) = catalogue.fulls().find(|full| *full.key() == self.full) else {
            return Ok(Some(Lost::Object(self.full.clone())));
        };
        if let Some(delta) = overlapping(full, &catalogue) {
            return Ok(Some(Lost::Overlap(delta.key().clone())));
        }
        let deltas = since(full, &catalogue).cloned().collect();
        let chain = Chain::link(Some(full.clone()), deltas);
        Ok((chain.reaches < reached).then(|| Lost::Revisions {
            first: chain.reaches.saturating_add(1),
            last: chain.gap.map_or(reached, |gap| gap.before - 1),
        }))
    }
}

async fn is_there(store: &dyn Snapstore, key: &Key) -> snapstore::Result<bool> {
    match store.head(&ObjectId::from(key.clone())).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
