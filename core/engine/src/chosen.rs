//! A state older than the newest, restored on purpose. The store still leads further then, and nothing in
//! it says that this was left; so the member says it.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use etcd::data_dir::MEMBER;
use serde::{Deserialize, Serialize};

use crate::backups::branches::{Branch, Holdings};
use crate::backups::{Catalogue, Kind, Snapshot, Target};
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

/// What the objects of a store mean beside a chosen state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The objects that may be used.
    pub(crate) usable: Catalogue,
    /// The newest state that they lead to, without what was left.
    pub(crate) target: Target,
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
            Target::Latest => format!("the newest state of lineage {}", word(lineage)),
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
        let left = keys(&holdings.listed, |_| true);
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

    /// What a store means beside this state. A full that is not of what was left begins the new history:
    /// from then on the store leads where that leads. Until then it leads to the chosen state, and not
    /// further: a delta made since says nothing without a full before it.
    pub(crate) fn beside(&self, mut catalogue: Catalogue) -> Beside {
        let is_new =
            |snapshot: &Snapshot| snapshot.name.last > self.revision && !self.has_left(snapshot);
        let begun = catalogue.fulls().any(is_new);
        catalogue.snapshots.retain(|snapshot| {
            let reaches_over = self.origin == Origin::Store
                && snapshot.name.kind != Kind::Full
                && snapshot.name.first <= self.revision
                && !begun;
            !self.has_left(snapshot) || reaches_over
        });
        Beside {
            usable: catalogue,
            target: match begun {
                true => Target::Latest,
                false => Target::Revision(self.revision),
            },
        }
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

/// What leads further than `revision` in that lineage, all of those that came after it, and what has no place.
fn left(holdings: &Holdings, lineage: Option<&str>, revision: i64) -> BTreeSet<String> {
    let further = |snapshot: &Snapshot| snapshot.name.last > revision;
    let mut branches = holdings.branches.iter();
    let own = branches.find(|branch| branch.id() == lineage);
    let own = own.map(|own| keys(&own.catalogue, further));
    // The rest of the iterator.
    let newer = branches.flat_map(|branch| keys(&branch.catalogue, |_| true));
    let unplaced = holdings.unplaced.iter();
    let unplaced = unplaced.filter(|one| further(&one.snapshot));
    let unplaced = unplaced.map(|one| one.snapshot.key().to_string());
    own.into_iter()
        .flatten()
        .chain(newer)
        .chain(unplaced)
        .collect()
}

/// Of these no id tells later that they were there before.
fn others_of_unknown_origin(holdings: &Holdings, lineage: Option<&str>) -> BTreeSet<String> {
    let is_other = |branch: &&Branch| branch.lineage.is_none() && lineage.is_some();
    let mut others = holdings.branches.iter().filter(is_other);
    let others = others.next().map(|other| keys(&other.catalogue, |_| true));
    others.unwrap_or_default()
}

fn keys(catalogue: &Catalogue, wanted: impl Fn(&Snapshot) -> bool) -> BTreeSet<String> {
    let snapshots = catalogue.snapshots.iter().filter(|one| wanted(one));
    snapshots.map(|one| one.key().to_string()).collect()
}

fn known(holdings: &Holdings) -> BTreeSet<String> {
    let ids = holdings.branches.iter().filter_map(Branch::id);
    ids.map(str::to_owned).collect()
}

fn word(lineage: Option<&str>) -> &str {
    lineage.unwrap_or(crate::backups::branches::UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;
    use crate::backups::metadata::AllMetadata;

    const OLD: [&str; 4] = [
        "Full-00000000-00000010-100",
        "Incr-00000011-00000020-110",
        "Incr-00000021-00000030-120",
        "Full-00000000-00000030-130",
    ];

    fn holdings(names: &[&str]) -> Holdings {
        Holdings::of(catalogue(names), &AllMetadata::default())
    }

    fn chosen(revision: i64) -> ChosenState {
        let target = Target::Revision(revision);
        ChosenState::of(&target, revision, Vec::new(), (&holdings(&OLD), None)).unwrap()
    }

    fn names(beside: &Beside) -> Vec<&str> {
        let keys = beside.usable.snapshots.iter();
        keys.map(|snapshot| snapshot.key().file_name()).collect()
    }

    #[test]
    fn the_store_leads_to_the_chosen_state_until_a_new_history_has_a_full() {
        let chosen = chosen(15);
        assert_eq!(chosen.left.len(), 3);
        let beside = chosen.beside(catalogue(&OLD));
        assert_eq!(beside.target, Target::Revision(15));
        assert_eq!(names(&beside), OLD[..2]);

        let delta = "Incr-00000016-00000018-200";
        let beside = chosen.beside(catalogue(&[&OLD[..], &[delta]].concat()));
        assert_eq!(beside.target, Target::Revision(15));

        let full = "Full-00000000-00000017-210";
        let beside = chosen.beside(catalogue(&[&OLD[..], &[delta, full]].concat()));
        assert_eq!(beside.target, Target::Latest);
        assert_eq!(names(&beside), [OLD[0], full, delta]);
    }

    #[test]
    fn the_newest_state_is_no_choice() {
        let none = |target, revision| {
            ChosenState::of(&target, revision, Vec::new(), (&holdings(&OLD), None)).is_none()
        };
        assert!(none(Target::Latest, 10));
        assert!(none(Target::Revision(30), 30));
        assert!(!none(Target::Snapshot(OLD[0].into()), 10));
    }

    /// What was restored from a file is of no history that the store knows, lower revisions included: a store
    /// whose objects ended below it would have been taken for its past.
    #[test]
    fn beside_a_file_nothing_of_the_store_is_used_until_there_is_a_new_full() {
        let chosen = ChosenState::of_file("my.db", 25, &holdings(&OLD)).unwrap();
        let beside = chosen.beside(catalogue(&OLD));
        assert_eq!(names(&beside).len(), 0, "{beside:?}");
        let full = "Full-00000000-00000027-210";
        let beside = chosen.beside(catalogue(&[&OLD[..], &[full]].concat()));
        assert_eq!(
            (names(&beside), &beside.target),
            (vec![full], &Target::Latest)
        );
        assert_eq!(
            ChosenState::of_file("my.db", 25, &Holdings::default()),
            None
        );
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join(MEMBER);
        assert_eq!(ChosenState::read(root.path()).unwrap(), None);
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join(FILE), chosen(15).to_bytes().unwrap()).unwrap();
        assert_eq!(ChosenState::read(root.path()).unwrap(), Some(chosen(15)));
        let other = String::from_utf8(chosen(15).to_bytes().unwrap()).unwrap();
        for wrong in [
            "",
            "{}",
            "null",
            &other.replace("\"format\": 1", "\"format\": 2"),
        ] {
            fs::write(dir.join(FILE), wrong).unwrap();
            let told = ChosenState::read(root.path()).unwrap_err().to_string();
            assert!(told.contains("on purpose"), "{told}");
        }
    }
}
