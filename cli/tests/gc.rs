//! `gc` and `keep`, as operators run them: what goes, what stays, and that both are said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use support::{Run, Site};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::synthetic::History;

const FIRST: &str = "Full-00000000-00000020-1600000020.gz";

/// Fulls 20, 70 and 80, deltas to 40 and 60, whose names are of one day in 2020.
fn just_written() -> Site {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(80, 1);
    for revision in [20, 70, 80] {
        let name = format!(
            "Full-00000000-{revision:08}-{}.gz",
            1_600_000_000 + revision
        );
        site.put(&name, compress(Gzip, &history.full(revision)));
    }
    for (first, last) in [(21, 40), (41, 60)] {
        let name = format!("Incr-{first:08}-{last:08}-{}.gz", 1_600_000_000 + last);
        site.put(&name, compress(Gzip, &history.delta(first..=last)));
    }
    site
}

/// The same, as the store says as well.
fn site() -> Site {
    let site = just_written();
    for entry in fs::read_dir(site.store().join("v2")).unwrap() {
        let file = File::options().append(true).open(entry.unwrap().path());
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
        file.unwrap().set_modified(long_ago).unwrap();
    }
    site
}

fn objects(site: &Site) -> usize {
    fs::read_dir(site.store().join("v2")).unwrap().count()
}

fn succeeded(run: Run) -> Run {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

fn json(site: &Site, flags: &[&str]) -> Value {
    let run = succeeded(site.run("gc", &[flags, &["-o", "json"]].concat()));
    serde_json::from_str(&run.stdout).unwrap()
}

const ONE: [&str; 4] = ["--garbage-collection-policy", "LimitBased", "-m", "1"];

/// `gc` on a directory that was not there, or on a prefix beside the backups, deleted "0 snapshots" with exit
/// code 0: a nightly job with a slip in its flags looked like one that works, and the store grew.
#[test]
fn a_wrong_place_is_no_store_without_garbage() {
    let site = site();
    let missing = site.path().join("nosuch");
    let run = site.run("gc", &["--store-container", missing.to_str().unwrap()]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("is not there"), "{}", run.stderr);
    let beside = site.run("gc", &["--store-prefix", "elsewhere"]);
    assert_eq!(beside.code, Some(1), "{}", beside.stdout);
    assert!(beside.stderr.contains("is not there"), "{}", beside.stderr);
    let above = site.store().join("cluster");
    fs::create_dir_all(&above).unwrap();
    fs::rename(site.store().join("v2"), above.join("v2")).unwrap();
    let run = site.run("gc", &[]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stderr.contains("cluster/v2/"), "{}", run.stderr);
    fs::remove_dir_all(above).unwrap();
    // A new cluster has none: that is fine, and said.
    let new = succeeded(site.run("gc", &[]));
    assert!(new.stderr.contains("holds no backup"), "{}", new.stderr);
}

/// `-m 1` alone kept everything, since the policy was another, and `--keep-daily 0` was none of the --keep flags:
/// both deleted, or kept, by a rule that nobody had asked for.
#[test]
fn a_flag_that_counts_for_nothing_is_refused() {
    let site = site();
    for flags in [
        &["-m", "1"][..],
        &["--keep-daily", "0"],
        &["--keep-within", "0"],
    ] {
        let run = site.run("gc", flags);
        assert_eq!(run.code, Some(1), "{flags:?}: {}", run.stdout);
        assert!(run.stderr.contains("--"), "{}", run.stderr);
    }
    assert_eq!(objects(&site), 5);
}

#[test]
fn a_dry_run_says_what_would_go_and_why() {
    let site = site();
    let dry = succeeded(site.run("gc", &[&ONE[..], &["--dry-run"]].concat()));
    assert!(
        dry.stdout.contains("it is older than deltas are kept"),
        "{}",
        dry.stdout
    );
    assert!(
        dry.stdout.contains("there are newer fulls, and 1 are kept"),
        "{}",
        dry.stdout
    );
    assert!(
        dry.stdout.contains("it belongs to the newest chain"),
        "{}",
        dry.stdout
    );
    assert!(dry.stdout.contains("4 snapshots ("), "{}", dry.stdout);
    assert!(
        dry.stdout.contains("would be deleted, 1 kept, in "),
        "{}",
        dry.stdout
    );
    assert_eq!(objects(&site), 5);
    let report = json(&site, &[&ONE[..], &["--dry-run"]].concat());
    let outcomes: Vec<_> = report["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        outcomes,
        [
            "would_delete",
            "would_delete",
            "would_delete",
            "would_delete",
            "kept"
        ]
    );
    assert_eq!(
        (report["dry_run"].as_bool(), report["deleted"].as_u64()),
        (Some(true), Some(4))
    );
    let report = json(&site, &ONE);
    assert_eq!(
        (report["dry_run"].as_bool(), report["deleted"].as_u64()),
        (Some(false), Some(4))
    );
    assert_eq!(objects(&site), 1);
    site.restore(&[]);
}

#[test]
fn what_is_marked_stays_until_the_mark_is_removed() {
    let site = site();
    let marked = succeeded(site.run("keep", &[FIRST]));
    // `keep: false` of what stays by another rule, and of what was deleted, was read as the decision.
    let decided = json(&site, &["--dry-run", "--keep-daily", "1"]);
    for object in decided["objects"].as_array().unwrap() {
        assert!(object["marked"].is_boolean(), "{object}");
        assert_eq!(object.get("keep"), None, "{object}");
    }
    let told = succeeded(site.run("keep", &[FIRST, "-o", "json"])).stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["marked"], &told["changed"]),
        (&true.into(), &false.into())
    );
    assert_eq!(told.get("keep"), None, "{told}");
    assert!(marked.stdout.contains("is kept until"), "{}", marked.stdout);
    let report = json(&site, &ONE);
    assert_eq!(report["objects"][0]["reason"], "marked");
    assert_eq!(objects(&site), 2);
    let removed = succeeded(site.run("keep", &["--remove", &format!("v2/{FIRST}")]));
    assert!(
        removed.stdout.contains("is not marked any more"),
        "{}",
        removed.stdout
    );
    // The same was said where there had been no mark.
    let again = succeeded(site.run("keep", &["--remove", FIRST]));
    assert!(again.stdout.contains("was not marked"), "{}", again.stdout);
    assert_eq!(json(&site, &ONE)["deleted"], 1);
    let unknown = site.run("keep", &["Full-00000000-00000001-1"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stderr.contains("etcdbrctl list"),
        "{}",
        unknown.stderr
    );
}

