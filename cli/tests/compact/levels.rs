//! `compact --levels`: the deltas of closed chains in fewer objects, and every moment of them as before.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::backup::Compression::Gzip;
use testkit::backup::{Told, compress};
use testkit::synthetic::{History, time};

use crate::run::{compacted, refused};
use crate::support::two_lineages::{OLD, one, tell};
use crate::support::{Site, contents, delta_name, full_name};

/// A chain to revision 60 of four deltas, of one lineage, and a full at its end.
fn closed() -> Site {
    let (site, history) = one();
    site.remove(&delta_name(21, 40, Gzip));
    site.remove(&delta_name(41, 60, Gzip));
    let parts = [(21, 29), (30, 30), (31, 48), (49, 60)];
    let mut names = vec![full_name(20, Gzip)];
    for (first, last) in parts {
        site.put_delta(&history, first, last);
        names.push(delta_name(first, last, Gzip));
    }
    fs::remove_dir_all(site.store().join("meta")).unwrap();
    tell(&site, &Told::of(OLD, 1), &names);
    compacted(&site, &[]);
    site
}

/// The hash of some revisions, and of some times.
fn moments(site: &Site) -> Vec<u64> {
    let at = |revision: i64| site.restored_hash(&["--to-revision", &revision.to_string()]);
    let revisions = [20, 29, 30, 31, 40, 59, 60].map(at);
    let times = [25, 50].map(|at| site.restored_hash(&["--to-time", &time(at).to_string()]));
    [&revisions[..], &times].concat()
}

/// How many deltas there are.
fn deltas(site: &Site) -> usize {
    let listed = contents(&site.store().join("v2")).into_keys();
    listed
        .filter(|path| path.to_string_lossy().contains("Incr-"))
        .count()
}

#[test]
fn merged_deltas_hold_every_moment_of_their_parts() {
    let site = closed();
    let (before, store) = (moments(&site), contents(&site.store()));
    let plan = compacted(&site, &["--levels", "--dry-run"]);
    assert_eq!(plan["groups"][0]["parts"].as_array().unwrap().len(), 4);
    assert_eq!(plan["groups"][0]["outcome"], "would_merge");
    assert_eq!(
        contents(&site.store()),
        store,
        "a dry run changed something"
    );
    let levels = compacted(&site, &["--levels"]);
    let merged = delta_name(21, 60, Gzip);
    assert_eq!(
        (
            &levels["deleted"],
            &levels["failed"],
            &levels["groups"][0]["snapshot"]
        ),
        (&4.into(), &0.into(), &format!("v2/{merged}").into())
    );
    assert_eq!(deltas(&site), 1);
    let notes = contents(&site.store().join("meta")).len();
    assert_eq!(notes, 3, "the metadata of the parts stayed");
    assert_eq!(moments(&site), before);
    let metadata = fs::read(site.store().join(format!("meta/{merged}.json"))).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["lineage"]["id"], OLD);
    assert_eq!(metadata["previous"]["snapshot"], full_name(20, Gzip));
    let again = compacted(&site, &["--levels"]);
    assert_eq!(again["groups"], json!([]));
}

#[test]
fn what_is_marked_stays_and_so_does_the_newest_chain() {
    let site = closed();
    let marked = delta_name(31, 48, Gzip);
    assert_eq!(site.run("keep", &[&marked]).code, Some(0));
    let levels = compacted(&site, &["--levels"]);
    let parts = [(21, 29), (30, 30)];
    let parts = parts.map(|(first, last)| format!("v2/{}", delta_name(first, last, Gzip)));
    assert_eq!(levels["groups"].as_array().unwrap().len(), 1);
    assert_eq!(levels["groups"][0]["parts"], json!(parts));
    assert!(site.object(&marked).exists());
    // No full stands after these.
    let (open, _) = one();
    let before = contents(&open.store());
    assert_eq!(compacted(&open, &["--levels"])["groups"], json!([]));
    assert_eq!(contents(&open.store()), before);
}

#[test]
fn no_merged_delta_is_made_of_more_than_was_said() {
    let site = closed();
    let size = |first, last| site.read(&delta_name(first, last, Gzip)).len();
    let two = (size(21, 29) + size(30, 30)).to_string();
    let levels = compacted(&site, &["--levels", "--level-size", &two]);
    let first = levels["groups"][0]["parts"].as_array().unwrap();
    assert_eq!(first.len(), 2, "{levels}");
}

/// Stopped after it was written and before all parts were deleted: the next run compares them with it first.
#[test]
fn parts_that_a_kill_has_left_go_if_they_are_in_the_merged_one() {
    let site = closed();
    let part = delta_name(31, 48, Gzip);
    let bytes = site.read(&part);
    let before = moments(&site);
    compacted(&site, &["--levels"]);
    site.put(&part, &bytes);
    tell(&site, &Told::of(OLD, 1), std::slice::from_ref(&part));
    assert_eq!(moments(&site), before);
    let levels = compacted(&site, &["--levels"]);
    assert_eq!((&levels["deleted"], deltas(&site)), (&1.into(), 1));
    assert_eq!(moments(&site), before);
    // Of another history, or seen by another snapshotter: the merged one does not hold just the same.
    let mut other = History::default();
    other.wander(60, 77);
    site.put(&part, compress(Gzip, &other.delta(31..=48)));
    tell(&site, &Told::of(OLD, 1), std::slice::from_ref(&part));
    let levels = compacted(&site, &["--levels"]);
    assert_eq!((&levels["groups"], deltas(&site)), (&json!([]), 2));
    let warning = levels["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains(&part) && warning.contains("stays"),
        "{warning}"
    );
}

#[test]
fn what_is_damaged_or_of_unknown_origin_is_not_merged() {
    let site = closed();
    let part = delta_name(31, 48, Gzip);
    let mut bytes = site.read(&part);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    site.put(&part, bytes);
    refused(&site, &["--levels"], &[&part]);
    let (unknown, _) = Site::with_history();
    compacted(&unknown, &[]);
    refused(
        &unknown,
        &["--levels"],
        &["nothing was merged", "no metadata"],
    );
}

/// Killed at any moment, each revision is there, and the next run ends what was begun.
#[test]
fn a_kill_at_any_moment_loses_no_moment() {
    let before = moments(&closed());
    let mut random = fastrand::Rng::new();
    for _ in 0..12 {
        let site = closed();
        let mut command = site.command("compact", &["--levels"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait(Duration::from_millis(random.u64(0..120)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(moments(&site), before);
        compacted(&site, &["--levels"]);
        assert_eq!(moments(&site), before);
        assert_eq!(deltas(&site), 1);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the moment of a kill is what is tried"
)]
fn wait(delay: Duration) {
    std::thread::sleep(delay);
}
