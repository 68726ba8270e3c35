//! What is there already: never replaced, and never taken for what it is not.

use std::fs;

use serde_json::json;
use testkit::backup::Compression::Gzip;
use testkit::backup::Told;

use crate::pair::{Pair, line, outcomes};
use crate::support::two_lineages::{OLD, one};
use crate::support::{Site, delta_name, full_name};

fn destination_with(pair: &Pair, name: &str, bytes: &[u8]) {
    fs::create_dir_all(pair.destination.store().join("v2")).unwrap();
    pair.destination.put(name, bytes);
}

/// etcd-backup-restore skips what has a name that is there: half an object of an earlier copy, which its Local store could
/// leave, was the copy for ever.
#[test]
fn other_bytes_under_a_name_are_an_error_that_names_both() {
    let (source, _) = Site::with_history();
    let pair = Pair::from(source);
    let full = full_name(20, Gzip);
    destination_with(&pair, &full, b"half");
    let (report, told) = pair.failed(&[]);
    let refused = line(&report, &full);
    assert_eq!(refused["outcome"], "refused");
    let why = refused["why"].as_str().unwrap();
    assert!(why.contains(&full) && why.contains("4 bytes"), "{why}");
    // No delta is there without its full.
    assert_eq!(outcomes(&report)["not_begun"], 2);
    assert_eq!(pair.there().len(), 1);
    assert_eq!(pair.there()[&format!("v2/{full}")], b"half");
    assert!(told.contains("3 snapshots not copied"), "{told}");
}

/// As many bytes, and others: metadata tells, at once or after reading what is there.
#[test]
fn as_many_other_bytes_are_seen_where_metadata_tells() {
    let (source, _) = one();
    let delta = delta_name(21, 40, Gzip);
    let bytes = source.read(&delta);
    let sum = sum_of(&bytes);
    let meta = source.store().join(format!("meta/{delta}.json"));
    let mut document: serde_json::Value =
        serde_json::from_slice(&fs::read(&meta).unwrap()).unwrap();
    document["stored_sha256"] = json!(sum);
    document["stored_bytes"] = json!(bytes.len());
    fs::write(&meta, document.to_string()).unwrap();
    let pair = Pair::from(source);
    let mut other = bytes.clone();
    other[30] ^= 1;
    destination_with(&pair, &delta, &other);
    let (report, _) = pair.failed(&[]);
    let failed = line(&report, &delta);
    assert_eq!(failed["outcome"], "failed");
    assert!(failed["why"].as_str().unwrap().contains("another SHA-256"));
    assert_eq!(outcomes(&report)["copied"], 2, "the others are copied");
    // The same bytes without their metadata, as a kill leaves them.
    pair.destination.put(&delta, &bytes);
    let report = pair.copied(&[]);
    assert_eq!(report["present"], 3);
    assert!(
        line(&report, &delta)["why"]
            .as_str()
            .unwrap()
            .contains("compared")
    );
    assert!(pair.there().contains_key(&format!("meta/{delta}.json")));
    let again = pair.copied(&[]);
    assert!(
        line(&again, &delta)["why"]
            .as_str()
            .unwrap()
            .contains("agrees")
    );
}

#[test]
fn where_nothing_tells_what_is_there_is_read_when_that_is_asked_for() {
    let (source, _) = Site::with_history();
    let pair = Pair::from(source);
    pair.copied(&["--read-back"]);
    let delta = delta_name(41, 60, Gzip);
    let mut other = pair.destination.read(&delta);
    other[30] ^= 1;
    pair.destination.put(&delta, &other);
    assert_eq!(pair.copied(&[])["present"], 3, "names and lengths agree");
    let (report, _) = pair.failed(&["--read-back"]);
    assert_eq!(line(&report, &delta)["outcome"], "failed");
    assert_eq!(report["present"], 2);
}

#[test]
fn other_metadata_is_an_error() {
    let (source, _) = one();
    let pair = Pair::from(source);
    pair.copied(&[]);
    let full = full_name(20, Gzip);
    let other = Told::of(&format!("{OLD}0"), 1);
    other.write(&pair.destination.store(), &full, None).unwrap();
    let (report, _) = pair.failed(&[]);
    let why = line(&report, &full)["why"].as_str().unwrap().to_owned();
    assert!(why.contains(&format!("meta/{full}.json")), "{why}");
}

/// Somebody has copied with rclone: the last full is there under its own name.
#[test]
fn a_final_full_that_is_there_is_not_copied_once_more() {
    let (source, _) = Site::with_history();
    let (plain, last) = (
        full_name(20, Gzip),
        format!("{}.final", full_name(20, Gzip)),
    );
    fs::rename(source.object(&plain), source.object(&last)).unwrap();
    let pair = Pair::from(source);
    destination_with(&pair, &last, &pair.source.read(&last));
    let report = pair.copied(&[]);
    assert_eq!(
        (&report["copied"], &report["present"]),
        (&json!(2), &json!(1))
    );
    assert!(!pair.there().contains_key(&format!("v2/{plain}")));
}

fn sum_of(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
