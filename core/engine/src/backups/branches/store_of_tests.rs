//! A store for tests, made of names and metadata.

use std::collections::BTreeMap;

use snapstore::Key;

use super::{Branch, branches};
use crate::backups::Catalogue;
use crate::backups::chain_tests::catalogue;
use crate::backups::metadata::{
    AllMetadata, Branching, Lineage, Metadata, MetadataError, Parent, Previous, ReadError,
};

/// Names, and what their metadata says.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) names: Vec<String>,
    pub(super) metadata: BTreeMap<String, Metadata>,
    pub(super) unreadable: Vec<String>,
}

impl Store {
    pub(super) fn bare(mut self, name: &str) -> Self {
        self.names.push(name.to_owned());
        self
    }

    /// An object of a lineage that left `parent`.
    pub(super) fn with(
        mut self,
        name: &str,
        id: &str,
        parent: Option<&str>,
        previous: Option<&str>,
    ) -> Self {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(Lineage {
            id: id.to_owned(),
            parent: parent.map(|id| Parent {
                id: id.to_owned(),
                left_at: 1,
                branching: Branching::Unproven,
            }),
        });
        metadata.cluster_id = Some("1".to_owned());
        metadata.previous = previous.map(|name| Previous {
            snapshot: name.to_owned(),
            stored_sha256: None,
        });
        self.metadata.insert(name.to_owned(), metadata);
        self.bare(name)
    }

    pub(super) fn of(mut self, name: &str, id: &str) -> Self {
        self = self.with(name, id, None, None);
        self
    }

    pub(super) fn catalogue(&self) -> Catalogue {
        catalogue(&self.names.iter().map(|name| &**name).collect::<Vec<_>>())
    }

    pub(super) fn all(&self) -> AllMetadata {
        let unreadable = self.unreadable.iter().map(|name| {
            let key = Key::new(format!("meta/{name}.json")).unwrap();
            let why = MetadataError::Format(2);
            (name.clone(), ReadError::Unreadable { key, why })
        });
        AllMetadata {
            by_snapshot: self.metadata.clone(),
            unreadable: unreadable.collect(),
            unrecognized: Vec::new(),
        }
    }

    pub(super) fn branches(&self) -> Vec<Branch> {
        branches(&self.catalogue(), &self.all())
    }

    /// The ids and the last segments of the keys.
    pub(super) fn shown(&self) -> Vec<(String, Vec<String>)> {
        let branches = self.branches().into_iter();
        let shown = branches.map(|branch| {
            let id = branch.id().unwrap_or("-").to_owned();
            let keys = branch.catalogue.snapshots.iter();
            let names = keys.map(|one| one.key().file_name().to_owned()).collect();
            (id, names)
        });
        shown.collect()
    }

    pub(super) fn ids(&self) -> String {
        let ids = self.shown().into_iter().map(|(id, _)| id);
        ids.collect::<Vec<_>>().join(" ")
    }
}
