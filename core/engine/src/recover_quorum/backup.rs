//! How far the backups lead, beside the directories.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::{Error, Result};
use crate::backups::{self, Target, read_holdings};
use crate::session::Session;

/// The newest state of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Where it is.
    pub location: String,
    /// Of which lineage it is.
    pub lineage: String,
    /// The clusters that wrote to that, in hex, where metadata tells.
    pub cluster_ids: BTreeSet<String>,
    /// The revision that it leads to.
    pub revision: i64,
}

impl Backup {
    /// That of the store of `session`; `None` where it holds none.
    pub async fn newest(session: &Session) -> Result<Option<Self>> {
        let holdings = read_holdings(session).await.map_err(Error::Backups)?;
        let location = session.store.location().to_string();
        let Some(branch) = holdings.branches.last() else {
            return Ok(None);
        };
        let plan = backups::plan(&branch.catalogue, &Target::Latest, &[]);
        let plan = plan.map_err(|why| Error::BackupUnclear {
            location: location.clone(),
            why: why.to_string(),
        })?;
        let last = plan.objects().last();
        Ok(last.map(|last| Self {
            location,
            lineage: branch.word().to_owned(),
            cluster_ids: branch.cluster_ids.clone(),
            revision: last.name.last,
        }))
    }

    /// Whether it may be of that cluster: one that was written by others alone is no state of it.
    pub(super) fn may_be_of(&self, cluster_id: &str) -> bool {
        self.cluster_ids.is_empty() || self.cluster_ids.contains(cluster_id)
    }
}
