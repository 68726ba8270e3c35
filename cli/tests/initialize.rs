//! `initialize` and `validate` from the outside: what is left alone, what is restored, what is refused.

mod support;

use std::fs;

use serde_json::Value;
use support::initialized::{
    DB, damage, everything, initialize, outcome, restored, revision, validate,
};
use support::{Run, Site, delta_name, full_name};
use testkit::backup::Compression::Gzip;

#[test]
fn a_first_start_creates_nothing() {
    let site = Site::new();
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "DataDirectoryNotExist");
    assert_eq!(said["deed"], "first_start");
    assert!(!site.path().join("out").exists());
}

/// The root of a new volume is a directory with nothing of ours in it.
#[test]
fn the_root_of_a_new_volume_is_a_first_start() {
    let site = Site::new();
    fs::create_dir_all(site.data_dir().join("lost+found")).unwrap();
    let before = everything(&site.data_dir());
    assert_eq!(outcome(&site, &[])["deed"], "first_start");
    assert_eq!(everything(&site.data_dir()), before);
}

/// The reference repairs and renames what it looks at, and boots an etcd on it.
#[test]
fn a_healthy_directory_is_not_changed_by_being_looked_at() {
    let site = restored();
    let before = everything(&site.path().join("out"));
    for mode in ["full", "sanity"] {
        let args = ["--validation-mode", mode];
        let run = validate(&site, &args);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stdout.starts_with("DataDirectoryValid: "),
            "{}",
            run.stdout
        );
        assert_eq!(outcome(&site, &args)["deed"], "untouched");
        outcome(&site, &["--dry-run", args[0], args[1]]);
        assert_eq!(everything(&site.path().join("out")), before, "{mode}");
    }
}

#[test]
fn a_damaged_directory_is_restored_once() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    assert_eq!(validate(&site, &[]).code, Some(13));
    let planned = outcome(&site, &["--dry-run"]);
    assert_eq!(planned["deed"], "restored");
    // "action_taken": "restored" stood beside "dry_run": true, of a directory that nothing was done to.
    assert_eq!(planned["action_taken"], Value::Null);
    assert_eq!(planned["planned_action"], "restore");
    assert_eq!(everything(&site.path().join("out")), before);

    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "BoltDBCorrupt");
    assert_eq!(said["deed"], "restored");
    assert_eq!(said["restored"]["revision"], 60);
    assert_eq!(said["loss"]["measure"], "nothing");
    assert_eq!(said["old"], Value::Null);
    assert_eq!(said["action_taken"], "restored");
    assert!(said.get("planned_action").is_none(), "{said}");
    // It was gone, and nothing said so.
    let told = said["explanation"].as_str().unwrap();
    assert!(
        told.contains("The old member is removed: what it wrote last"),
        "{told}"
    );
    assert_eq!(revision(&site), 60);
    let mut left: Vec<_> = fs::read_dir(site.path().join("out")).unwrap().collect();
    left.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    let names: Vec<_> = left.into_iter().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["new.etcd", "new.etcd.initialized.json"]);
    let report = fs::read(site.path().join("out/new.etcd.initialized.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&report).unwrap(), said);
    assert_eq!(fs::read_dir(site.data_dir()).unwrap().count(), 1);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
}

/// The database that a leader has sent waits beside an empty log: it is taken at the next start, and
/// was removed as if there were nothing.
#[test]
fn a_database_from_the_leader_is_something_to_keep() {
    for (name, kept) in [
        ("0000000000000009.snap.db", true),
        ("0000000000000001-0000000000000009.snap", true),
        ("tmp123.tmp", false),
    ] {
        let (site, _) = Site::with_history();
        for dir in ["member/snap", "member/wal"] {
            fs::create_dir_all(site.data_dir().join(dir)).unwrap();
        }
        let sent = site.data_dir().join("member/snap").join(name);
        fs::write(&sent, "all that was acknowledged").unwrap();
        let said = outcome(&site, &[]);
        assert_eq!(said["deed"], "restored", "{name}");
        let old = site.data_dir().join(".etcdbr.old/member/snap").join(name);
        assert_eq!(old.exists(), kept, "{name}");
    }
}

#[test]
fn an_old_state_is_brought_up_to_date() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    for mode in ["sanity", "full"] {
        assert_eq!(validate(&site, &["--validation-mode", mode]).code, Some(14));
    }
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "RevisionConsistencyError");
    assert_eq!(revision(&site), 60);
}

/// A member at revision 40 would have been thrown away for a state at 20, since an object that
/// cannot be used says 60 in its name.
#[test]
fn a_whole_directory_is_not_replaced_by_an_older_state() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    site.put(&delta_name(21, 40, Gzip), "no gzip at all");
    let before = everything(&site.data_dir().join("member"));
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "RevisionConsistencyError");
    assert_eq!(said["deed"], "untouched");
    assert_eq!(everything(&site.data_dir().join("member")), before);
}