/// A mark could not be seen: no `list` had it, and `gc --dry-run` told of it only where no other rule kept the object.
#[test]
fn a_mark_is_shown() {
    let site = site();
    let newest = fs::read_dir(site.store().join("v2")).unwrap();
    let newest = newest.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let newest = newest
        .filter(|name| name.starts_with("Full"))
        .max()
        .unwrap();
    let list = |args: &[&str]| succeeded(site.run("list", args)).stdout;
    assert!(!list(&[]).contains("kept:"));
    for name in [FIRST, &newest] {
        succeeded(site.run("keep", &[name]));
    }
    for args in [&[][..], &["-o", "wide"]] {
        let printed = list(args);
        for name in [FIRST, &newest] {
            let line = format!("\nkept: v2/{name}\n");
            assert!(printed.contains(&line), "no {line:?} in {printed}");
        }
    }
    let listed: Value = serde_json::from_str(&list(&["-o", "json"])).unwrap();
    let chains = listed["chains"].as_array().unwrap();
    let marks = chains.iter().map(|chain| chain["full"]["marked"].as_bool());
    let marks: Vec<_> = marks.collect();
    assert_eq!(marks.iter().filter(|mark| **mark == Some(true)).count(), 2);
    assert!(marks.iter().all(Option::is_some), "{listed}");
    assert!(!list(&["--last", "1"]).contains(FIRST));

    let report = json(&site, &["--dry-run"]);
    let objects = report["objects"].as_array().unwrap();
    let object = objects
        .iter()
        .find(|one| one["key"] == format!("v2/{newest}"));
    let object = object.unwrap();
    assert_eq!(object["reason"], "newest_chain", "{report}");
    assert_eq!(object["marked"], true, "{report}");
    assert!(
        object["why"].as_str().unwrap().ends_with("and is marked"),
        "{report}"
    );

    // What cannot be read may be a mark: that there is none is not said.
    let metadata = site.store().join("meta").join(format!("{FIRST}.json"));
    fs::write(metadata, "{").unwrap();
    let listed: Value = serde_json::from_str(&list(&["-o", "json"])).unwrap();
    let unplaced = &listed["unplaced"][0];
    assert_eq!(unplaced["snapshot"], format!("v2/{FIRST}"), "{listed}");
    assert!(unplaced.get("marked").is_none(), "{listed}");
}

