//! Sources that are not sound.

use std::fs;

use serde_json::json;
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;

use crate::pair::{Pair, line, outcomes};
use crate::support::two_lineages::one;
use crate::support::{Site, delta_name, full_name};

/// etcd-backup-restore copies any bytes: that a backup was damaged was found out at the destination, when the source was
/// gone.
#[test]
fn a_delta_that_is_damaged_is_named_and_not_copied() {
    let (source, _) = Site::with_history();
    let delta = delta_name(21, 40, Gzip);
    let bytes = source.read(&delta);
    let mut flipped = bytes.clone();
    let middle = bytes.len() / 2;
    flipped[middle] ^= 4;
    for damaged in [flipped, bytes[..bytes.len() - 20].to_vec(), Vec::new()] {
        source.put(&delta, &damaged);
        let pair = Pair::from(Site::new());
        let pair = Pair {
            destination: pair.destination,
            source: copy_of(&source),
        };
        let (report, told) = pair.failed(&[]);
        let failed = line(&report, &delta);
        assert_eq!(failed["outcome"], "failed");
        let why = failed["why"].as_str().unwrap();
        assert!(why.contains("damaged at the source"), "{why}");
        assert_eq!(outcomes(&report)["copied"], 2);
        assert!(!pair.there().contains_key(&format!("v2/{delta}")));
        assert!(told.contains("1 snapshot not copied"), "{told}");
        let copied = pair.copied(&["--skip-hash-check"]);
        assert_eq!(copied["copied"], 1);
        assert_eq!(pair.destination.read(&delta), damaged);
    }
}

#[test]
fn deltas_of_a_full_that_is_damaged_stay() {
    for content in [b"".to_vec(), vec![7; 4096]] {
        let (source, _) = Site::with_history();
        let full = full_name(20, Gzip);
        source.put(&full, compress(Gzip, &content));
        let pair = Pair::from(source);
        let (report, _) = pair.failed(&[]);
        assert_eq!(line(&report, &full)["outcome"], "failed");
        assert_eq!(outcomes(&report)["not_begun"], 2);
        assert_eq!(pair.there().len(), 0, "{:?}", pair.there().keys());
    }
}

/// The metadata of an object tells what it was when it was stored.
#[test]
fn an_object_that_its_metadata_contradicts_is_not_copied() {
    let (source, _) = one();
    let full = full_name(20, Gzip);
    let meta = source.store().join(format!("meta/{full}.json"));
    let document: serde_json::Value = serde_json::from_slice(&fs::read(&meta).unwrap()).unwrap();
    for (field, value, outcome, words) in [
        (
            "stored_sha256",
            json!("00".repeat(32)),
            "failed",
            "damaged or replaced",
        ),
        ("stored_bytes", json!(17), "refused", "its metadata says 17"),
    ] {
        let mut told = document.clone();
        told[field] = value;
        fs::write(&meta, told.to_string()).unwrap();
        let pair = Pair::from(copy_of(&source));
        let (report, _) = pair.failed(&["--skip-hash-check"]);
        let line = line(&report, &full);
        assert_eq!(line["outcome"], outcome);
        assert!(line["why"].as_str().unwrap().contains(words), "{line}");
        assert!(pair.there().is_empty());
    }
}

/// A snapshot whose lineage nobody can read is no reason to leave the others where they are.
#[test]
fn metadata_that_cannot_be_read_keeps_its_snapshot_and_no_other() {
    let (source, _) = one();
    let delta = delta_name(41, 60, Gzip);
    let meta = source.store().join(format!("meta/{delta}.json"));
    fs::write(&meta, b"{\"format\": 9}").unwrap();
    let pair = Pair::from(source);
    let (report, _) = pair.failed(&[]);
    let why = line(&report, &delta)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("format 9"), "{why}");
    assert_eq!(outcomes(&report)["copied"], 2);
}

fn copy_of(source: &Site) -> Site {
    let copy = Site::new();
    for dir in ["v2", "meta"] {
        let from = source.store().join(dir);
        if !from.exists() {
            continue;
        }
        fs::create_dir_all(copy.store().join(dir)).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.store().join(dir).join(entry.file_name())).unwrap();
        }
    }
    copy
}
