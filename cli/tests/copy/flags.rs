//! Flags, and what is printed.

use std::fs;
use std::process::Command;

use testkit::backup::Compression::Gzip;

use crate::pair::{Pair, outcomes};
use crate::support::{History, Run, Site, contents, delta_name, full_name};

/// Three chains: fulls at 20, 40 and 60, the last one final.
fn three() -> (Site, Vec<String>) {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(70, 1);
    for revision in [20, 40, 60] {
        site.put_full(&history, revision);
        site.put_delta(&history, revision + 1, revision + 10);
    }
    let last = full_name(60, Gzip);
    fs::rename(site.object(&last), site.object(&format!("{last}.final"))).unwrap();
    let chain = |revision| {
        let delta = delta_name(revision + 1, revision + 10, Gzip);
        [full_name(revision, Gzip), delta]
    };
    (site, [60, 40, 20].into_iter().flat_map(chain).collect())
}

/// The Job that etcd-druid starts (0.37, `etcdcopybackupstask/reconciler.go`), word for word but for the paths.
#[test]
fn the_job_of_etcd_druid_runs_as_it_is() {
    let (source, names) = three();
    let room = tempfile::tempdir().unwrap();
    let home = room.path();
    let old = home.join("old/shoot--a/etcd-main");
    fs::create_dir_all(&old).unwrap();
    fs::rename(source.store().join("v2"), old.join("v2")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", home).args([
        "copy",
        "--snapstore-temp-directory=/home/nonroot/data/tmp",
        "--storage-provider=Local",
        "--store-prefix=shoot--a/etcd-main",
        "--store-container=new",
        "--source-storage-provider=Local",
        "--source-store-prefix=shoot--a/etcd-main",
        "--source-store-container=old",
        "--max-backup-age=100000",
        "--max-backups-to-copy=2",
        "--wait-for-final-snapshot=true",
        "--wait-for-final-snapshot-timeout=1h0m0s",
    ]);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let there = fs::read_dir(home.join("new/shoot--a/etcd-main/v2")).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> = there.collect();
    there.sort();
    let mut expected = names[..4].to_vec();
    expected.sort();
    assert_eq!(there, expected);
    assert!(run.stderr.contains("--snapstore-temp-directory"));
}

#[test]
fn what_is_asked_for_is_copied_and_the_rest_is_named() {
    let (source, names) = three();
    let pair = Pair::from(source);
    let report = pair.copied(&["--max-backups-to-copy", "1", "--dry-run"]);
    assert_eq!(report["dry_run"], true);
    assert!(pair.there().is_empty(), "a dry run copied");
    assert!(!pair.destination.store().exists());
    let planned = outcomes(&report);
    assert_eq!((planned["would_copy"], planned["left_out"]), (2, 4));
    let report = pair.copied(&["--max-backups-to-copy=1"]);
    let done = outcomes(&report);
    assert_eq!((done["copied"], done["left_out"]), (2, 4));
    let keys: Vec<String> = pair.there().into_keys().collect();
    assert_eq!(
        keys,
        [&names[0], &names[1]].map(|name| format!("v2/{name}"))
    );
    // The rest, newest chains first.
    let report = pair.copied(&["--max-backups-to-copy", "-1", "--max-backup-age", "-1"]);
    let order = report["objects"].as_array().unwrap();
    let order = order.iter().map(|line| line["to"].as_str().unwrap());
    assert_eq!(
        order.collect::<Vec<_>>(),
        names
            .iter()
            .map(|name| format!("v2/{name}"))
            .collect::<Vec<_>>()
    );
    let table = pair.run(&[]);
    assert!(table.stdout.contains("6 there already"), "{}", table.stdout);
    assert!(table.stdout.contains("0 snapshots (0 B) copied"));
}

/// A chain that somebody has marked is not copied against what was asked for, and nobody has to find that out from a list.
#[test]
fn marks_that_stay_behind_are_said() {
    let (source, names) = three();
    source.run("keep", &[&names[4]]);
    let pair = Pair::from(source);
    let report = pair.copied(&["--max-backups-to-copy", "1"]);
    let warnings = report["warnings"].to_string();
    assert!(
        warnings.contains("1 snapshot that somebody has marked"),
        "{warnings}"
    );
    assert!(!pair.there().contains_key(&format!("v2/{}", names[4])));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let (source, _) = three();
    let pair = Pair::from(source);
    for (args, words) in [
        (&["--max-backups-to-copy", "-2"][..], "-1 or more"),
        (&["--max-backup-age", "x"], "-1 or more"),
        (&["--max-parallel-copy-operations", "0"], "1 or more"),
        (&["--bandwidth-limit", "0"], "10MiB"),
        (&["--bandwidth-limit", "10 MB"], "10MiB"),
        (&["--wait-for-final-snapshot-timeout", "-1s"], "negative"),
        (&["--min-chunk-size", "1"], "5242880 or more"),
    ] {
        pair.run(args).failed_with(&[words]);
    }
    let site = &pair.source;
    let store = site.store().display().to_string();
    let itself = site.run("copy", &["--source-store-container", &store]);
    itself.failed_with(&["source and destination are both", &store]);
}

