//! What a database in a file of its own holds, as far as a few of its pages tell.

use bolt::Db;
use etcd::store_state::{StoreState, members};
use serde::Serialize;

use super::database_file::{DatabaseFile, unpacked};
use super::error::{Error, Result};
use crate::error::Error as System;

/// What the database in a file holds. The rest of its pages, and its hash, are not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileContent {
    /// The revision of its last change.
    pub revision: i64,
    /// The revision up to which it is compacted; `None` for none.
    pub compact_revision: Option<i64>,
    /// The members of the cluster that it is of, by name, or by id where one has none yet.
    pub members: Vec<String>,
    /// The version that all of them supported; `None` where none was agreed on.
    pub cluster_version: Option<String>,
}

impl FileContent {
    /// Reads it. What is compressed is unpacked for it, into a temporary file without a name.
    ///
    /// Errors: `Damaged` where it is no database of an etcd.
    pub fn read(file: &DatabaseFile) -> Result<Self> {
        let path = file.path();
        let unpacked = unpacked(&path)?;
        let wrong = |error: etcd::Error| match System::of_disk(&path, error) {
            Ok(disk) => disk.into(),
            Err(error) => Error::damaged(file.key(), error),
        };
        let db = Db::open(&unpacked).map_err(|error| wrong(error.into()))?;
        let state = StoreState::read(&db).map_err(wrong)?;
        let members = members(&db).map_err(wrong)?.into_iter();
        let named = members.map(|one| match one.name.as_str() {
            "" => one.id.to_string(),
            name => name.to_owned(),
        });
        Ok(Self {
            revision: state.revision,
            compact_revision: state.compaction.revision(),
            members: named.collect(),
            cluster_version: state.cluster_version,
        })
    }
}