#[test]
fn policies_are_those_of_the_reference_and_the_window() {
    let site = site();
    let reasons = |flags: &[&str]| {
        let report = json(&site, &[flags, &["--dry-run"]].concat());
        let objects = report["objects"].as_array().unwrap().clone();
        Vec::from_iter(
            objects
                .iter()
                .map(|one| one["reason"].as_str().unwrap().to_owned()),
        )
    };
    assert_eq!(reasons(&[])[0], "past_five_weeks");
    assert_eq!(
        reasons(&["--garbage-collection-policy", "Exponential"])[0],
        "past_five_weeks"
    );
    // In any case, where the reference takes one spelling.
    assert_eq!(
        reasons(&["--garbage-collection-policy", "limitbased"])[0],
        "within_limit"
    );
    assert_eq!(
        reasons(&["--garbage-collection-policy", "LimitBased"])[0],
        "within_limit"
    );
    // All were made on one day.
    assert_eq!(reasons(&["--keep-daily", "2"])[0], "outside_window");
    assert_eq!(
        reasons(&["--keep-within", "99999d"])[..2],
        ["within_window", "within_window"]
    );
    assert_eq!(
        reasons(&["--delta-snapshot-retention-period", "876000h"])[1],
        "young_delta"
    );
    assert_eq!(reasons(&["--require-proof"])[0], "nothing_proven");
    site.run("gc", &["--dry-run", "--lineage", "nobody's"])
        .failed_with(&["no lineage \"nobody's\"", "unknown (to revision"]);
}

/// What was written minutes ago may belong to an upload that another member has not finished.
#[test]
fn what_was_written_shortly_ago_stays() {
    let site = just_written();
    let report = json(&site, &ONE);
    assert_eq!(report["objects"][0]["reason"], "being_written");
    assert_eq!(objects(&site), 5);
}

/// What a snapshotter, a compaction or a copy had sent when it was killed stayed in the store for ever. Their messages said that
/// a collection removes it, and none did.
#[test]
fn what_a_killed_upload_has_left_goes_after_a_day() {
    let site = site();
    let staging = site.store().join(".etcdbr-staging");
    fs::create_dir_all(&staging).unwrap();
    let stage = |name: &str, hours: u64| {
        let file = File::create(staging.join(name)).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        let then = now - Duration::from_secs(hours * 3600);
        file.set_modified(then).unwrap();
    };
    stage("old", 25);
    stage("young", 23);
    let report = json(&site, &["--dry-run"]);
    assert_eq!(report["abandoned_uploads"], 0);
    assert!(staging.join("old").exists(), "a dry run removed something");
    let report = json(&site, &[]);
    assert_eq!(report["abandoned_uploads"], 1);
    assert!(!staging.join("old").exists());
    assert!(staging.join("young").exists(), "it may still be going on");
    stage("old", 25);
    let told = succeeded(site.run("gc", &[])).stdout;
    assert!(told.contains("1 abandoned upload removed"), "{told}");
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    let site = site();
    for (flags, word) in [
        (
            &["--garbage-collection-policy", "Window"][..],
            "--keep-within 7d",
        ),
        (
            &[
                "--garbage-collection-policy",
                "LimitBased",
                "--keep-daily",
                "1",
            ],
            "choose one",
        ),
        (
            &[
                "--garbage-collection-policy",
                "Exponential",
                "--keep-daily",
                "1",
            ],
            "choose one",
        ),
        (&["--max-backups", "0"], "max-backups"),
        (&["--garbage-collection-policy", "Eternal"], "LimitBased"),
    ] {
        let run = site.run("gc", flags);
        assert_eq!(run.code, Some(1), "{flags:?}");
        assert!(run.stderr.contains(word), "{flags:?}: {}", run.stderr);
    }
    assert_eq!(objects(&site), 5);
}
