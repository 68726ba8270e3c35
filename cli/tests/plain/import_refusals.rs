use std::fs;

use testkit::backup::{Compression, compress};

use crate::run::{etcdbrctl, json, objects, snapshot, succeeded};
use crate::support::real_chain::RealChain;
use crate::support::{Run, Site, contents};

fn import(site: &Site, words: &[&str]) -> Run {
    let store = ["--store-container", "store"];
    etcdbrctl(site, &[&["import"], &store[..], words].concat())
}

/// The copy of a member's file has no hash: whether a value of it was changed nobody can know, and a full of the store says by
/// its own hash that none was.
#[test]
fn a_file_without_a_hash_is_refused_unless_told() {
    let site = Site::new();
    let (path, bytes) = snapshot(&site);
    fs::write(&path, &bytes[..bytes.len() - 32]).unwrap();
    import(&site, &["my.db"]).failed_with(&[
        "my.db",
        "does not end with its SHA-256",
        "--without-hash",
    ]);
    assert_eq!(objects(&site), [""; 0]);
    let run = import(&site, &["my.db", "--without-hash", "-o", "json"]);
    let report = json(&run);
    assert_eq!(report["hashes"], "missing", "{report}");
    assert!(report["warnings"].to_string().contains("WAL"), "{report}");
    let name = report["snapshot"]
        .as_str()
        .unwrap()
        .strip_prefix("v2/")
        .unwrap();
    assert!(site.read(name) == bytes);
}

/// One byte of a value that was changed gives a database without any fault of structure.
#[test]
fn a_file_that_is_not_whole_is_refused_whatever_is_told() {
    let site = Site::new();
    let (path, bytes) = snapshot(&site);
    let mut changed = bytes.clone();
    changed[bytes.len() - 40] ^= 1;
    let packed = compress(Compression::Gzip, &bytes);
    let cut = &bytes[..bytes.len() / 2];
    for (content, why) in [
        (&changed[..], "SHA-256"),
        (&bytes[..8192], "my.db"),
        (cut, "my.db"),
        (&packed[..packed.len() / 2], "gzip content cannot be read"),
        (b"", "neither a database"),
    ] {
        fs::write(&path, content).unwrap();
        for told in [&[][..], &["--without-hash"]] {
            let run = import(&site, &[&["my.db"], told].concat());
            run.failed_with(&["my.db", why]);
        }
    }
    assert_eq!(objects(&site), [""; 0]);
}

/// A copy of last week's snapshot has the time of its copy: the next member that lost its directory began with it.
#[test]
fn what_would_be_the_newest_state_is_refused() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    snapshot(site);
    let before = contents(&site.store());
    // It was written just now, after all that the chain has.
    let run = import(site, &["my.db"]);
    run.failed_with(&[
        "it would be the newest state of the store",
        "--time",
        "--as-newest",
    ]);
    assert!(contents(&site.store()) == before);
    let older = import(site, &["my.db", "--time", "2025-01-01T00:00:00Z"]);
    let told = &succeeded(&older).stderr;
    assert!(told.contains("stays that of lineage"), "{told}");
    assert_eq!(site.restore(&[])["revision"], chain.ends[2]);
    fs::remove_dir_all(site.data_dir()).unwrap();
    for (path, bytes) in before {
        assert!(
            path.is_dir() || fs::read(&path).unwrap() == bytes,
            "{path:?}"
        );
    }
}

#[test]
fn whoever_means_it_makes_it_the_newest() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    snapshot(site);
    let run = import(site, &["my.db", "--as-newest", "-o", "json"]);
    let report = json(&run);
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("newest state"),
        "{report}"
    );
    assert_eq!(site.restore(&[])["revision"], report["revision"]);
}

#[test]
fn a_store_that_does_not_take_it_is_named() {
    let site = Site::new();
    snapshot(&site);
    let words = ["import", "my.db", "--store-container", "./my.db"];
    etcdbrctl(&site, &words).failed_with(&["my.db"]);
    etcdbrctl(&site, &["import", "none.db", "--store-container", "store"])
        .failed_with(&["none.db"]);
    etcdbrctl(&site, &["import", "-", "--store-container", "store"])
        .failed_with(&["standard input"]);
    assert_eq!(objects(&site), [""; 0]);
}

/// A time that was mistyped made every backup of the years before it older than what was imported.
#[test]
fn a_time_that_has_not_come_is_refused() {
    let site = Site::new();
    snapshot(&site);
    let run = import(&site, &["my.db", "--time", "2999-01-01T00:00:00Z"]);
    run.failed_with(&["2999-01-01T00:00:00Z", "is in the future", "--time"]);
    assert_eq!(objects(&site), [""; 0]);
}
