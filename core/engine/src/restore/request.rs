use std::path::PathBuf;

use etcd::lease::LONGEST_TTL;
use etcd::membership::{Cluster, InitialCluster, Member};

use super::error::{BadOption, Result};
use super::salvage::Source;
use crate::backups::branches::Wanted;
use crate::backups::{Reading, Target};
use crate::chosen::ChosenState;
use crate::data_dir::{self, ExistingMember};
use crate::descent::Clusters;

/// What to restore, into what.
#[derive(Debug, Clone)]
pub struct Request {
    /// The state to restore.
    pub target: Target,
    /// The lineage that it is taken from.
    pub lineage: Wanted,
    /// The data directory to make.
    pub data_dir: PathBuf,
    /// The member there whose place the restored one takes. Without it, one that is there is never
    /// touched, and the restore refused.
    pub over: Option<ExistingMember>,
    /// The member there was restored to an older state on purpose: it stays the state that the store
    /// leads to.
    pub chosen: Option<ChosenState>,
    /// Whether authentication that was on may be off afterwards.
    pub authentication: Authentication,
    /// The clusters of the member there and of the backups, where they differ and nothing tells that they are of one
    /// lineage.
    pub clusters: Option<Clusters>,
    /// Whether the state of another cluster may take the place of a member.
    pub other_cluster: OtherCluster,
    /// Whose log is replayed after the objects; none for theirs alone.
    pub salvage: Option<Source>,
    /// The cluster the restored member will be part of.
    pub identity: Identity,
    /// How objects are read.
    pub reading: Reading,
    /// What is changed beside the membership.
    pub changes: Changes,
}

impl Request {
    /// Fails when it contradicts itself.
    pub(crate) fn check(&self) -> Result<()> {
        self.changes.check()?;
        self.identity.resolve().map(drop)
    }

    /// The same, and that the data directory may become one: what can be said before any backup is read.
    pub(super) fn check_with_place(&self) -> Result<()> {
        self.check()?;
        if self.over.is_none() {
            data_dir::refuse_member(&self.data_dir)?;
            data_dir::refuse_shared(&self.data_dir)?;
        }
        Ok(())
    }
}

/// What becomes of a damaged member beside the backups of another cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OtherCluster {
    /// Nothing is done: the prefix of the store may be mistyped.
    #[default]
    Refused,
    /// Its place is taken, and it is kept.
    Allowed,
}

/// What may become of authentication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Where it was on, it is on afterwards, or nothing is done.
    #[default]
    Kept,
    /// It may be off: then everybody may do everything.
    MayBeOff,
}

/// Who the restored member is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `--name`.
    pub name: String,
    /// `--initial-cluster`.
    pub initial_cluster: String,
    /// `--initial-cluster-token`.
    pub token: String,
    /// `--initial-advertise-peer-urls`.
    pub advertised: Vec<String>,
}

impl Identity {
    /// How many members the cluster has.
    ///
    /// Errors: those of [`Identity`] that etcd would not take.
    pub fn members(&self) -> Result<usize> {
        Ok(self.resolve()?.0.members().len())
    }

    /// The cluster and the member, with their ids.
    pub(crate) fn resolve(&self) -> Result<(Cluster, Member)> {
        let cluster =
            Cluster::bootstrap(&InitialCluster::parse(&self.initial_cluster)?, &self.token)?;
        let member = cluster.local(&self.name, &self.advertised)?.clone();
        Ok((cluster, member))
    }
}

/// What a restore changes beside the membership.
#[derive(Debug, Clone, Copy)]
pub struct Changes {
    /// Seconds for a lease of which nothing but the name is known.
    pub unknown_lease_ttl: i64,
    /// Moves the revision ahead by so many, so that no client has seen a later one.
    pub bump_revision: u64,
    /// What becomes of revisions before the last.
    pub history: History,
}

/// What becomes of revisions before the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum History {
    /// They can be read.
    #[default]
    Kept,
    /// They are marked as compacted: clients that watch from one are told to start over, and etcd
    /// removes them when it starts.
    MarkedCompacted,
    /// They are left out of the file.
    Compacted,
}

impl Changes {
    pub(crate) fn check(&self) -> Result<()> {
        if !(1..=LONGEST_TTL).contains(&self.unknown_lease_ttl) {
            return Err(BadOption::LeaseTtl.into());
        }
        if self.bump_revision > i64::MAX as u64 / 2 {
            let by = self.bump_revision;
            return Err(BadOption::Bump { by }.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A restore with a time to live of 317 years was done without a word; etcd's clock ran over,
    /// and all keys with such a lease were gone two seconds after it had started.
    #[test]
    fn a_time_to_live_is_one_that_etcd_can_count() {
        let fine = |unknown_lease_ttl| {
            let changes = Changes {
                unknown_lease_ttl,
                bump_revision: 0,
                history: History::Kept,
            };
            changes.check().is_ok()
        };
        assert!(fine(1) && fine(LONGEST_TTL));
        assert!(!fine(0) && !fine(-1) && !fine(LONGEST_TTL + 1));
    }
}
