//! Which lineage a state is taken from.

use serde::Serialize;

use super::branch::Branch;
use super::holdings::{Holdings, Unplaced};
use crate::backups::plan::{PlanError, Target, plan};
use crate::hint::Hint;

/// Which lineage is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The newest; where a snapshot is named, that of the snapshot.
    #[default]
    Newest,
    /// The one whose id is this, or begins with it; [`UNKNOWN`](super::UNKNOWN) for the snapshots of unknown origin.
    Named(String),
}

/// Why no lineage was chosen, or nothing in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// None has such an id.
    #[error("the store holds no lineage {wanted:?}; there are: {there}")]
    NoSuchLineage {
        /// What was asked for.
        wanted: String,
        /// What could be asked for.
        there: String,
    },
    /// Several ids begin so.
    #[error("{wanted:?} is the beginning of several lineages; there are: {there}")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// What could be asked for.
        there: String,
    },
    /// The snapshot and the lineage that were named do not belong together.
    #[error("{snapshot} is of lineage {of}, and not of lineage {wanted}")]
    OtherLineage {
        /// The snapshot.
        snapshot: String,
        /// Its lineage.
        of: String,
        /// The one that was asked for.
        wanted: String,
    },
    /// It is not known to which lineage the snapshot belongs.
    #[error(
        "{snapshot} cannot be restored: nobody knows of which lineage it is, since its metadata cannot be read: {why}"
    )]
    Unplaced {
        /// The snapshot.
        snapshot: String,
        /// What is wrong with its metadata.
        why: String,
    },
    /// What is known to be the newest state may be none.
    #[error(
        "it is not known which state is the newest: {snapshot} may lead further than revision {known}, or begin a \
         newer lineage, and its metadata cannot be read: {why}"
    )]
    NewestUnknown {
        /// The snapshot.
        snapshot: String,
        /// The last revision of what is known; 0 for nothing.
        known: i64,
        /// What is wrong with its metadata.
        why: String,
    },
    /// The lineage does not hold what was asked for.
    #[error("in lineage {lineage}: {why}")]
    NotInLineage {
        /// The lineage.
        lineage: String,
        /// What is missing.
        why: Box<PlanError>,
        /// Those that hold it.
        elsewhere: Vec<String>,
    },
}

impl ChoiceError {
    /// That `doubt` may lead further than what is known, up to revision `known`.
    pub(crate) fn newest_unknown(doubt: &Unplaced, known: i64) -> Self {
        Self::NewestUnknown {
            snapshot: doubt.snapshot.key().to_string(),
            known,
            why: doubt.why.clone(),
        }
    }

    /// What can be done about it.
    pub(crate) fn hints(&self) -> Vec<Hint> {
        match self {
            Self::NoSuchLineage { .. } | Self::Ambiguous { .. } | Self::OtherLineage { .. } => {
                vec![Hint::ListSnapshots]
            }
            Self::Unplaced { .. } => vec![Hint::MendMetadata(None)],
            Self::NewestUnknown { known, .. } => {
                vec![Hint::MendMetadata((*known > 0).then_some(*known))]
            }
            Self::NotInLineage { why, elsewhere, .. } => {
                let others = elsewhere.iter().cloned().map(Hint::OtherLineage);
                why.hints().into_iter().chain(others).collect()
            }
        }
    }
}

/// The lineage that a state was taken from, as a report says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Its id; [`UNKNOWN`](super::UNKNOWN) for the snapshots of unknown origin.
    pub id: String,
    /// The cluster that wrote last, if its metadata says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// Whether it is the newest.
    pub newest: bool,
    /// The other lineages of the store, oldest first.
    pub others: Vec<String>,
}

impl Holdings {
    /// The lineage that `wanted` and `target` mean. Where there are several, it must hold what is asked for.
    pub fn choose(&self, wanted: &Wanted, target: &Target) -> Result<&Branch, ChoiceError> {
        let branch = self.meant(wanted, target)?;
        let end = branch.and_then(Branch::end).unwrap_or(0);
        let asks_for_end = match target {
            Target::Latest => true,
            Target::Time(time) => branch
                .and_then(Branch::last_created)
                .is_none_or(|last| last <= time.as_second()),
            Target::Revision(_) | Target::Snapshot(_) => branch.is_none(),
        };
        let doubt = self.doubt(branch).filter(|_| asks_for_end);
        match (branch, doubt) {
            (_, Some(doubt)) => Err(ChoiceError::newest_unknown(doubt, end)),
            // Of a store with a snapshot, all would be in doubt.
            (None, None) => Err(ChoiceError::NoSuchLineage {
                wanted: String::new(),
                there: self.there(),
            }),
            (Some(branch), None) => self.holding(branch, target),
        }
    }

