use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use testkit::backup::{Compression, compress};
use testkit::etcd::{Compacted, Etcd};
use testkit::oracles;

use crate::run::{drilled, etcd, objects, outcomes, script};
use crate::support::real_chain::{RealChain, write};
use crate::support::{Run, Site, program};

/// Changes a value in a full, and gives it the hash of what it is then.
fn tamper(full: &Path) {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(fs::File::open(full).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    let (database, _) = bytes.split_at(bytes.len() - 32);
    let mut database = database.to_vec();
    // Of the round after which the full was taken: nothing in the chain wrote that key again with the same value.
    let value = [2; 40];
    let mut changed = 0;
    for at in 0..database.len() - value.len() {
        if database[at..].starts_with(&value) {
            database[at] = 3;
            changed += 1;
        }
    }
    assert!(changed > 0, "no value was changed");
    let hash = Sha256::digest(&database);
    let content = [&database, hash.as_slice()].concat();
    fs::write(full, compress(Compression::Gzip, &content)).unwrap();
}

/// Takes out of the metadata of a full what a restore compares, as whoever changes both would. What the pages of the full came
/// to when it was taken stays.
fn forget_sums(site: &Site, full: &str) {
    let file = site.store().join("meta").join(format!("{full}.json"));
    let mut noted: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for sum in ["raw_sha256", "stored_sha256"] {
        noted.as_object_mut().unwrap().remove(sum).unwrap();
    }
    fs::write(&file, noted.to_string()).unwrap();
}

/// Whoever can write to a bucket can give a full another value, the hash that goes with it, and metadata without sums: every
/// restore takes it.
#[test]
fn a_full_that_is_not_what_was_taken_is_named() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    let full = objects(site, "v2", "Full").remove(0);
    tamper(&full);
    let name = full.file_name().unwrap().to_str().unwrap();
    site.run("verify", &[])
        .failed_with(&[name, "not what was stored"]);
    let report = drilled(site, &[], 1);
    assert!(
        report["why"].to_string().contains("not what was stored"),
        "{report}"
    );
    forget_sums(site, name);
    assert_eq!(site.run("verify", &[]).code, Some(0));
    let report = drilled(site, &["--etcd", &etcd("3.5.35")], 2);
    assert_eq!(report["verdict"], "differs", "{report}");
    let why = report["why"].as_str().unwrap();
    assert!(
        why.contains(name) && why.contains("the sum of the entries"),
        "{why}"
    );
    // The etcd on it serves what was restored: it knows nothing of what was taken.
    assert_eq!(
        outcomes(&report, "HashKV", "started on it"),
        ["same"],
        "{report}"
    );
    let live = ["--endpoints", chain.etcd.client_url()];
    let report = drilled(site, &live, 2);
    assert_eq!(outcomes(&report, "HashKV", "live"), ["differs"], "{report}");
}

/// An etcd that serves something else than what it was started on.
#[test]
fn an_etcd_that_answers_with_another_hash_is_told() {
    let chain = RealChain::of("3.5.35");
    let other = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    for round in 50..55 {
        write(&other, round);
    }
    let dir = chain.site.path().join("other.etcd");
    let saved = chain.site.path().join("other.db");
    other.snapshot(fs::File::create(&saved).unwrap()).unwrap();
    let mut restore = std::process::Command::new(program());
    restore.args(["restore", "--from-file"]).arg(&saved);
    restore
        .arg("--data-dir")
        .arg(&dir)
        .args(["--name", "drill"]);
    restore.args(["--initial-cluster", "drill=http://localhost:2380"]);
    assert_eq!(Run::of(restore).code, Some(0));
    // The directory is the second word of the flags that it is given.
    let (stock, dir) = (etcd("3.5.35"), dir.display());
    let strays = script(
        &chain.site,
        &format!("shift 2\nexec {stock} --data-dir {dir} \"$@\""),
    );
    let report = drilled(&chain.site, &["--etcd", &strays], 2);
    assert_eq!(
        outcomes(&report, "HashKV", "started on it"),
        ["differs"],
        "{report}"
    );
    let why = report["why"].as_str().unwrap();
    assert!(why.contains("HashKV is"), "{why}");
}

#[test]
fn a_live_cluster_that_has_something_else_is_told() {
    let chain = RealChain::of("3.5.35");
    let restored = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    restored.put(b"/registry/key-1", b"other").unwrap();
    let behind = drilled(&chain.site, &["--endpoints", restored.client_url()], 2);
    let why = behind["why"].as_str().unwrap();
    assert!(why.contains("another history"), "{why}");
    for _ in 0..5 {
        write(&restored, 9);
    }
    let report = drilled(&chain.site, &["--endpoints", restored.client_url()], 2);
    assert_eq!(outcomes(&report, "HashKV", "live"), ["differs"], "{report}");
    assert_eq!(
        outcomes(&report, "a sample of keys", "live"),
        ["differs"],
        "{report}"
    );
    // Compacted further, it has nothing of then: it passed for the one that was backed up.
    let head = restored.revision().unwrap();
    restored.compact(head, Compacted::Physically).unwrap();
    let report = drilled(&chain.site, &["--endpoints", restored.client_url()], 2);
    let cluster = outcomes(&report, "the cluster", "live");
    assert_eq!(cluster, ["differs"], "{report}");
}
