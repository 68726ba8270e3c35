//! The lineages that a member is of, as the member itself says: those of the backup that it was restored from.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use etcd::data_dir::MEMBER;
use serde::{Deserialize, Serialize};

use crate::backups::branches::{Branch, Holdings};
use crate::error::{Error, Result};

/// The file, in the directory of the member: it goes where the member goes. etcd looks only at the names
/// in there that it knows.
pub(crate) const FILE: &str = ".etcdbr.lineage.json";

/// What its `format` says.
const FORMAT: u32 = 1;

/// Which lineages a member is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Descent {
    format: u32,
    /// That of the backup, and those that it came from.
    lineages: BTreeSet<String>,
}

/// The ids of two clusters that differ, in hexadecimal as etcdctl prints them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// That of a member, as its log says.
    pub member: String,
    /// The one that wrote last to the lineage of the backups.
    pub backups: String,
}

impl Descent {
    /// Of a member that is restored from `branch`; `None` for backups of unknown origin.
    pub(crate) fn of(holdings: &Holdings, branch: &Branch) -> Option<Self> {
        branch.id()?;
        let descent = holdings.descent(branch).into_iter();
        let lineages = descent.filter_map(Branch::id).map(str::to_owned);
        Some(Self {
            format: FORMAT,
            lineages: lineages.collect(),
        })
    }

    /// That of the member in `data_dir`, if it has one. One that cannot be read is an error: without it the member might
    /// be taken for one of another cluster.
    pub(crate) fn read(data_dir: &Path) -> Result<Option<Self>> {
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
        let read: Result<Self, _> = serde_json::from_slice(&bytes);
        let why = match read {
            Ok(read) if read.format == FORMAT => return Ok(Some(read)),
            Ok(read) => format!("its format {} is not known here", read.format),
            Err(error) => format!("this cannot be understood: {error}"),
        };
        Err(Error::DataDir {
            path,
            what: format!(
                "{why}. It says of which lineage of the backups this member is; move it back from a copy, or remove \
                 it: then only the id of its cluster and what it holds tell"
            ),
        })
    }

    /// Its file.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(|error| Error::Died(error.to_string()))
    }

    /// Whether the member is of that lineage.
    pub(crate) fn is_of(&self, branch: &Branch) -> bool {
        branch.id().is_some_and(|id| self.lineages.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::metadata::{Branching, Lineage, Parent};

    fn branch(id: &str, parent: Option<&str>) -> Branch {
        let parent = parent.map(|id| Parent {
            id: id.to_owned(),
            left_at: 1,
            branching: Branching::Proven,
        });
        let id = id.to_owned();
        Branch {
            lineage: Some(Lineage { id, parent }),
            ..Branch::default()
        }
    }

    #[test]
    fn a_member_is_of_the_lineage_of_its_backup_and_of_those_before() {
        let branches = [("a", None), ("x", None), ("b", Some("a")), ("c", Some("b"))];
        let holdings = Holdings {
            branches: branches.map(|(id, parent)| branch(id, parent)).to_vec(),
            ..Holdings::default()
        };
        let of = Descent::of(&holdings, &holdings.branches[2]).unwrap();
        let is_of: Vec<bool> = holdings.branches.iter().map(|one| of.is_of(one)).collect();
        assert_eq!(is_of, [true, false, true, false]);
        assert_eq!(Descent::of(&holdings, &Branch::default()), None);
        assert!(!of.is_of(&Branch::default()));

        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Descent::read(dir.path()).unwrap(), None);
        fs::create_dir(dir.path().join(MEMBER)).unwrap();
        let path = dir.path().join(MEMBER).join(FILE);
        fs::write(&path, of.to_bytes().unwrap()).unwrap();
        assert_eq!(Descent::read(dir.path()).unwrap(), Some(of));
        for wrong in ["", "{}", "{\"format\": 2, \"lineages\": []}"] {
            fs::write(&path, wrong).unwrap();
            let told = Descent::read(dir.path()).unwrap_err().to_string();
            assert!(told.contains("of which lineage"), "{told}");
        }
    }
}
