//! Objects that are whole by themselves, and are not what was stored under their names.
//!
//! A delta whose value was changed together with its hash passed every verb, although its metadata has the SHA-256 of what
//! was stored.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use support::initialized::{damage, initialize};
use support::real_chain::RealChain;
use support::{Site, contents};
use testkit::backup::{Compression, compress};

/// The only object of the store whose name begins so.
fn object(site: &Site, begin: &str) -> PathBuf {
    let entries = fs::read_dir(site.store().join("v2")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| name(path).starts_with(begin));
    paths.sort();
    paths.pop().unwrap()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Puts another value where `from` stands, and the hash of what it is then after it.
fn replace(object: &Path, from: &[u8], to: &[u8]) {
    let mut content = Vec::new();
    let file = fs::File::open(object).unwrap();
    MultiGzDecoder::new(file).read_to_end(&mut content).unwrap();
    content.truncate(content.len() - 32);
    let mut changed = 0;
    for at in 0..content.len() - from.len() {
        if content[at..].starts_with(from) {
            content[at..at + from.len()].copy_from_slice(to);
            changed += 1;
        }
    }
    assert!(changed > 0, "nothing was changed");
    content.extend(Sha256::digest(content.clone()));
    fs::write(object, compress(Compression::Gzip, &content)).unwrap();
}

fn metadata(site: &Site, object: &Path) -> PathBuf {
    let file = format!("{}.json", name(object));
    site.store().join("meta").join(file)
}

/// The chain of an etcd, whose last delta holds other values than those that were written.
fn with_a_changed_delta() -> (RealChain, PathBuf) {
    let chain = RealChain::of("3.5.35");
    let last = change_the_last_delta(&chain.site);
    (chain, last)
}

fn change_the_last_delta(site: &Site) -> PathBuf {
    let last = object(site, "Incr");
    let value = |byte| base64_simd::STANDARD.encode_to_string([byte; 40]);
    replace(&last, value(4_u8).as_bytes(), value(9).as_bytes());
    last
}

/// Every verb that reads a chain, with what it needs.
fn readers(chain: &RealChain) -> Vec<(&'static str, Vec<String>)> {
    let path = |name: &str| chain.site.path().join(name).display().to_string();
    fs::create_dir_all(path("scratch")).unwrap();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let to = chain.etcd.client_url();
    vec![
        ("verify", words(&[])),
        ("restore", words(&["--data-dir", &path("restored")])),
        ("get", words(&["/registry/", "--prefix"])),
        ("diff", words(&["latest", "live", "--endpoints", to])),
        ("extract", words(&["/registry/", "--prefix", "--to", to])),
        ("export", words(&[&path("exported.db")])),
        ("compact", words(&[])),
        ("drill", words(&["--scratch-dir", &path("scratch")])),
    ]
}

#[test]
fn no_verb_takes_a_delta_that_was_changed_together_with_its_hash() {
    let (chain, last) = with_a_changed_delta();
    let before = contents(&chain.site.store());
    for (verb, words) in readers(&chain) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = chain.site.run(verb, &words);
        assert_ne!(run.code, Some(0), "{verb}: {}", run.stdout);
        let told = format!("{}{}", run.stdout, run.stderr);
        for part in [&name(&last), "not what was stored", "was noted"] {
            assert!(told.contains(part), "{verb} does not say {part:?}: {told}");
        }
        assert_eq!(
            run.stderr.matches("hint:").count() > 0,
            verb != "drill",
            "{verb}: {told}"
        );
    }
    assert!(
        contents(&chain.site.store()) == before,
        "a read changed the store"
    );
    assert!(!chain.site.path().join("exported.db").exists());
}

/// What is known of it is removed, as the hint says: then it counts as what other programs have stored.
#[test]
fn without_what_was_noted_it_is_read_as_it_is() {
    let (chain, last) = with_a_changed_delta();
    let refused = chain.site.run("get", &["/registry/key-1"]);
    let file = format!("meta/{}.json", name(&last));
    assert!(refused.stderr.contains(&file), "{}", refused.stderr);
    // What leads up to it is not touched by it.
    let before = (chain.ends[1] + 1).to_string();
    let refused = chain
        .site
        .run("get", &["/registry/key-1", "--at-revision", &before]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    let earlier = chain.ends[1].to_string();
    let run = chain
        .site
        .run("get", &["/registry/key-1", "--at-revision", &earlier]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);

    fs::remove_file(metadata(&chain.site, &last)).unwrap();
    let run = chain.site.run("get", &["/registry/key-1", "-o", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let changed = base64_simd::STANDARD.encode_to_string([9_u8; 40]);
    assert!(run.stdout.contains(&changed), "{}", run.stdout);
}

/// Whether hashes are looked at is for the operator to say, and it is said that they were not.
#[test]
fn without_hashes_it_is_not_compared() {
    let (chain, _) = with_a_changed_delta();
    let run = chain.site.run("verify", &["--skip-hash-check"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("no hash was checked"), "{}", run.stderr);
}

/// A full was replaced together with all that was noted of its bytes: the delta after it was stored after another one.
#[test]
fn a_full_that_was_replaced_with_its_metadata_is_told_by_the_delta_after_it() {
    let chain = RealChain::of("3.5.35");
    let full = object(&chain.site, "Full");
    replace(&full, &[2; 40], &[9; 40]);
    let bytes = fs::read(&full).unwrap();
    let mut content = Vec::new();
    MultiGzDecoder::new(&*bytes)
        .read_to_end(&mut content)
        .unwrap();
    let file = metadata(&chain.site, &full);
    let mut noted: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    noted["stored_sha256"] = format!("{:x}", Sha256::digest(&bytes)).into();
    noted["stored_bytes"] = bytes.len().into();
    content.truncate(content.len() - 32);
    noted["raw_sha256"] = format!("{:x}", Sha256::digest(&content)).into();
    fs::write(&file, noted.to_string()).unwrap();

    let run = chain.site.run("verify", &[]);
    run.failed_with(&[&name(&full), "was stored after one that had", "replaced"]);
    // By itself it is what its metadata says: nothing was stored before it.
    let alone = chain.site.run("verify", &["--snapshot", &name(&full)]);
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
}

/// An older state would be restored without a word if it counted as damaged: what contradicts what was noted is for the
/// operator to decide.
#[test]
fn initialize_goes_back_to_no_older_state_because_of_it() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    site.restore(&[]);
    let last = change_the_last_delta(site);
    damage(site);
    let before = contents(&site.data_dir());
    let run = initialize(site, &[]);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    for part in [&name(&last), "not what was stored"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    assert!(
        contents(&site.data_dir()) == before,
        "the member was changed"
    );
}
