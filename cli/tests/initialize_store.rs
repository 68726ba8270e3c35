//! `initialize` beside a store that holds no backup, or is not there.

mod support;

use std::fs;
use std::path::Path;

use support::initialized::{DB, damage, everything, initialize, outcome, restored, validate};
use support::{Run, Site, full_name};
use testkit::backup::Compression::Gzip;

/// With an empty store the reference deletes a corrupt directory and says that all went well.
#[test]
fn an_empty_store_costs_no_data() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let empty = Site::new();
    let empty_store = empty.store();
    let store = ["--store-container", empty_store.to_str().unwrap()];
    let refused = initialize(&site, &store);
    refused.failed_with(&["holds no backup", "the only copy", "--allow-empty-start"]);
    let unnamed = Run::of({
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["initialize", "--data-dir"])
            .arg(site.data_dir());
        command
    });
    unnamed.failed_with(&["No store of backups is named", "--allow-empty-start"]);
    assert_eq!(everything(&site.path().join("out")), before);

    let said = outcome(&site, &[store[0], store[1], "--allow-empty-start"]);
    assert_eq!(said["deed"], "cleared");
    assert!(!site.data_dir().join("member").exists());
    assert!(said["old"]["bytes"].as_u64().unwrap() > 0);
    let kept = site.data_dir().join(".etcdbr.old").join(DB);
    assert_eq!(fs::read(kept).unwrap(), before[&site.data_dir().join(DB)].3);
    // And now it is a first start.
    assert_eq!(outcome(&site, &store)["deed"], "first_start");
}

/// A volume with the backups that was not mounted looked like a store without any. On the very first
/// start nobody has made that directory yet, so a start without a member is none the worse for it.
#[test]
fn a_container_that_is_not_there_costs_no_data() {
    let site = restored();
    let lost = site.path().join("lost");
    let store = ["--store-container", lost.to_str().unwrap()];
    assert_eq!(outcome(&site, &store)["deed"], "untouched");
    damage(&site);
    let before = everything(&site.path().join("out"));
    for more in [&[][..], &["--allow-empty-start"]] {
        let refused = initialize(&site, &[&store, more].concat());
        let place = format!("file://{}", lost.display());
        refused.failed_with(&["is not there", &place, "mount the volume"]);
    }
    assert_eq!(everything(&site.path().join("out")), before);
    fs::remove_dir_all(site.data_dir()).unwrap();
    let started = initialize(&site, &store);
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    assert!(
        started.stderr.contains("is not there"),
        "{}",
        started.stderr
    );
    assert!(!lost.exists());
}

/// Who named the directory `v2` itself got a first start, exit 0, beside all backups of the cluster.
#[test]
fn the_directory_of_the_backups_is_no_place_for_a_first_start() {
    let (site, _) = Site::with_history();
    let v2 = site.store().join("v2");
    let store = ["--store-container", v2.to_str().unwrap()];
    let full = full_name(20, Gzip);
    let words = ["holds no backup", &full, "name the directory above it"];
    for more in [&[][..], &["--allow-empty-start"]] {
        initialize(&site, &[&store, more].concat()).failed_with(&words);
    }
    let told = outcome(&site, &[store[0], store[1], "--dry-run"]);
    assert_eq!(told["deed"], "refused");
}

/// A prefix with a level too many or too few was a first start, and nobody was told of the backups
/// that lay beside.
#[test]
fn what_was_passed_over_is_told() {
    let (site, _) = Site::with_history();
    let told = |container: &Path, words: &[&str]| {
        let run = initialize(&site, &["--store-container", container.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for word in words.iter().chain(&["holds no backup"]) {
            let told = format!("{}{}", run.stdout, run.stderr);
            assert!(told.contains(word), "no {word:?} in: {told}");
        }
    };
    let full = full_name(20, Gzip);
    told(
        site.path(),
        &[&format!("store/v2/{full}"), "are there: 3, the first"],
    );
    let unrecognized = Site::new();
    unrecognized.put("notes.txt", "none of ours");
    told(
        &unrecognized.store(),
        &["1 object that is no backup was passed over", "v2/notes.txt"],
    );
}

/// A script lost the name of its container, and every start was a first one.
#[test]
fn flags_of_a_store_without_a_store_are_refused() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args(["initialize", "--data-dir", "/no/such"]);
    command.args(["--store-prefix", "main"]);
    Run::of(command).failed_with(&["--store-prefix is given", "--store-container"]);
}

#[test]
fn a_store_that_does_not_answer_costs_no_data() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let listing = site.store().join("v2");
    fs::remove_dir_all(&listing).unwrap();
    // Who follows it never arrives.
    std::os::unix::fs::symlink("v2", &listing).unwrap();
    for args in [&[][..], &["--allow-empty-start"], &["--dry-run"]] {
        initialize(&site, args).failed_with(&["cannot read the backups in"]);
    }
    assert_eq!(validate(&site, &[]).code, Some(1));
    assert_eq!(everything(&site.path().join("out")), before);
}
