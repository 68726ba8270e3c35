use std::collections::BTreeSet;
use std::sync::Arc;

use super::branch::Branch;
use super::sort_out::branches;
use crate::backups::catalogue::{Catalogue, Snapshot};
use crate::backups::metadata::AllMetadata;
use crate::backups::name::Kind;
use crate::backups::noted::Noted;
use crate::encryption::KeyId;

/// What a store holds, sorted out by lineages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// All of it.
    pub listed: Catalogue,
    /// The lineages, oldest first: see [`branches`](super::branches).
    pub branches: Vec<Branch>,
    /// Snapshots that may belong to any lineage.
    pub unplaced: Vec<Unplaced>,
    /// The names of those that somebody has marked, so that no collection deletes them. Whether an unplaced one is
    /// marked is not known.
    pub marked: BTreeSet<String>,
    /// Keys that metadata names and that are not in the store; `None` where nobody has looked.
    pub missing_keys: Option<BTreeSet<KeyId>>,
}

/// A snapshot whose metadata cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Which.
    pub snapshot: Snapshot,
    /// What its metadata is, and where.
    pub why: String,
}

impl Holdings {
    /// Sorts out what was listed, by what its metadata says.
    pub fn of(mut listed: Catalogue, all: &AllMetadata) -> Self {
        for snapshot in &mut listed.snapshots {
            let metadata = all.by_snapshot.get(snapshot.key().file_name());
            snapshot.noted = metadata.map(|one| Arc::new(Noted::of(one)));
        }
        let unplaced = listed.snapshots.iter().filter_map(|snapshot| {
            let why = all.unreadable.get(snapshot.key().file_name())?.to_string();
            let snapshot = snapshot.clone();
            Some(Unplaced { snapshot, why })
        });
        let marked = all.by_snapshot.iter().filter(|(_, one)| one.keep);
        Self {
            unplaced: unplaced.collect(),
            marked: marked.map(|(name, _)| name.clone()).collect(),
            branches: branches(&listed, all),
            listed,
            missing_keys: None,
        }
    }

    /// What is left of it without these objects, named by their keys.
    pub(crate) fn without(mut self, deleted: &BTreeSet<String>) -> Self {
        let is_left = |one: &Snapshot| !deleted.contains(one.key().as_str());
        self.listed.snapshots.retain(is_left);
        for branch in &mut self.branches {
            branch.catalogue.snapshots.retain(is_left);
        }
        self.branches
            .retain(|branch| !branch.catalogue.snapshots.is_empty());
        self.unplaced.retain(|one| is_left(&one.snapshot));
        self
    }

    /// The newest lineage; `None` where no snapshot is of a known one.
    pub fn newest(&self) -> Option<&Branch> {
        self.branches.last()
    }

    /// A lineage and those that it came from, as far as the store holds them, the newest first.
    pub fn descent<'a>(&'a self, branch: &'a Branch) -> Vec<&'a Branch> {
        let mut descent = vec![branch];
        // Each is older than the one before, so there is an end.
        for one in self.branches.iter().rev() {
            let lineage = descent.last().and_then(|last| last.lineage.as_ref());
            let parent = lineage.and_then(|lineage| lineage.parent.as_ref());
            if let (Some(parent), Some(id)) = (parent, one.id())
                && parent.id == id
            {
                descent.push(one);
            }
        }
        descent
    }

    /// A snapshot that may lead further than this lineage is known to, or begin a newer one: nobody can say that the
    /// end of the lineage is the newest state.
    pub fn doubt(&self, branch: Option<&Branch>) -> Option<&Unplaced> {
        let end = branch.and_then(Branch::end);
        let last = branch.and_then(Branch::last_created);
        self.unplaced.iter().rev().find(|one| {
            let name = &one.snapshot.name;
            Some(name.last) > end || (name.kind == Kind::Full && Some(name.created) > last)
        })
    }
}

impl Unplaced {
    /// As a warning.
    pub fn warning(&self) -> String {
        format!(
            "{} is left out: nobody knows of which lineage it is, since its metadata cannot be read: {}",
            self.snapshot.key(),
            self.why
        )
    }
}
