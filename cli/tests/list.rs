//! What a store holds, for people. The table was 150 columns wide; a store in the wrong place was "no
//! snapshots", where a restore from it says where to look; snapshots after a gap were counted as if they
//! could be restored.

mod support;

use serde_json::Value;
use support::{Run, Site};

fn listed(site: &Site, flags: &[&str]) -> String {
    let run = site.run("list", flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

#[expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
fn json(site: &Site, flags: &[&str]) -> Value {
    let printed = listed(site, &[&["-o", "json"], flags].concat());
    serde_json::from_str(&printed).unwrap()
}

/// Three fulls: 20 with deltas to 40 and 60, 70, and 80 with a delta that leaves a gap.
fn three_chains() -> Site {
    let (site, mut history) = Site::with_history();
    history.wander(60, 2);
    site.put_full(&history, 70);
    site.put_full(&history, 80);
    site.put_delta(&history, 91, 100);
    site
}

#[test]
fn the_table_fits_a_terminal() {
    let printed = listed(&three_chains(), &[]);
    for line in printed.lines().take_while(|line| !line.is_empty()) {
        assert!(line.len() <= 80, "{line}");
    }
    assert!(!printed.contains("Full-"), "{printed}");
    let wide = listed(&three_chains(), &["-o", "wide"]);
    assert!(wide.contains("FULL") && wide.contains("v2/Full-"), "{wide}");
}

/// The line below the table counted what can be reached, and the row counted everything: of a chain with one delta removed,
/// all that follow the gap were among its DELTAS, and in its SIZE.
#[test]
fn a_row_counts_what_leads_to_its_last_revision() {
    let (site, history) = Site::with_history();
    let row = |site: &Site| {
        let printed = listed(site, &[]);
        let row = printed.lines().find(|line| line.contains("20.."));
        row.unwrap_or_else(|| panic!("{printed}")).to_owned()
    };
    let whole = row(&site);
    site.put_delta(&history, 45, 60);
    site.remove(&support::delta_name(
        41,
        60,
        testkit::backup::Compression::Gzip,
    ));
    let (cut, all) = (row(&site), json(&site, &[]));
    let cells: Vec<&str> = cut.split_whitespace().collect();
    assert_eq!(cells.first(), Some(&"20..40"), "{cut}");
    assert!(cells.contains(&"1") && cells.contains(&"41..44"), "{cut}");
    assert!(!cells.contains(&"2"), "{cut}");
    site.remove(&support::delta_name(
        45,
        60,
        testkit::backup::Compression::Gzip,
    ));
    let without = row(&site);
    let before_gap = |row: &str| row.trim_end_matches(['-', ' ']).replace("41..44", "");
    assert_eq!(before_gap(&cut).trim_end(), before_gap(&without).trim_end());
    assert_ne!(
        before_gap(&whole).trim_end(),
        before_gap(&without).trim_end()
    );
    // The JSON names the objects, and their bytes are of all of them.
    let deltas = all["chains"][0]["deltas"].as_array().unwrap();
    assert_eq!(deltas.len(), 2);
}

#[test]
fn what_stands_after_a_gap_is_not_counted_as_reachable() {
    let printed = listed(&three_chains(), &[]);
    assert!(printed.contains("5 snapshots in "), "{printed}");
    assert!(printed.contains("and 1 after a gap"), "{printed}");
    assert!(printed.contains("81..90"), "{printed}");
    let (site, history) = Site::with_history();
    site.remove(&support::delta_name(
        21,
        40,
        testkit::backup::Compression::Gzip,
    ));
    site.remove(&support::delta_name(
        41,
        60,
        testkit::backup::Compression::Gzip,
    ));
    drop(history);
    assert!(listed(&site, &[]).contains("\n1 snapshot in "));
}

#[test]
fn chains_are_chosen_by_number_and_time() {
    let site = three_chains();
    let all = json(&site, &[]);
    let revisions = |view: &Value| {
        let chains = view["chains"].as_array().map_or(&[][..], Vec::as_slice);
        let from = chains.iter().map(|chain| chain["from_revision"].as_i64());
        from.collect::<Vec<_>>()
    };
    assert_eq!(revisions(&all), [Some(20), Some(70), Some(80)]);
    assert_eq!(
        revisions(&json(&site, &["--last", "2"])),
        [Some(70), Some(80)]
    );
    assert_eq!(revisions(&json(&site, &["--last", "9"])).len(), 3);
    let one = listed(&site, &["--last", "1"]);
    assert!(
        one.contains("1 snapshot, and 1 after a gap, of 6 in "),
        "{one}"
    );
    site.run("list", &["--last", "0"]).failed_with(&["--last"]);
    let newest = all["chains"][2]["to_time"].as_str().unwrap_or_default();
    let since = json(&site, &["--since", newest]);
    assert_eq!(revisions(&since).last(), Some(&Some(80)));
    assert!(revisions(&since).len() < 3, "{since}");
    let later = json(&site, &["--since", "2999-01-01T00:00:00Z"]);
    assert!(revisions(&later).is_empty(), "{later}");
}

#[test]
fn a_directory_is_enough() {
    let (site, _) = Site::with_history();
    let run = |path: &str, flags: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().env("HOME", "/nowhere");
        // What the environment says of another store does not count.
        command.env("STORAGE_CONTAINER", "/nowhere");
        command.env("STORAGE_PROVIDER", "S3");
        command.env("ETCDBRCTL_PLUGIN", "/nowhere/libshelf.so");
        command.current_dir(site.path()).args(["list", path]);
        Run::of({
            command.args(flags);
            command
        })
    };
    let relative = run("store", &[]);
    assert!(
        relative.stdout.contains("3 snapshots"),
        "{}",
        relative.stderr
    );
    for flag in ["--storage-provider", "--store-container", "--plugin"] {
        run("store", &[flag, "other"]).failed_with(&[flag, "leave one of them out"]);
    }
    run("store/v3", &[]).failed_with(&["is not there", "store/v3"]);
}

#[test]
fn a_wrong_place_is_told() {
    let (site, _) = Site::with_history();
    let above = site.path().display().to_string();
    let flags = ["--store-container", &above];
    let printed = listed(&site, &flags);
    assert!(printed.contains("holds no backup"), "{printed}");
    assert!(printed.contains("check --store-prefix"), "{printed}");
    assert!(json(&site, &flags)["hint"].is_string());
    assert!(json(&site, &[])["hint"].is_null());
    site.run("list", &["--store-prefix", "other"])
        .failed_with(&["is not there", "other"]);
    // `verify` said "there is no snapshot to restore", and neither where it had looked nor what lies beside.
    site.run("verify", &["--store-prefix", "other"])
        .failed_with(&["is not there", "other"]);
    site.run("verify", &flags)
        .failed_with(&["holds no backup", "store/v2/", "--store-prefix"]);
}

/// `gc` on a place without backups spoke of a restore, `keep` of a snapshot alone, where the whole directory was missing;
/// and of two backups at another prefix "2 or more" were told.
#[test]
fn gc_and_keep_tell_a_wrong_place() {
    let (site, _) = Site::with_history();
    let name = support::full_name(20, testkit::backup::Compression::Gzip);
    let elsewhere = ["--store-prefix", "other"];
    let above = site.path().display().to_string();
    for (verb, argument) in [("gc", "--keep-daily=1"), ("keep", name.as_str())] {
        let run = site.run(verb, &[&elsewhere[..], &[argument]].concat());
        run.failed_with(&["is not there", "other"]);
        assert!(!run.stderr.contains("to restore"), "{}", run.stderr);
        let run = site.run(verb, &["--store-container", &above, argument]);
        run.failed_with(&["holds no backup", ": 3, the first is", "--store-prefix"]);
    }
    let run = site.run("keep", &["Full-00000000-00000021-1800000021"]);
    run.failed_with(&["there is no snapshot", "`etcdbrctl list -o wide`"]);
}

/// `list backups/v2`, one level too deep, said "check --store-prefix", which nobody had given; and a file in the place of
/// the directory was said not to be there.
#[test]
fn a_place_beside_the_store_is_told_by_what_it_is() {
    let (site, _) = Site::with_history();
    let place = |name: &str| site.store().join(name).display().to_string();
    let printed = listed(&site, &["--store-container", &place("v2")]);
    for word in ["Backups are right there", "name the directory above it"] {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
    assert!(!printed.contains("check --store-prefix"), "{printed}");
    site.put("notes.txt", "a file");
    let file = place("v2/notes.txt");
    for verb in ["list", "verify"] {
        let run = site.run(verb, &["--store-container", &file]);
        run.failed_with(&["is a file", "notes.txt"]);
        assert!(!run.stderr.contains("is not there"), "{}", run.stderr);
    }
}
