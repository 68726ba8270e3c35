use std::fs;
use std::path::Path;

use etcd::data_dir::DB;

use super::exchange::{Exchange, exchange};
use super::lock_out::keep_etcd_out;
use super::mark;
use super::set_aside::{Aside, Disposition, ExistingMember, Holds, Keep, Resumed};
use super::staging::Staging;
use crate::lock;

/// A data directory with a member whose database holds `content`.
fn member(content: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("member/snap")).unwrap();
    fs::write(root.path().join(DB), content).unwrap();
    root
}

fn existing(data_dir: &Path) -> ExistingMember {
    let found = ExistingMember::find(data_dir, Holds::UpTo(10), Keep::IfAhead).unwrap();
    found.unwrap()
}

fn publish(data_dir: &Path, content: &[u8], disposition: Disposition) {
    let staging = Staging::over(data_dir, existing(data_dir)).unwrap();
    staging.create_dir("member/snap").unwrap();
    staging.write(DB, content).unwrap();
    staging
        .publish(&["member/snap", "member"], disposition)
        .unwrap();
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
    publish(dir, b"new", Disposition::Removed);
    assert_eq!(fs::read(dir.join(DB)).unwrap(), b"new");
    let aside = Aside::find(dir).unwrap();
    assert_eq!(fs::read(aside.dir().join(DB)).unwrap(), b"old");
    assert_eq!(aside.will_be_kept(), None);
    aside.settle().unwrap();
    assert_eq!(names(dir), ["member"]);
}

/// The first incident kept the only copy of acknowledged writes. A second one kept what the first had
/// restored, and removed that copy for it; and of three or more, those in the middle were removed without
/// a word, `--keep-old` or not.
#[test]
fn every_member_that_was_kept_stays() {
    let root = member(b"first");
    let dir = root.path();
    for content in [b"second", b"third.", b"fourth"] {
        publish(dir, content, Disposition::Kept);
        let aside = Aside::find(dir).unwrap();
        let old = aside.will_be_kept().unwrap();
        aside.settle().unwrap();
        assert!(old.join(DB).exists());
    }
    let kept = [".etcdbr.old", ".etcdbr.old-2", ".etcdbr.old-3"];
    assert_eq!(names(dir), [kept[0], kept[1], kept[2], "member"]);
    assert_eq!(
        Aside::kept_before(dir).unwrap(),
        kept.map(|name| dir.join(name))
    );
    let held = kept.map(|name| fs::read(dir.join(name).join(DB)).unwrap());
    assert_eq!(held, [&b"first"[..], b"second", b"third."]);
}

#[test]
fn what_turns_out_to_be_no_good_gives_the_place_back() {
    let root = member(b"old");
    publish(root.path(), b"new", Disposition::Kept);
    Aside::find(root.path()).unwrap().reinstate().unwrap();
    assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"old");
    assert_eq!(names(root.path()), ["member"]);
}

/// Where the file system cannot exchange two names there is a moment without a member.
#[test]
fn a_run_killed_between_two_renames_is_taken_back() {
    for kept in [".etcdbr.aside", ".etcdbr.aside-kept"] {
        let root = member(b"old");
        let (dir, aside) = (root.path(), root.path().join(kept));
        fs::create_dir(&aside).unwrap();
        fs::rename(dir.join("member"), aside.join("member")).unwrap();
        let refused = Staging::begin(dir).unwrap_err().to_string();
        assert!(refused.contains("was killed here"), "{refused}");
        assert_eq!(Aside::resume(dir).unwrap(), Resumed::PutBack);
        assert_eq!(fs::read(dir.join(DB)).unwrap(), b"old");
        assert_eq!(names(dir), ["member"]);
        assert_eq!(Aside::resume(dir).unwrap(), Resumed::Nothing);
    }
}

/// All below `from`, as a kill at this moment would leave it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        match from.is_dir() {
            true => copy(&from, &to),
            false => fs::copy(from, to).map(drop).unwrap(),
        }
    }
}

