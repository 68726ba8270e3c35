use std::collections::BTreeSet;

use crate::backups::catalogue::{Catalogue, Snapshot};
use crate::backups::metadata::Lineage;

/// What the snapshots of unknown origin are called, in the place of an id.
pub const UNKNOWN: &str = "unknown";

/// The snapshots of one lineage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branch {
    /// Which history it is, and where it left another; `None` for the snapshots of unknown origin, as other programs
    /// write them: among those names and times decide.
    pub lineage: Option<Lineage>,
    /// The id of the cluster that wrote last, in hexadecimal, if its metadata says it. A cluster that was restored to the
    /// newest state goes on with the lineage under another id.
    pub cluster_id: Option<String>,
    /// The ids of all clusters that wrote to it.
    pub cluster_ids: BTreeSet<String>,
    /// Its snapshots. What is no snapshot is of no branch.
    pub catalogue: Catalogue,
}

impl Branch {
    /// The id of its lineage; `None` for the snapshots of unknown origin.
    pub fn id(&self) -> Option<&str> {
        self.lineage.as_ref().map(|lineage| &*lineage.id)
    }

    /// What it is called: its id, or [`UNKNOWN`].
    pub fn word(&self) -> &str {
        self.id().unwrap_or(UNKNOWN)
    }

    /// The last revision that any of its names tells of.
    pub fn end(&self) -> Option<i64> {
        self.catalogue
            .snapshots
            .iter()
            .map(|one| one.name.last)
            .max()
    }

    /// What to tell where names speak of a second history among its snapshots. Metadata that names one lineage counts
    /// more: then a clock was ahead.
    pub fn second_history(&self) -> Option<String> {
        match self.lineage {
            Some(_) => None,
            None => self.catalogue.second_history(),
        }
    }

    /// The full that was begun last.
    pub fn newest_full(&self) -> Option<&Snapshot> {
        let fulls = self.catalogue.fulls();
        fulls.max_by_key(|full| (full.name.created, full.name.last))
    }

    /// When its last snapshot was begun, in seconds since 1970 UTC.
    pub fn last_created(&self) -> Option<i64> {
        let snapshots = self.catalogue.snapshots.iter();
        snapshots.map(|snapshot| snapshot.name.created).max()
    }
}
