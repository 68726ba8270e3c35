//! All of a store, and what goes with it.

use std::fs;

use serde_json::json;
use testkit::backup::Compression::Gzip;

use crate::pair::{Pair, line, objects};
use crate::support::two_lineages::{self, NEW, OLD};
use crate::support::{Site, delta_name, full_name};

#[test]
fn a_copy_restores_as_its_source() {
    for name in ["e35-gzip", "e34-lzw"] {
        let pair = Pair::from(Site::with_backup(name));
        let report = pair.copied(&[]);
        assert_eq!(pair.there(), objects(&pair.source.store()), "{name}");
        assert_eq!(report["copied"], pair.there().len());
        assert_eq!(
            pair.destination.restored_hash(&[]),
            pair.source.restored_hash(&[])
        );
        let again = pair.copied(&[]);
        assert_eq!(
            (&again["copied"], &again["present"]),
            (&json!(0), &report["copied"])
        );
    }
}

/// Without its metadata a snapshot of the destination would be of no lineage, and a restore there would mix two histories.
#[test]
fn lineages_and_marks_go_along_and_turns_of_snapshotters_do_not() {
    let pair = Pair::from(two_lineages::two());
    let store = pair.source.store();
    fs::create_dir(store.join("fence")).unwrap();
    fs::write(store.join("fence/0000000001"), b"{}").unwrap();
    fs::write(store.join("notes.txt"), b"mine").unwrap();
    let kept = full_name(20, Gzip);
    let keep = pair.source.run("keep", &[&kept]);
    assert_eq!(keep.code, Some(0), "{}", keep.stderr);
    let report = pair.copied(&["--max-parallel-copy-operations", "3"]);
    assert_eq!(report["copied"], 5);
    assert_eq!(line(&report, &kept)["marked"], true);
    let mut expected = objects(&store);
    expected.retain(|key, _| key.starts_with("v2/") || key.starts_with("meta/"));
    let there = pair.there();
    assert_eq!(
        there.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for site in [&pair.source, &pair.destination] {
        for lineage in [OLD, NEW] {
            assert_eq!(
                site.restored_hash(&["--lineage", lineage]),
                pair.source.restored_hash(&["--lineage", lineage])
            );
        }
        let listed = site.run("list", &["-o", "json"]).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        assert_eq!(listed["lineages"].as_array().map(Vec::len), Some(2));
    }
    let collected = pair.destination.run("gc", &["-o", "json", "--dry-run"]);
    assert!(collected.stdout.contains("\"marked\": true"));
}

/// A mark that was set after the copy was on no object of the destination, where the next collection deleted it.
#[test]
fn a_mark_that_comes_later_follows() {
    let (source, _) = two_lineages::one();
    let pair = Pair::from(source);
    pair.copied(&[]);
    let kept = delta_name(21, 40, Gzip);
    pair.source.run("keep", &[&kept]);
    let before = pair.there();
    pair.copied(&["--dry-run"]);
    assert_eq!(pair.there(), before, "a dry run wrote something");
    pair.copied(&[]);
    let key = format!("meta/{kept}.json");
    let document: serde_json::Value = serde_json::from_slice(&pair.there()[&key]).unwrap();
    assert_eq!(document["keep"], true);
    // What was marked at the destination stays so.
    pair.source.run("keep", &[&kept, "--remove"]);
    pair.copied(&[]);
    let document: serde_json::Value = serde_json::from_slice(&pair.there()[&key]).unwrap();
    assert_eq!(document["keep"], true);
}

/// The last full of a cluster that moved would keep its `.final`, and the next migration would take it for that of the
/// cluster that goes on; its metadata would stand beside a snapshot that is not there.
#[test]
fn a_final_full_is_none_at_the_destination() {
    let (source, _) = two_lineages::one();
    let (plain, last) = (
        full_name(20, Gzip),
        format!("{}.final", full_name(20, Gzip)),
    );
    fs::rename(source.object(&plain), source.object(&last)).unwrap();
    let meta = source.store().join("meta");
    fs::remove_file(meta.join(format!("{plain}.json"))).unwrap();
    let names = [vec![last.clone()], two_lineages::old_names()[1..].to_vec()].concat();
    two_lineages::tell(&source, &testkit::backup::Told::of(OLD, 1), &names);
    let pair = Pair::from(source);
    let report = pair.copied(&[]);
    let line = line(&report, &last);
    assert_eq!(line["to"], format!("v2/{plain}"));
    assert!(line["why"].as_str().unwrap().contains("without .final"));
    let there = pair.there();
    let told = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&there[&format!("meta/{name}.json")]).unwrap()
    };
    assert_eq!(told(&plain)["snapshot"], *plain);
    assert_eq!(
        told(&delta_name(21, 40, Gzip))["previous"]["snapshot"],
        *plain
    );
    assert!(there.keys().all(|key| !key.contains(".final")), "{there:?}");
    assert_eq!(
        pair.destination.restored_hash(&[]),
        pair.source.restored_hash(&[])
    );
    assert_eq!(pair.copied(&[])["present"], 3);
}

/// The snapshots of the layout that etcd-backup-restore had before stand one directory deeper.
#[test]
fn snapshots_of_the_old_layout_come_into_the_new_one() {
    let (source, _) = Site::with_history();
    let old = source.store().join("v1/Backup-1");
    fs::create_dir_all(&old).unwrap();
    let (full, delta) = (full_name(20, Gzip), delta_name(21, 40, Gzip));
    for name in [&full, &delta] {
        fs::rename(source.object(name), old.join(name)).unwrap();
    }
    let pair = Pair::from(source);
    let report = pair.copied(&[]);
    assert_eq!(line(&report, &full)["to"], format!("v2/{full}"));
    assert!(pair.there().keys().all(|key| key.starts_with("v2/")));
    assert_eq!(
        pair.destination.restored_hash(&[]),
        pair.source.restored_hash(&[])
    );
}