/// Killed just before the exchange, a run left the new member where the old one would be kept. The
/// next one kept it for the old one, and the old one came after it, where the third incident
/// removes it: the only copy of acknowledged writes.
#[test]
fn killed_at_the_exchange_the_new_member_is_not_taken_for_the_old_one() {
    for disposition in [Disposition::Kept, Disposition::Removed] {
        let (root, moments) = (member(b"old"), tempfile::tempdir().unwrap());
        let (dir, new) = (root.path(), root.path().join(".etcdbr.part/member"));
        let [before, after] = ["before", "after"].map(|moment| moments.path().join(moment));
        fs::create_dir_all(new.join("snap")).unwrap();
        fs::write(new.join("snap/db"), b"new").unwrap();
        mark::put_on(&new).unwrap();
        let stepwise = |one: &Path, other: &Path| {
            copy(dir, &before);
            let done = exchange(one, other);
            copy(dir, &after);
            done
        };
        Aside::swap_by(stepwise, dir, existing(dir), disposition, &new).unwrap();

        assert!(before.join("member/snap/db").exists());
        assert_eq!(Aside::resume(&before).unwrap(), Resumed::Nothing);
        assert!(Aside::find(&before).is_none());
        assert_eq!(fs::read(before.join(DB)).unwrap(), b"old");

        assert_eq!(Aside::resume(&after).unwrap(), Resumed::Nothing);
        assert_eq!(fs::read(after.join(DB)).unwrap(), b"new");
        let aside = Aside::find(&after).unwrap();
        assert_eq!(fs::read(aside.dir().join(DB)).unwrap(), b"old");
        // The next incident comes before anybody has settled that.
        publish(&after, b"third", disposition);
        let old = after.join(".etcdbr.old").join(DB);
        match disposition {
            Disposition::Kept => assert_eq!(fs::read(old).unwrap(), b"old"),
            Disposition::Removed => assert!(!old.exists()),
        }
        for dir in [&before, &after] {
            Aside::resume(dir).unwrap();
            assert!(!mark::is_on(&dir.join("member")));
        }
    }
}

/// Killed before anything was moved, a run left an empty directory, and the next one kept that in the
/// place of the newest member that was kept before.
#[test]
fn an_empty_aside_is_nothing_to_keep() {
    let root = member(b"damaged");
    let dir = root.path();
    for kept in [".etcdbr.old", ".etcdbr.old-newest"] {
        fs::create_dir_all(dir.join(kept).join("member/snap")).unwrap();
        fs::write(dir.join(kept).join(DB), kept).unwrap();
    }
    fs::create_dir(dir.join(".etcdbr.aside-kept")).unwrap();
    assert_eq!(Aside::find(dir).unwrap().will_be_kept(), None);
    Aside::find(dir).unwrap().settle().unwrap();
    for kept in [".etcdbr.old", ".etcdbr.old-newest"] {
        assert_eq!(fs::read(dir.join(kept).join(DB)).unwrap(), kept.as_bytes());
    }
    assert_eq!(names(dir), [".etcdbr.old", ".etcdbr.old-newest", "member"]);
}

/// The new member waits for the exchange, and somebody moves the old one away: it is the only one.
#[test]
fn what_waits_for_its_place_takes_it_when_it_is_free() {
    let root = member(b"new");
    let (dir, aside) = (root.path(), root.path().join(".etcdbr.aside-kept"));
    mark::put_on(&dir.join("member")).unwrap();
    fs::create_dir(&aside).unwrap();
    fs::rename(dir.join("member"), aside.join("member")).unwrap();
    assert_eq!(Aside::resume(dir).unwrap(), Resumed::PutBack);
    assert_eq!(fs::read(dir.join(DB)).unwrap(), b"new");
    assert!(!mark::is_on(&dir.join("member")));
    assert_eq!(names(dir), ["member"]);
}