/// The same directory by another name was "10 there already": whoever had one copy believed that there were two. And one within
/// the other was written to, below the snapshots of the source.
#[test]
fn a_directory_by_another_name_is_no_second_one() {
    let (source, _) = three();
    let pair = Pair::from(source);
    let site = &pair.source;
    let (store, link) = (site.store(), site.path().join("link"));
    std::os::unix::fs::symlink(&store, &link).unwrap();
    let before = contents(&store);
    let round = store.join("../store");
    for (to, told) in [
        (link, "source and destination are both"),
        (round, "source and destination are both"),
        (store.join("v2"), "one in the other"),
        (store.join("meta/second"), "one in the other"),
    ] {
        let mut command = pair.command(&[]);
        // The last one counts.
        command.arg("--store-container").arg(&to);
        Run::of(command).failed_with(&[told]);
        assert_eq!(contents(&store), before, "{}", to.display());
    }
    // Beside the snapshots there is room for others.
    let beside = store.join("second");
    let mut command = pair.command(&[]);
    command.arg("--store-container").arg(&beside);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(beside.join("v2").is_dir());
}

/// Filters that leave everything out ended with exit code 0 and no word, as if all were there.
#[test]
fn that_nothing_is_copied_is_said() {
    let (source, _) = three();
    let pair = Pair::from(source);
    let none = pair.copied(&["--max-backups-to-copy", "0"]);
    let warnings = none["warnings"].to_string();
    assert!(warnings.contains("leaves every snapshot out"), "{warnings}");
    let unchecked = pair.copied(&["--skip-hash-check"]);
    let warnings = unchecked["warnings"].to_string();
    assert!(warnings.contains("are not compared"), "{warnings}");
}

/// A misspelt source looked like a cluster without backups for ever; a cluster that has none yet is no error, or its
/// migration would never end.
#[test]
fn a_source_without_backups_is_named_as_what_it_is() {
    let pair = Pair::from(Site::new());
    let report = pair.copied(&[]);
    assert_eq!(report["copied"], 0);
    assert!(
        report["warnings"].to_string().contains("holds no backup"),
        "{report}"
    );
    fs::remove_dir_all(pair.source.store()).unwrap();
    let missing = Run::of(pair.command(&[]));
    missing.failed_with(&["the source", "is not there"]);
    // Which of the two stores is meant, the flag says.
    let none = ["--source-store-container", "none"];
    let none = Run::of(pair.destination.command("copy", &none));
    none.failed_with(&["the source", "--source-store-container \"none\" is"]);
    let of_source = ["--source-storage-provider", "S3"];
    let told = "--source-store-container is the name of a bucket alone";
    Run::of(pair.command(&of_source)).failed_with(&["the source", told]);
    let bucket = ["--source-store-container", "bucket"];
    let words = [of_source, bucket].concat();
    let run = Run::of(pair.destination.command("copy", &words));
    run.failed_with(&["the source", "set SOURCE_AWS_APPLICATION_CREDENTIALS"]);
    let told = "S3 store: invalid configuration: --store-container";
    let own = ["--storage-provider", "S3"];
    Run::of(pair.command(&own)).failed_with(&["the destination", told]);
    let (source, _) = three();
    let pair = Pair::from(source);
    let above = Run::of(pair.command(&["--source-store-prefix", "v2"]));
    above.failed_with(&["the source", "--source-store-"]);
}

/// What is copied at a limit of some bytes a second is not copied faster, and tells so.
#[test]
fn a_limit_holds_and_a_timeout_ends_it() {
    let (source, _) = three();
    let pair = Pair::from(source);
    let args = ["--bandwidth-limit", "10", "--timeout", "1s"];
    let run = Run::of(pair.command(&args));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for words in [
        "not done within 1s (--timeout)",
        "interrupted: 0 copied",
        "6 snapshots not",
    ] {
        assert!(run.stderr.contains(words), "no {words:?} in {}", run.stderr);
    }
    assert!(pair.there().is_empty());
    assert_eq!(pair.copied(&["--bandwidth-limit", "1GiB"])["copied"], 6);
}
