//! What a store means beside a state that was chosen.

use super::state::{ChosenState, Origin};
use crate::backups::branches::{Branch, Holdings};
use crate::backups::metadata::Branching;
use crate::backups::{Kind, Snapshot, Target};

/// What a store leads to beside a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The lineage that counts, with those of its objects that may be used.
    pub(crate) branch: Branch,
    /// The newest state that they lead to, without what was left.
    pub(crate) target: Target,
    /// Whether a chosen state decides that.
    pub(crate) choice: Choice,
}

/// Whether a state that was restored on purpose still decides what a store leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// There was none.
    Unmade,
    /// It does.
    Holds,
    /// The lineage that begins with it has a full and is the newest: what was left needs no mark any more.
    Ended,
}

impl Beside {
    /// Of a member beside which an older state was `chosen`, or none.
    pub(crate) fn of(chosen: Option<&ChosenState>, holdings: &Holdings) -> Self {
        match chosen {
            Some(chosen) => chosen.beside(holdings),
            None => Self {
                branch: holdings.newest().cloned().unwrap_or_default(),
                target: Target::Latest,
                choice: Choice::Unmade,
            },
        }
    }
}

impl ChosenState {
    /// What a store means beside this state. A full that is not of what was left begins the new history:
    /// from then on the store leads where that leads. Until then it leads to the chosen state, and not
    /// further: a delta made since says nothing without a full before it.
    pub(super) fn beside(&self, holdings: &Holdings) -> Beside {
        // An id says more than a name.
        let (told, by_name): (Vec<&Branch>, _) = holdings
            .branches
            .iter()
            .rev()
            .partition(|branch| branch.lineage.is_some());
        let mut newest_first = told.into_iter().chain(by_name);
        let begun = newest_first.find(|branch| self.begins(branch));
        let own = || {
            let is_own = |branch: &&Branch| branch.id() == self.lineage.as_deref();
            holdings.branches.iter().find(is_own).cloned()
        };
        let mut branch = begun.cloned().or_else(own).unwrap_or_default();
        let is_by_name = branch.lineage.is_none();
        branch.catalogue.snapshots.retain(|snapshot| {
            let reaches_over = self.origin == Origin::Store
                && snapshot.name.kind != Kind::Full
                && snapshot.name.first <= self.revision
                && begun.is_none();
            let is_left = self.has_left(snapshot) || is_by_name && self.compacts_left(snapshot);
            !is_left || reaches_over
        });
        let is_newest = |begun: &Branch| holdings.newest().map(Branch::id) == Some(begun.id());
        Beside {
            branch,
            target: match begun {
                Some(_) => Target::Latest,
                None => Target::Revision(self.revision),
            },
            choice: match begun {
                Some(begun) if begun.lineage.is_some() && is_newest(begun) => Choice::Ended,
                _ => Choice::Holds,
            },
        }
    }

    /// Whether the history that this state began has a full there. One whose id was in the store before did not begin
    /// with it, nor did one that is proven to go on where this one was left; of the objects of unknown origin nothing
    /// but their names can tell.
    fn begins(&self, branch: &Branch) -> bool {
        let Some(lineage) = &branch.lineage else {
            let is_left = |full: &Snapshot| self.has_left(full) || self.compacts_left(full);
            let is_new = |full: &Snapshot| full.name.last > self.revision && !is_left(full);
            return branch.catalogue.fulls().any(is_new);
        };
        let goes_on = lineage.parent.as_ref().is_some_and(|parent| {
            Some(&parent.id) == self.lineage.as_ref()
                && parent.left_at > self.revision
                && parent.branching == Branching::Proven
        });
        let is_new = !self.known.contains(&lineage.id) && !goes_on;
        is_new && branch.catalogue.fulls().any(|full| !self.has_left(full))
    }
}
