//! Revisions are counted in every cluster alike: what leads further need not be what went on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::process::Command;

use serde_json::Value;
use support::initialized::{revision, validate};
use support::{History, Run, Site, contents, delta_name, full_name, spoilt};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;

const DB: &str = "member/snap/db";

fn initialize(site: &Site, args: &[&str]) -> Run {
    let data_dir = site.data_dir();
    let data_dir = data_dir.to_str().unwrap();
    let fixed = ["--data-dir", data_dir, "--output", "json"];
    site.run("initialize", &[&fixed, args].concat())
}

fn outcome(site: &Site, args: &[&str]) -> Value {
    let run = initialize(site, args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A member at revision 60, beside a store of another cluster that leads to 90.
fn foreign() -> Site {
    let (site, _) = Site::with_history();
    site.restore(&[]);
    site.remove(&full_name(20, Gzip));
    site.remove(&delta_name(21, 40, Gzip));
    site.remove(&delta_name(41, 60, Gzip));
    let mut other = History::default();
    other.wander(90, 2);
    site.put_full(&other, 20);
    site.put_delta(&other, 21, 90);
    site
}

/// A mistyped prefix led to the backups of another cluster, which led further: a healthy member was
/// removed for them, and nothing was said to be lost.
#[test]
fn a_whole_directory_is_not_replaced_by_the_backups_of_another_cluster() {
    let site = foreign();
    let before = contents(&site.data_dir());
    initialize(&site, &[]).failed_with(&["another history", "prefix of the store"]);
    assert_eq!(contents(&site.data_dir()), before);
}

/// The dry run said "would be restored" without a condition, and the run refused.
#[test]
fn a_dry_run_says_on_what_a_restore_depends() {
    let site = foreign();
    let planned = outcome(&site, &["--dry-run"]);
    let unless = planned["unless"].as_str().unwrap();
    assert!(
        unless.contains("what it wrote last is not found"),
        "{unless}"
    );
    let dir = site.data_dir();
    let told = site.run(
        "initialize",
        &["--dry-run", "--data-dir", dir.to_str().unwrap()],
    );
    let mut lines = told.stdout.lines();
    assert!(
        lines.next().unwrap().ends_with("on a condition"),
        "{}",
        told.stdout
    );
    assert!(
        lines.any(|line| line.starts_with("  unless ")),
        "{}",
        told.stdout
    );
    initialize(&site, &[]).failed_with(&["another history"]);

    // Where there is no member, there is no condition; nor after a run.
    fs::remove_dir_all(&dir).unwrap();
    let planned = outcome(&site, &["--dry-run"]);
    assert!(planned.get("unless").is_none(), "{planned}");
    assert!(outcome(&site, &[]).get("unless").is_none());
}

/// Of a damaged member and no store at all it said "check the name of the container and the prefix of the store",
/// which nobody had named.
#[test]
fn that_no_store_was_named_is_said() {
    let site = foreign();
    fs::write(site.data_dir().join(DB), b"gone").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().env("HOME", site.path());
        command
            .args(["initialize", "--data-dir"])
            .arg(site.data_dir());
        Run::of({
            command.args(args);
            command
        })
    };
    let refused = run(&[]);
    refused.failed_with(&["Nothing is done", "no store of backups is named"]);
    assert!(!refused.stderr.contains("container"), "{}", refused.stderr);
    let planned = run(&["--dry-run"]).stdout;
    assert!(
        planned.contains("would    Nothing would be done, since"),
        "{planned}"
    );
}

/// A damaged one was restored from them: etcd started on the state of another cluster, and served it.
#[test]
fn a_damaged_directory_is_not_replaced_by_the_backups_of_another_cluster_unasked() {
    let site = foreign();
    let path = site.data_dir().join(DB);
    let damaged = spoilt(&fs::read(&path).unwrap());
    fs::write(&path, &damaged).unwrap();
    let before = contents(&site.data_dir());
    let words = [
        "another cluster",
        "prefix of the store",
        "--allow-other-cluster",
    ];
    initialize(&site, &[]).failed_with(&words);
    assert_eq!(contents(&site.data_dir()), before);
    let said = outcome(&site, &["--allow-other-cluster"]);
    assert_eq!(said["restored"]["kinship"]["foreign"], 60, "{said}");
    assert_eq!(said["restored"]["reached"], 90);
    let kept = site.data_dir().join(".etcdbr.old").join(DB);
    assert_eq!(fs::read(kept).unwrap(), damaged);
}

/// After a restore to revision 40 and more backups from there, the next start restored the history
/// that had been left, since it led to 60. The mark of such a restore tells the two apart now; what
/// another tool restored has none.
#[test]
fn two_histories_are_left_to_a_human() {
    let (site, _) = Site::with_history();
    site.restore(&["--to-revision", "40"]);
    fs::remove_file(site.data_dir().join("member/.etcdbr.chosen.json")).unwrap();
    let mut newer = History::default();
    newer.wander(40, 1);
    newer.wander(45, 9);
    let content = compress(Gzip, &newer.full(45));
    site.put("Full-00000000-00000045-2000000000.gz", content);
    let before = contents(&site.data_dir());
    let words = [
        "two histories",
        "Full-00000000-00000045",
        "move the objects of the other",
    ];
    initialize(&site, &[]).failed_with(&words);
    assert_eq!(contents(&site.data_dir()), before);
}

/// The clock of the machine that took a full was an hour ahead: "the store holds two histories", and a
/// member that was behind was not brought forward. What the full holds is what the other objects lead to.
#[test]
fn a_clock_that_was_ahead_is_no_second_history() {
    let (site, history) = Site::with_history();
    site.restore(&["--to-revision", "40"]);
    fs::remove_file(site.data_dir().join("member/.etcdbr.chosen.json")).unwrap();
    let ahead = "Full-00000000-00000030-2000000000.gz";
    site.put(ahead, compress(Gzip, &history.full(30)));
    let before = contents(&site.data_dir());
    let run = validate(&site, &[]);
    assert_eq!(run.code, Some(14), "{}", run.stderr);
    assert!(
        run.stdout.contains("the clock of a machine was ahead, or"),
        "{}",
        run.stdout
    );
    // A dry run reads no object, and says on what it depends.
    let said = initialize(&site, &["--dry-run"]);
    assert!(
        said.stdout.contains("a proof that they are of one history"),
        "{}",
        said.stdout
    );
    assert_eq!(contents(&site.data_dir()), before);

    // What cannot be compared is not proven.
    let first = full_name(20, Gzip);
    let kept = site.read(&first);
    site.remove(&first);
    initialize(&site, &[]).failed_with(&["without a proof", ahead]);
    assert_eq!(contents(&site.data_dir()), before);

    site.put(&first, kept);
    let done = outcome(&site, &[]);
    assert_eq!(done["restored"]["revision"], 60, "{done}");
    assert_eq!(done["restored"]["kinship"], "same", "{done}");
    let told = done["explanation"].as_str().unwrap();
    assert!(
        told.contains("of one history, and a clock was ahead"),
        "{told}"
    );
    assert_eq!(revision(&site), 60);
}

/// A member at revision 40 was removed for a state at 20: raised by 1000 it seemed to lead further.
#[test]
fn a_raised_revision_is_not_compared() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    site.put(&delta_name(21, 40, Gzip), "no gzip at all");
    let before = contents(&site.data_dir().join("member"));
    let said = outcome(&site, &["--bump-revision", "1000"]);
    assert_eq!(said["deed"], "untouched");
    assert_eq!(contents(&site.data_dir().join("member")), before);
}