    fn meant(&self, wanted: &Wanted, target: &Target) -> Result<Option<&Branch>, ChoiceError> {
        let named = match wanted {
            Wanted::Newest => None,
            Wanted::Named(id) => Some(self.named(id)?),
        };
        let of_snapshot = match target {
            Target::Snapshot(name) => self.of_snapshot(name)?.map(|of| (of, name)),
            _ => None,
        };
        match (named, of_snapshot) {
            (Some(named), Some((of, snapshot))) if of.id() != named.id() => {
                Err(ChoiceError::OtherLineage {
                    snapshot: snapshot.clone(),
                    of: of.word().to_owned(),
                    wanted: named.word().to_owned(),
                })
            }
            (Some(named), _) => Ok(Some(named)),
            (None, Some((of, _))) => Ok(Some(of)),
            (None, None) => Ok(self.newest()),
        }
    }

    /// What a report says of a lineage: nothing where the store tells of none.
    pub fn taken(&self, branch: &Branch) -> Option<Taken> {
        let others = self.branches.iter().filter(|one| one.id() != branch.id());
        let others: Vec<String> = others.map(|one| one.word().to_owned()).collect();
        let is_told = branch.lineage.is_some() || !others.is_empty();
        is_told.then(|| Taken {
            id: branch.word().to_owned(),
            cluster_id: branch.cluster_id.clone(),
            newest: self.newest().is_some_and(|one| one.id() == branch.id()),
            others,
        })
    }

    fn holding<'a>(&self, branch: &'a Branch, target: &Target) -> Result<&'a Branch, ChoiceError> {
        if self.branches.len() < 2 {
            return Ok(branch);
        }
        let Err(why) = plan(&branch.catalogue, target, &[]) else {
            return Ok(branch);
        };
        let has =
            |one: &&Branch| one.id() != branch.id() && plan(&one.catalogue, target, &[]).is_ok();
        let elsewhere = self.branches.iter().rev().filter(has);
        Err(ChoiceError::NotInLineage {
            lineage: branch.word().to_owned(),
            why: Box::new(why),
            elsewhere: elsewhere.map(|one| one.word().to_owned()).collect(),
        })
    }

    /// The lineage of that snapshot; `None` where there is no such snapshot.
    fn of_snapshot(&self, name: &str) -> Result<Option<&Branch>, ChoiceError> {
        let is_it = |key: &snapstore::Key| key.as_str() == name || key.file_name() == name;
        let mut unplaced = self.unplaced.iter();
        if let Some(found) = unplaced.find(|one| is_it(one.snapshot.key())) {
            return Err(ChoiceError::Unplaced {
                snapshot: found.snapshot.key().to_string(),
                why: found.why.clone(),
            });
        }
        let mut branches = self.branches.iter();
        Ok(branches.find(|branch| branch.catalogue.find(name).is_some()))
    }

    /// The lineage with this id, or the only one whose id begins so.
    pub fn named(&self, wanted: &str) -> Result<&Branch, ChoiceError> {
        let exact = |branch: &&Branch| branch.word() == wanted;
        if let Some(found) = self.branches.iter().find(exact) {
            return Ok(found);
        }
        let begins = |branch: &&Branch| branch.id().is_some_and(|id| id.starts_with(wanted));
        let found: Vec<&Branch> = self.branches.iter().filter(begins).collect();
        let (wanted, there) = (wanted.to_owned(), self.there());
        match found[..] {
            [found] => Ok(found),
            [] => Err(ChoiceError::NoSuchLineage { wanted, there }),
            _ => Err(ChoiceError::Ambiguous { wanted, there }),
        }
    }

    /// All lineages, newest first.
    fn there(&self) -> String {
        let shown = self.branches.iter().rev().map(|branch| {
            let end = branch.end().unwrap_or(0);
            format!("{} (to revision {end})", branch.word())
        });
        let shown: Vec<String> = shown.collect();
        match shown.is_empty() {
            true => "none".to_owned(),
            false => shown.join(", "),
        }
    }
}
