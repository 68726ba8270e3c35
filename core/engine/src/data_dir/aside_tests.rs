use std::fs;
use std::path::Path;

use etcd::data_dir::DB;

use super::{Aside, Fate, Holds, Keep, Occupant, Resumed, Staging};

/// A data directory with a member whose database holds `content`.
fn member(content: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("member/snap")).unwrap();
    fs::write(root.path().join(DB), content).unwrap();
    root
}

fn occupant(data_dir: &Path) -> Occupant {
    let found = Occupant::find(data_dir, Holds::UpTo(10), Keep::IfAhead).unwrap();
    found.unwrap()
}

fn publish(data_dir: &Path, content: &[u8], fate: Fate) {
    let staging = Staging::over(data_dir, occupant(data_dir)).unwrap();
    staging.create_dir("member/snap").unwrap();
    staging.write(DB, content).unwrap();
    staging.publish(&["member/snap", "member"], fate).unwrap();
}

fn names(data_dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(data_dir).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_member_stands_aside_until_it_is_settled() {
    let root = member(b"old");
    let dir = root.path();
    publish(dir, b"new", Fate::Removed);
    assert_eq!(fs::read(dir.join(DB)).unwrap(), b"new");
    let aside = Aside::find(dir).unwrap();
    assert_eq!(fs::read(aside.dir().join(DB)).unwrap(), b"old");
    assert_eq!(aside.will_be_kept(), None);
    aside.settle().unwrap();
    assert_eq!(names(dir), ["member"]);
}

#[test]
fn only_the_newest_one_is_kept() {
    let root = member(b"first");
    let dir = root.path();
    for content in [b"second", b"third."] {
        publish(dir, content, Fate::Kept);
        let aside = Aside::find(dir).unwrap();
        let old = aside.will_be_kept().unwrap();
        aside.settle().unwrap();
        assert!(old.join(DB).exists());
    }
    assert_eq!(names(dir), [".etcdbr.old", "member"]);
    let kept = dir.join(".etcdbr.old").join(DB);
    assert_eq!(fs::read(kept).unwrap(), b"second");
}

#[test]
fn what_turns_out_to_be_no_good_gives_the_place_back() {
    let root = member(b"old");
    publish(root.path(), b"new", Fate::Kept);
    Aside::find(root.path()).unwrap().reinstate().unwrap();
    assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"old");
    assert_eq!(names(root.path()), ["member"]);
}

/// Killed between the two renames there is no member, and the old one stands aside.
#[test]
fn a_run_killed_between_the_renames_is_taken_back() {
    for fate in [Fate::Removed, Fate::Kept] {
        let root = member(b"old");
        let dir = root.path();
        let aside = Aside::move_there(dir, occupant(dir), fate).unwrap();
        assert!(aside.dir().join(DB).exists() && !dir.join("member").exists());
        assert_eq!(Aside::resume(dir).unwrap(), Resumed::PutBack);
        assert_eq!(fs::read(dir.join(DB)).unwrap(), b"old");
        assert_eq!(names(dir), ["member"]);
        assert_eq!(Aside::resume(dir).unwrap(), Resumed::Nothing);
    }
}

/// A second run judged the directory before the first had restored it, and would have restored it
/// once more, over an etcd that ran on it by then.
#[test]
fn another_member_than_the_one_looked_at_is_left_alone() {
    let root = member(b"old");
    let looked_at = occupant(root.path());
    publish(root.path(), b"new", Fate::Removed);
    let refused = Staging::over(root.path(), looked_at).unwrap_err();
    assert!(refused.to_string().contains("has changed"), "{refused}");
    assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"new");
}

#[test]
fn a_member_is_kept_unless_all_of_it_is_in_what_replaces_it() {
    let fate = |holds, keep| {
        let root = member(b"");
        let found = Occupant::find(root.path(), holds, keep).unwrap();
        found.unwrap().fate(10)
    };
    for (holds, fated) in [
        (Holds::Nothing, Fate::Removed),
        (Holds::UpTo(10), Fate::Removed),
        (Holds::UpTo(11), Fate::Kept),
        (Holds::Unknown, Fate::Kept),
    ] {
        assert_eq!(fate(holds, Keep::IfAhead), fated, "{holds:?}");
        assert_eq!(fate(holds, Keep::Always), Fate::Kept, "{holds:?}");
    }
}
