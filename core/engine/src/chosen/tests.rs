use std::fs;

use etcd::data_dir::MEMBER;

use super::*;
use crate::backups::Target;
use crate::backups::branches::Holdings;
use crate::backups::chain_tests::catalogue;
use crate::backups::metadata::{AllMetadata, Branching, Lineage, Metadata, Parent};

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
    let keys = beside.branch.catalogue.snapshots.iter();
    keys.map(|snapshot| snapshot.key().file_name()).collect()
}

#[test]
fn the_store_leads_to_the_chosen_state_until_a_new_history_has_a_full() {
    let chosen = chosen(15);
    assert_eq!(chosen.left.len(), 3);
    let beside = chosen.beside(&holdings(&OLD));
    assert_eq!(beside.target, Target::Revision(15));
    assert_eq!(names(&beside), OLD[..2]);

    let delta = "Incr-00000016-00000018-200";
    let beside = chosen.beside(&holdings(&[&OLD[..], &[delta]].concat()));
    assert_eq!(beside.target, Target::Revision(15));

    let full = "Full-00000000-00000017-210";
    let beside = chosen.beside(&holdings(&[&OLD[..], &[delta, full]].concat()));
    assert_eq!(beside.target, Target::Latest);
    assert_eq!(names(&beside), [OLD[0], full, delta]);
}

/// A full that is made of what was left has a name that the member does not know: it would end the choice, and bring back
/// what was left.
#[test]
fn a_compaction_of_what_was_left_does_not_end_the_choice() {
    let chosen = chosen(15);
    let compacted = "Full-00000000-00000030-300";
    let beside = chosen.beside(&holdings(&[&OLD[..], &[compacted]].concat()));
    assert_eq!(beside.target, Target::Revision(15));
    assert_eq!(names(&beside), OLD[..2]);
    let full = "Full-00000000-00000017-210";
    let beside = chosen.beside(&holdings(&[&OLD[..], &[compacted, full]].concat()));
    assert_eq!(beside.target, Target::Latest);
    assert_eq!(names(&beside), [OLD[0], full]);
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
    let beside = chosen.beside(&holdings(&OLD));
    assert_eq!(names(&beside).len(), 0, "{beside:?}");
    let full = "Full-00000000-00000027-210";
    let beside = chosen.beside(&holdings(&[&OLD[..], &[full]].concat()));
    assert_eq!(
        (names(&beside), &beside.target),
        (vec![full], &Target::Latest)
    );
    assert_eq!(
        ChosenState::of_file("my.db", 25, &Holdings::default()),
        None
    );
}

fn lineage(id: &str, parent: Option<(&str, i64)>) -> Lineage {
    let parent = parent.map(|(id, left_at)| Parent {
        id: id.to_owned(),
        left_at,
        branching: Branching::Proven,
    });
    let id = id.to_owned();
    Lineage { id, parent }
}

/// Objects, each with the lineage that its metadata names.
fn told(objects: &[(&str, Option<Lineage>)]) -> Holdings {
    let names: Vec<&str> = objects.iter().map(|(name, _)| *name).collect();
    let described = objects.iter().filter_map(|(name, lineage)| {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(lineage.clone()?);
        Some(((*name).to_owned(), metadata))
    });
    let all = AllMetadata {
        by_snapshot: described.collect(),
        ..AllMetadata::default()
    };
    Holdings::of(catalogue(&names), &all)
}

fn old() -> Vec<(&'static str, Option<Lineage>)> {
    OLD.map(|name| (name, Some(lineage("a", None)))).to_vec()
}

fn chosen_in(holdings: &Holdings, id: &str, target: Target, at: i64) -> ChosenState {
    ChosenState::of(&target, at, Vec::new(), (holdings, Some(id))).unwrap()
}

/// A full of the old history that was uploaded after the restore, by an etcd that still ran, counted as the new one,
/// and the member that had been put back got the state that had been left.
#[test]
fn only_a_lineage_that_began_since_ends_the_choice() {
    let mut objects = old();
    let chosen = chosen_in(&told(&objects), "a", Target::Revision(15), 15);
    let late = "Full-00000000-00000035-140";
    objects.push((late, Some(lineage("a", None))));
    let beside = chosen.beside(&told(&objects));
    assert_eq!(
        (&beside.target, beside.choice),
        (&Target::Revision(15), Choice::Holds)
    );
    // It goes on where this one was left: another fork of the old history.
    let fork = "Full-00000000-00000032-150";
    objects.push((fork, Some(lineage("x", Some(("a", 20))))));
    let beside = chosen.beside(&told(&objects));
    assert_eq!(
        (&beside.target, beside.choice),
        (&Target::Revision(15), Choice::Holds)
    );

    let delta = "Incr-00000016-00000018-190";
    objects.push((delta, Some(lineage("b", Some(("a", 15))))));
    assert_eq!(
        chosen.beside(&told(&objects)).choice,
        Choice::Holds,
        "it has no full"
    );
    let full = "Full-00000000-00000015-180";
    objects.push((full, Some(lineage("b", Some(("a", 15))))));
    let beside = chosen.beside(&told(&objects));
    assert_eq!(
        (&beside.target, beside.choice),
        (&Target::Latest, Choice::Ended)
    );
    assert_eq!(names(&beside), [full, delta]);
}

/// The newest state of an older lineage is no newest state.
#[test]
fn an_older_lineage_is_a_choice() {
    let mut objects = old();
    let newest = ["Full-00000000-00000012-200", "Full-00000000-00000014-210"];
    objects.extend(newest.map(|name| (name, Some(lineage("b", Some(("a", 11)))))));
    let holdings = told(&objects);
    let latest =
        |id: &str, at| ChosenState::of(&Target::Latest, at, Vec::new(), (&holdings, Some(id)));
    assert_eq!(latest("b", 14), None);
    let chosen = latest("a", 30).unwrap();
    assert_eq!(chosen.left.len(), 2, "{chosen:?}");
    let beside = chosen.beside(&holdings);
    assert_eq!(
        (names(&beside).len(), &beside.target),
        (4, &Target::Revision(30))
    );
    // A program without metadata takes over: as its names tell.
    objects.push(("Full-00000000-00000031-300", None));
    let beside = chosen.beside(&told(&objects));
    assert_eq!(
        (&beside.target, beside.choice),
        (&Target::Latest, Choice::Holds)
    );
    assert_eq!(names(&beside), ["Full-00000000-00000031-300"]);
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