#[test]
fn without_an_exchange_there_are_two_renames() {
    let root = member(b"old");
    let (dir, new) = (root.path(), root.path().join("new"));
    fs::create_dir_all(new.join("snap")).unwrap();
    fs::write(new.join("snap/db"), b"new").unwrap();
    let cannot = |_: &Path, _: &Path| Ok(Exchange::Unsupported);
    let aside = Aside::swap_by(cannot, dir, existing(dir), Disposition::Removed, &new).unwrap();
    assert_eq!(fs::read(dir.join(DB)).unwrap(), b"new");
    assert_eq!(fs::read(aside.dir().join(DB)).unwrap(), b"old");

    // And when the second fails, the first is undone.
    let gone = dir.join("gone");
    for exchange in [Exchange::Unsupported, Exchange::Done] {
        let swap = |_: &Path, _: &Path| Ok(exchange);
        let failed = Aside::swap_by(swap, dir, existing(dir), Disposition::Removed, &gone);
        assert!(failed.is_err());
        assert_eq!(fs::read(dir.join(DB)).unwrap(), b"new");
    }
}

/// Who looks in a loop never finds the place empty.
#[test]
fn there_is_no_moment_without_a_member() {
    let root = member(b"old");
    let db = root.path().join(DB);
    let done = std::sync::atomic::AtomicBool::new(false);
    let done = &done;
    std::thread::scope(|scope| {
        let looking = scope.spawn(move || {
            let mut looked = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(db.exists(), "after {looked} looks");
                looked += 1;
            }
        });
        for _ in 0..100 {
            publish(root.path(), b"new", Disposition::Removed);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        looking.join().unwrap();
    });
}

/// A second run judged the directory before the first had restored it, and would have restored it
/// once more, over an etcd that ran on it by then.
#[test]
fn another_member_than_the_one_looked_at_is_left_alone() {
    let root = member(b"old");
    let looked_at = existing(root.path());
    publish(root.path(), b"new", Disposition::Removed);
    let refused = Staging::over(root.path(), looked_at).unwrap_err();
    assert!(refused.to_string().contains("has changed"), "{refused}");
    assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"new");
}

#[test]
fn a_member_is_kept_unless_all_of_it_is_in_what_replaces_it() {
    let disposition = |holds, keep| {
        let root = member(b"");
        let found = ExistingMember::find(root.path(), holds, keep).unwrap();
        found.unwrap().disposition(10)
    };
    for (holds, fated) in [
        (Holds::Nothing, Disposition::Removed),
        (Holds::UpTo(10), Disposition::Removed),
        (Holds::UpTo(11), Disposition::Kept),
        (Holds::AtLeast(0), Disposition::Kept),
    ] {
        assert_eq!(disposition(holds, Keep::IfAhead), fated, "{holds:?}");
        assert_eq!(
            disposition(holds, Keep::Always),
            Disposition::Kept,
            "{holds:?}"
        );
    }
}

/// An etcd opens its database and waits for the lock; the exchange happens; and when this process ended,
/// that etcd got the lock of a file that has no name any more, and served from it.
#[test]
fn no_etcd_gets_a_database_that_is_removed() {
    let root = member(&[7; 300_000]);
    let dir = root.path();
    let waiting = fs::File::open(dir.join(DB)).unwrap();
    let held = keep_etcd_out(dir).unwrap();
    let lock = |file: &fs::File| lock::exclusive(file.try_clone().unwrap()).unwrap();
    assert!(
        lock(&waiting).is_none(),
        "an etcd could start before the exchange"
    );
    publish(dir, b"new", Disposition::Removed);
    Aside::find(dir).unwrap().settle().unwrap();
    assert!(
        lock(&waiting).is_none(),
        "an etcd could start before the end"
    );
    drop(held);
    assert!(lock(&waiting).is_some());
    let mut page = [0; 100];
    bolt::ReadAt::read_exact_at(&waiting, &mut page, 0).unwrap();
    assert_eq!(page, [0xFF; 100], "a meta page could still be read");
    assert!(
        waiting.metadata().unwrap().len() > 0,
        "bbolt begins a new database in an empty file"
    );
    assert!(bolt::Db::open(&waiting).is_err());
}
