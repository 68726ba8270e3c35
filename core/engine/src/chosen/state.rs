use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use etcd::data_dir::MEMBER;
use serde::{Deserialize, Serialize};

use super::left::{everything, known, left, others_of_unknown_origin};
use crate::backups::branches::{Holdings, UNKNOWN};
use crate::backups::{Kind, Snapshot, SnapshotName, Target};
use crate::error::{Error, Result};
use crate::size::counted;

/// The file, in the directory of the member: it goes where the member goes. etcd looks only at the names
/// in there that it knows.
pub(crate) const FILE: &str = ".etcdbr.chosen.json";

/// What its `format` says.
const FORMAT: u32 = 1;

/// Which state was chosen, and what was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenState {
    format: u32,
    /// The revision that was restored, as the store counts.
    pub revision: i64,
    /// What was asked for, in words.
    pub asked: String,
    /// Where it came from.
    #[serde(default)]
    pub origin: Origin,
    /// The objects that it was made of, or the name of the file.
    pub made_of: Vec<String>,
    /// The objects that the store held then and that lead further: the history that was left.
    pub left: BTreeSet<String>,
    /// The lineage that it was taken from; none where its objects are of unknown origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// The lineages that the store held then. The one that begins with this member is none of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub known: BTreeSet<String>,
}

/// Where a chosen state came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The objects of the store.
    #[default]
    Store,
    /// A file, of which the store knows nothing.
    File,
}

impl ChosenState {
    /// Of a state at `revision`, made of some of the objects of a lineage in `holdings`; `None` for those of unknown
    /// origin. `None` when nothing in there leads further.
    pub(crate) fn of(
        target: &Target,
        revision: i64,
        made_of: Vec<String>,
        (holdings, lineage): (&Holdings, Option<&str>),
    ) -> Option<Self> {
        let is_newest = holdings
            .newest()
            .is_some_and(|branch| branch.id() == lineage);
        let asked = match target {
            Target::Latest if is_newest => return None,
            Target::Latest => format!("the newest state of lineage {}", lineage.unwrap_or(UNKNOWN)),
            Target::Revision(revision) => format!("revision {revision}"),
            Target::Time(time) => format!("the state at {time}"),
            Target::Snapshot(name) => format!("snapshot {name}"),
        };
        let left = left(holdings, lineage, revision);
        let is_older = !left.is_empty() || !is_newest;
        let beside = others_of_unknown_origin(holdings, lineage);
        is_older.then(|| Self {
            format: FORMAT,
            revision,
            asked,
            origin: Origin::Store,
            made_of,
            left: left.into_iter().chain(beside).collect(),
            lineage: lineage.map(str::to_owned),
            known: known(holdings),
        })
    }

    /// Of a state at `revision` out of the file `name`, which nothing in `holdings` tells of: all of it is
    /// left, and the history that begins now has no backup yet. `None` when there is nothing.
    pub(crate) fn of_file(name: &str, revision: i64, holdings: &Holdings) -> Option<Self> {
        let left = everything(&holdings.listed);
        (!left.is_empty()).then(|| Self {
            format: FORMAT,
            revision,
            asked: format!("the file {name}"),
            origin: Origin::File,
            made_of: vec![name.to_owned()],
            left,
            lineage: None,
            known: known(holdings),
        })
    }

    /// That of the member in `data_dir`, if it has one. One that cannot be read is an error: without it
    /// the member would be replaced by what was left.
    pub fn read(data_dir: &Path) -> Result<Option<Self>> {
        let path = data_dir.join(MEMBER).join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                return match error.kind() {
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                    _ => Err(Error::io("read", &path)(error)),
                };
            }
        };
        let wrong = |why: String| Error::DataDir {
            path: path.clone(),
            what: format!(
                "{why}. It says which older state was restored here on purpose; if the newest state \
                 of the store may take its place, remove this file, else move it back from a copy"
            ),
        };
        let read: Self = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(format!("this cannot be understood: {error}")))?;
        match read.format {
            FORMAT => Ok(Some(read)),
            other => Err(wrong(format!("its format {other} is not known here"))),
        }
    }

    /// Its file.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(|error| Error::Died(error.to_string()))
    }

    /// Whether an object is of the history that was left.
    pub(crate) fn has_left(&self, snapshot: &Snapshot) -> bool {
        self.left.contains(snapshot.key().as_str())
    }

    /// Whether a full ends where an object that was left does: a compaction of what was left makes such, and names it after
    /// none of them.
    pub(super) fn compacts_left(&self, snapshot: &Snapshot) -> bool {
        let end = |key: &String| {
            let name = key.rsplit('/').next().unwrap_or(key);
            SnapshotName::parse(name).ok().map(|name| name.last)
        };
        snapshot.name.kind == Kind::Full
            && self
                .left
                .iter()
                .filter_map(end)
                .any(|end| end == snapshot.name.last)
    }

    /// As a remark on a member that was found.
    pub(crate) fn remark(&self) -> String {
        let left = match self.origin {
            Origin::Store => counted(
                self.left.len(),
                "object of the store that leads further is",
                "objects of the store that lead further are",
            ),
            // It says nothing of where they lead.
            Origin::File => counted(
                self.left.len(),
                "object of the store is",
                "objects of the store are",
            ),
        };
        let at = format!("revision {}", self.revision);
        let at = match self.asked == at {
            true => String::new(),
            false => format!(", at {at}"),
        };
        format!(
            "{} was restored here on purpose{at}: {left} left out, for as long as {MEMBER}/{FILE} is there",
            self.asked
        )
    }
}
