//! `etcdbrctl conformance`: a user's own store on trial, and nothing left of it afterwards.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use conformance_tests::all;
use serde_json::Value;
use support::{Run, Site, contents};
use testkit::oss::{Account, Emulator};

fn report(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The files of the store. An empty directory is no object: the contract has no way to remove one.
fn files(site: &Site) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = contents(&site.store());
    files.retain(|path, _| path.is_file());
    files
}

/// How many cases ended so.
fn count(report: &Value, result: &str) -> usize {
    let cases = report["cases"].as_array().unwrap();
    cases.iter().filter(|case| case["result"] == result).count()
}

/// A bucket of the emulator, and a backup in it that is not to be touched.
fn bucket() -> (Site, Emulator) {
    let emulator = Emulator::start(vec![Account::new("mine", "mine-secret")]).unwrap();
    emulator.create_bucket("backups");
    let site = Site::new();
    let files = site.path().join("credentials");
    fs::create_dir(&files).unwrap();
    for (name, value) in [
        ("storageEndpoint", emulator.url()),
        ("accessKeyID", "mine"),
        ("accessKeySecret", "mine-secret"),
        ("region", "cn-hangzhou"),
    ] {
        fs::write(files.join(name), value).unwrap();
    }
    (site, emulator)
}

fn on_bucket(site: &Site, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env(
        "ALICLOUD_APPLICATION_CREDENTIALS",
        site.path().join("credentials"),
    );
    command.args(["conformance", "--storage-provider", "OSS"]);
    command.args(["--store-container", "backups", "--store-prefix", "mine"]);
    Run::of({
        command.args(args);
        command
    })
}

#[test]
fn a_local_store_keeps_every_promise_and_is_left_as_it_was() {
    let site = Site::with_backup("e35-gzip");
    let before = files(&site);
    let report = report(&site.run("conformance", &["--output", "json"]));
    assert_eq!(report["cases"].as_array().unwrap().len(), all().count());
    assert_eq!(count(&report, "broken"), 0, "{report}");
    for result in ["kept", "broken", "not_offered", "not_tried"] {
        let counted = report["summary"][result].as_u64().unwrap();
        assert_eq!(counted, count(&report, result) as u64, "{result}: {report}");
    }
    // It has no versions, and says so.
    assert!(count(&report, "not_offered") > 0, "{report}");
    assert_eq!(report["left_behind"], 0);
    assert!(files(&site) == before, "other files are there than before");
}

#[test]
fn a_bucket_keeps_every_promise_and_is_left_empty() {
    let (site, _emulator) = bucket();
    let run = on_bucket(&site, &["--case", "upload::"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let line = |case: &str| format!("kept         {case}\n");
    for case in all().filter(|case| case.name.starts_with("upload::")) {
        assert!(run.stdout.contains(&line(case.name)), "{}", run.stdout);
    }
    assert!(
        run.stdout
            .contains("oss://backups/mine/etcdbr-conformance-")
    );
    let tried = all().filter(|case| case.name.contains("upload::")).count();
    let summary = format!("\n{tried} kept, 0 broken, 0 not offered\n");
    assert!(run.stdout.ends_with(&summary), "{}", run.stdout);
    // Every object of the bucket, and every upload that was begun in it, is gone.
    let listed = on_bucket(&site, &["--dry-run", "--output", "json", "--case", "put::"]);
    assert_eq!(report(&listed)["left_behind"], 0);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let site = Site::new();
    let before = contents(&site.store());
    let run = site.run("conformance", &["--dry-run", "--case", "create_new"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let wanted = "would try    put::create_new_has_one_winner";
    assert!(run.stdout.contains(wanted), "{}", run.stdout);
    assert!(run.stdout.contains("would write under"), "{}", run.stdout);
    assert_eq!(contents(&site.store()), before);
}

#[test]
fn a_filter_that_fits_nothing_is_an_error() {
    let site = Site::new();
    let run = site.run("conformance", &["--case", "no such promise"]);
    run.failed_with(&["no such promise", "--dry-run"]);
}

/// A policy that forbids to delete for a day breaks no promise that a store with retention makes,
/// but it keeps what the trial has written: the operator is told how much, and exits as the
/// promises say.
#[test]
fn what_cannot_be_removed_is_counted() {
    let (site, emulator) = bucket();
    emulator.retain("backups", 1);
    let args = ["--case", "put::what_was_put_is_read", "--output", "json"];
    let run = on_bucket(&site, &args);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(report["left_behind"].as_u64() > Some(0), "{report}");
    assert!(
        run.stderr.contains("could not be removed"),
        "{}",
        run.stderr
    );
}

/// Whatever the store does, a broken promise is exit code 1 and a word on which.
#[test]
fn a_broken_promise_is_a_failure() {
    let (site, emulator) = bucket();
    // Nothing may be overwritten: no store that backups can be kept in as they are now.
    emulator.retain("backups", 1);
    let run = on_bucket(&site, &["--case", "put::overwrite"]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(
        run.stdout.contains("BROKEN       put::overwrite"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains(" that were tried: do not keep backups there"),
        "{}",
        run.stderr
    );
}
