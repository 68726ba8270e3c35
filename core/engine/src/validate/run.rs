use super::compare::Backups;
use super::error::Result;
use super::facts::Facts;
use super::finding::{Finding, judge};
use super::look::{look_at_content, look_at_structure};
use super::request::Validation;
use crate::backups::branches::{Branch, Holdings, Unplaced};
use crate::backups::{EmptyStore, Snapshot, read_holdings};
use crate::chosen::{Beside, Choice, ChosenState};
use crate::descent::{Clusters, Descent};
use crate::error::Error as System;
use crate::session::Session;

/// What was found.
#[derive(Debug, Clone)]
pub struct Validated {
    /// What was seen.
    pub facts: Facts,
    /// What it amounts to.
    pub finding: Finding,
    /// What the backups lead to.
    pub backups: Backups,
    /// The lineage of the backups that counts, without what was left; empty when there is no store, or they made no
    /// difference.
    pub branch: Branch,
    /// All that the store holds, what was left too.
    pub holdings: Holdings,
    /// The clusters of the two, where they differ and nothing tells that the member is of that lineage.
    pub clusters: Option<Clusters>,
    /// The older state that was restored here on purpose, if one was.
    pub chosen: Option<ChosenState>,
    /// Where they were looked for, if there are none.
    pub empty_store: Option<EmptyStore>,
    /// Their content has shown that they are of one history, whatever their names say.
    pub is_one_history: bool,
}

/// Judges a data directory, beside the backups in the store of `session` if there is one. Changes
/// nothing. A store that does not answer is an error: without it nobody knows whether the directory
/// lags.
pub async fn validate(session: Option<&Session>, validation: &Validation) -> Result<Validated> {
    let facts = look_at_structure(&validation.data_dir, validation.guard.as_ref());
    let finding = judge(&facts, None);
    if finding.is_final() {
        return Ok(InStore::unset().beside(facts, finding, None));
    }
    let chosen = ChosenState::read(&validation.data_dir)?;
    let descent = Descent::read(&validation.data_dir)?;
    let store = InStore::read(session, chosen.as_ref()).await?;
    let newest = store.backups.newest();
    let mut facts = match finding {
        Finding::Absent => facts,
        _ => {
            let validation = validation.clone();
            let looked = move || look_at_content(&validation, newest, facts);
            let looked = tokio::task::spawn_blocking(looked).await;
            looked.map_err(|died| System::Died(died.to_string()))?
        }
    };
    let holds = store.choice == Choice::Holds;
    let remark = chosen.as_ref().map(ChosenState::remark);
    // A store that is not named or holds nothing says nothing of it either.
    let is_told = holds || store.holdings.listed.snapshots.is_empty();
    facts.remarks.extend(remark.filter(|_| is_told));
    facts.remarks.extend(store.warnings(chosen.as_ref()));
    let finding = judge(&facts, newest);
    let clusters = store.clusters(&facts, descent.as_ref());
    Ok(Validated {
        clusters,
        ..store.beside(facts, finding, chosen)
    })
}

/// What the store holds, as far as it matters to a data directory.
struct InStore {
    holdings: Holdings,
    /// Without objects of a history that was left.
    branch: Branch,
    choice: Choice,
    backups: Backups,
    empty_store: Option<EmptyStore>,
}

impl InStore {
    /// No store, or none that makes a difference.
    fn unset() -> Self {
        Self {
            holdings: Holdings::default(),
            branch: Branch::default(),
            choice: Choice::Unmade,
            backups: Backups::Unset,
            empty_store: None,
        }
    }

    /// `chosen`: an older state that was restored on purpose, and has left what is newer.
    async fn read(session: Option<&Session>, chosen: Option<&ChosenState>) -> Result<Self> {
        let Some(session) = session else {
            return Ok(Self::unset());
        };
        let holdings = read_holdings(session).await?;
        let beside = Beside::of(chosen, &holdings);
        let doubt = holdings.doubt(Some(&beside.branch));
        let doubt = doubt.filter(|one| !is_left(chosen, &one.snapshot));
        let mut backups = Backups::of(&beside, &holdings).in_doubt_of(doubt);
        let Beside {
            mut branch, choice, ..
        } = beside;
        branch
            .catalogue
            .snapshots
            .retain(|one| !is_left(chosen, one));
        let empty_store = match backups {
            Backups::Empty => Some(EmptyStore::look(session, &holdings.listed).await?),
            _ => None,
        };
        match &empty_store {
            Some(store) if store.is_missing => backups = Backups::Missing,
            Some(store) if store.holds_backups_itself() => backups = Backups::Misplaced,
            _ => {}
        }
        Ok(Self {
            holdings,
            branch,
            choice,
            backups,
            empty_store,
        })
    }

    /// Which objects are left out since their metadata cannot be read.
    fn warnings(&self, chosen: Option<&ChosenState>) -> Vec<String> {
        let unplaced = self.holdings.unplaced.iter();
        let unplaced = unplaced.filter(|one| !is_left(chosen, &one.snapshot));
        unplaced.map(Unplaced::warning).collect()
    }

    /// The ids of a cluster follow from names, addresses and a token, and a restore may change them: that they differ
    /// counts only where the member does not say that it is of that lineage, and none of its clusters wrote to it.
    fn clusters(&self, facts: &Facts, descent: Option<&Descent>) -> Option<Clusters> {
        let member = format!("{:x}", facts.cluster_id?);
        let of_backups = self.branch.cluster_id.clone()?;
        let descent_of_backups = self.holdings.descent(&self.branch);
        let is_known = descent_of_backups.iter().any(|branch| {
            let is_told = descent.is_some_and(|descent| descent.is_of(branch));
            is_told || branch.cluster_ids.contains(&member)
        });
        (!is_known).then_some(Clusters {
            member,
            backups: of_backups,
        })
    }

    fn beside(self, facts: Facts, finding: Finding, chosen: Option<ChosenState>) -> Validated {
        Validated {
            facts,
            finding,
            backups: self.backups,
            branch: self.branch,
            holdings: self.holdings,
            clusters: None,
            chosen: chosen.filter(|_| self.choice != Choice::Ended),
            empty_store: self.empty_store,
            is_one_history: false,
        }
    }
}

fn is_left(chosen: Option<&ChosenState>, snapshot: &Snapshot) -> bool {
    chosen.is_some_and(|chosen| chosen.has_left(snapshot))
}