/// The reference never goes back before the newest chain, though an older one lies beside it.
#[test]
fn bad_objects_are_passed_over() {
    let bad = |names: &[String]| {
        let (site, history) = Site::with_history();
        site.put_full(&history, 60);
        history_goes_on(&site);
        for name in names {
            let whole = site.read(name);
            site.put(name, &whole[..whole.len() / 2]);
        }
        let said = outcome(&site, &[]);
        let passed: Vec<_> = said["passed_over"].as_array().unwrap().clone();
        let passed: Vec<String> = passed
            .iter()
            .map(|object| object["object"].as_str().unwrap().to_owned())
            .collect();
        let count = names
            .iter()
            .filter(|name| passed.contains(&format!("v2/{name}")))
            .count();
        assert_eq!(count, names.len(), "{passed:?}");
        assert_eq!(said["loss"]["revisions"], 80 - revision(&site));
        // Histories happen at one revision a second.
        assert_eq!(said["loss"]["seconds"], 80 - revision(&site));
        revision(&site)
    };
    let (full, delta) = (full_name(60, Gzip), delta_name(61, 80, Gzip));
    assert_eq!(bad(&[]), 80);
    assert_eq!(bad(std::slice::from_ref(&delta)), 60);
    // The chain before leads as far.
    assert_eq!(bad(std::slice::from_ref(&full)), 80);
    assert_eq!(bad(&[full.clone(), delta.clone()]), 60);
    assert_eq!(bad(&[full, delta, delta_name(41, 60, Gzip)]), 40);
}

/// Of five objects that could not be used three were counted and named: the others follow on these.
#[test]
fn what_follows_on_a_bad_object_is_named_too() {
    let (site, _) = Site::with_history();
    let bad = delta_name(21, 40, Gzip);
    let whole = site.read(&bad);
    site.put(&bad, &whole[..whole.len() / 2]);
    let said = outcome(&site, &[]);
    assert_eq!(revision(&site), 20);
    let passed = said["passed_over"].as_array().unwrap();
    let passed: Vec<_> = passed
        .iter()
        .map(|one| one["object"].as_str().unwrap())
        .collect();
    let meant = [bad, delta_name(41, 60, Gzip)].map(|name| format!("v2/{name}"));
    assert_eq!(passed, meant);
}

/// The history of [`Site::with_history`], once more and further.
fn history_goes_on(site: &Site) {
    let mut history = support::History::default();
    history.wander(60, 1);
    history.wander(80, 2);
    site.put_delta(&history, 61, 80);
}

#[test]
fn when_all_fulls_are_bad_the_directory_stays() {
    let site = restored();
    damage(&site);
    site.put(&full_name(20, Gzip), "");
    let before = everything(&site.data_dir());
    initialize(&site, &[]).failed_with(&["no state can be restored", &full_name(20, Gzip)]);
    let now = everything(&site.data_dir());
    let root = site.data_dir();
    for (path, was) in before.iter().filter(|(path, _)| **path != root) {
        assert_eq!(now.get(path), Some(was), "{}", path.display());
    }
    assert_eq!(now.len(), before.len());
}

#[test]
fn the_volume_of_another_is_left_alone() {
    let site = restored();
    let named = |namespace: &str, verb: &str| {
        let mut command = site.command(verb, &["--data-dir"]);
        command.arg(site.data_dir()).env("POD_NAMESPACE", namespace);
        Run::of(command)
    };
    assert_eq!(named("garden", "initialize").code, Some(0));
    let guard = site.path().join("out/safe_guard");
    assert_eq!(fs::read(&guard).unwrap(), b"garden");
    damage(&site);
    let before = everything(&site.path().join("out"));
    named("shoot", "initialize").failed_with(&["belongs to \"garden\"", "mount the right one"]);
    assert_eq!(named("shoot", "validate").code, Some(20));
    assert_eq!(everything(&site.path().join("out")), before);
    assert_eq!(named("garden", "initialize").code, Some(0));
    assert_eq!(revision(&site), 60);
}

#[test]
fn an_old_member_is_kept_when_it_is_asked_for() {
    let site = restored();
    damage(&site);
    let damaged = fs::read(site.data_dir().join(DB)).unwrap();
    let said = outcome(&site, &["--keep-old"]);
    let kept = site.data_dir().join(".etcdbr.old");
    assert_eq!(said["old"]["path"], kept.to_str().unwrap());
    assert_eq!(fs::read(kept.join(DB)).unwrap(), damaged);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    assert!(kept.exists());
}

/// A directory of three members gets its state from the others.
#[test]
fn a_member_of_several_is_left_to_a_human() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let cluster = "--initial-cluster=default=http://localhost:2380,b=http://b:2380";
    initialize(&site, &[cluster]).failed_with(&["others", "etcdctl member remove"]);
    assert_eq!(everything(&site.path().join("out")), before);
}

/// A member that is added to a cluster has no directory yet. It was left to the others whether they
/// were there or not: a cluster that had lost all its members began with an empty store.
#[test]
fn a_new_member_of_several_gets_its_state_from_the_others() {
    let (site, _) = Site::with_history();
    let cluster = "--initial-cluster=default=http://localhost:2380,b=http://b:2380";
    for flags in [&[cluster][..], &[cluster, "--initial-cluster-state=new"]] {
        initialize(&site, flags).failed_with(&["--initial-cluster-state existing", "restore"]);
        assert!(!site.data_dir().exists());
    }
    let existing = "--initial-cluster-state=existing";
    let said = outcome(&site, &[cluster, existing]);
    assert_eq!(said["deed"], "first_start");
    let words = said["explanation"].as_str().unwrap();
    assert!(words.contains("gets its state from them"), "{words}");
    assert!(!site.data_dir().exists());
    let planned = outcome(&site, &[cluster, existing, "--dry-run"]);
    assert_eq!(planned["deed"], "first_start");
}
