use std::fs;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::{Read, Write};
use testkit::etcd::{Compacted, Etcd};
use testkit::oracles;

use crate::snapshotter::{Snapshotter, command, metadata, names};
use crate::support::{Run, Site};

fn taken(site: &Site, etcd: &Etcd, words: &[&str]) {
    let run = Run::of(command(site, etcd, words));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// Thirty puts on ten keys, and a delete.
fn write(etcd: &Etcd, round: u8) {
    for number in 0..30 {
        let key = format!("key-{}", number % 10);
        etcd.put(key.as_bytes(), &[round, number]).unwrap();
    }
    let delete = testkit::etcd::Op::Delete(b"key-3".as_slice().into(), b"".as_slice().into());
    let txn = testkit::etcd::Txn {
        success: vec![delete],
        ..Default::default()
    };
    etcd.txn(&txn).unwrap();
}

fn proven(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A full, a delta, a compaction between their revisions, a delta and a full: each tier agrees with what etcd says.
fn every_tier_agrees(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    taken(&site, &etcd, &["full"]);
    write(&etcd, 2);
    taken(&site, &etcd, &["delta"]);
    // One that is in the delta, and not its last.
    etcd.compact(50, Compacted::Physically).unwrap();
    write(&etcd, 3);
    taken(&site, &etcd, &["delta"]);
    let verify = |words: &[&str]| site.run("verify", &[words, &["-o", "json"]].concat());
    let against = ["--against", etcd.client_url()];
    let scanned = proven(&verify(&[&against[..], &["--scan"]].concat()));
    assert_eq!(
        (&scanned["tier"], &scanned["revision"]),
        (&4.into(), &94.into())
    );
    assert_eq!(scanned["compact_revision"], 50);
    assert_eq!(scanned["hash"], etcd.hash_kv(94).unwrap().hash);
    let scans = etcd.hash_scans().unwrap();
    let remembered = verify(&against);
    match ["3.4.23", "3.5.1"].contains(&version) {
        // They keep none, and would read all of their database for one.
        true => remembered.failed_with(&["keeps no hash of its compactions", version, "--scan"]),
        false => {
            let remembered = proven(&remembered);
            assert_eq!(
                (&remembered["tier"], &remembered["revision"]),
                (&2.into(), &50.into())
            );
        }
    }
    assert_eq!(etcd.hash_scans().unwrap(), scans);
    taken(&site, &etcd, &["full"]);
    let folded = proven(&verify(&["--fold"]));
    assert_eq!(
        (&folded["tier"], &folded["revision"]),
        (&3.into(), &94.into())
    );
    let first = names(&site)
        .into_iter()
        .find(|name| name.starts_with("Full"))
        .unwrap();
    assert_eq!(metadata(&site, &first)["proof"]["tier"], 3);
}

testkit::on_every_etcd!(every_tier_agrees);

/// A delta in which one value was changed, with the right hash at its end: `verify` finds nothing wrong with it.
#[test]
fn a_delta_that_lies_is_found_out() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    taken(&site, &etcd, &["full"]);
    write(&etcd, 2);
    taken(&site, &etcd, &["delta"]);
    taken(&site, &etcd, &["full"]);
    let delta = delta_of(&site, 45);
    lie(&site, &delta, 45);
    assert_eq!(site.run("verify", &["--to-revision", "60"]).code, Some(0));
    let fold = site.run("verify", &["--fold"]);
    fold.failed_with(&["are not what etcd had", "one of these lies", &delta]);
    etcd.compact(60, Compacted::Physically).unwrap();
    let against = site.run("verify", &["--against", etcd.client_url()]);
    against.failed_with(&["are not what etcd had", "HashKV", &delta]);
    let full = names(&site).into_iter().next().unwrap();
    assert_eq!(metadata(&site, &full)["proof"], Value::Null);
}

/// A snapshotter that proves what it takes: with what etcd remembers, and, when a delta lies, by a full at once.
#[test]
fn a_snapshotter_proves_and_takes_a_full_when_a_proof_fails() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    let mut snapshotter = Snapshotter::start(&site, &etcd, &["--verify-every", "1s"]);
    snapshotter.stores(32);
    write(&etcd, 2);
    snapshotter.stores(63);
    // It has to see the compaction, or etcd may have forgotten its hash.
    snapshotter.says("nothing is proven yet");
    etcd.compact(50, Compacted::Physically).unwrap();
    snapshotter.says("proven: the backups are what etcd");
    // What lies has to be in the hash: that of etcd ends at 50.
    lie(&site, &delta_of(&site, 45), 45);
    snapshotter.says("are not what etcd had");
    snapshotter.takes_fulls(2);
    assert_eq!(snapshotter.stop().code, Some(0));
}

/// An etcd that was restarted has forgotten the hash of its compaction: each proof made it read its whole database, and
/// writers waited. Only a compaction that the snapshotter has seen is asked for.
#[test]
fn an_etcd_that_may_have_forgotten_a_hash_is_not_asked_for_it() {
    let mut etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    taken(&site, &etcd, &["full"]);
    write(&etcd, 2);
    taken(&site, &etcd, &["delta"]);
    etcd.compact(50, Compacted::Physically).unwrap();
    taken(&site, &etcd, &["full"]);
    etcd.restart_in_place().unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &["--verify-every", "1s"]);
    snapshotter.says("by what was noted of that full when it was taken");
    write(&etcd, 3);
    snapshotter.stores(94);
    etcd.compact(80, Compacted::Physically).unwrap();
    snapshotter.says("by the hash that etcd remembers from a compaction");
    assert_eq!(etcd.hash_scans().unwrap(), 0);
    assert_eq!(snapshotter.stop().code, Some(0));
    // Who asks for it by hand is told what it has cost.
    etcd.restart_in_place().unwrap();
    let scanned = site.run("verify", &["--against", etcd.client_url()]);
    assert_eq!(scanned.code, Some(0), "{}", scanned.stderr);
    assert!(
        scanned
            .stdout
            .contains("shown     by a hash for which etcd has read its whole database")
    );
    // The number of a tier is for programs: nobody is told what it counts.
    assert!(!scanned.stdout.contains("tier"), "{}", scanned.stdout);
    assert_eq!(etcd.hash_scans().unwrap(), 1);
}

/// The delta that holds a revision.
fn delta_of(site: &Site, revision: i64) -> String {
    let holds = |name: &String| {
        let parts: Vec<&str> = name.split('-').collect();
        let number = |at: usize| parts[at].parse::<i64>().unwrap();
        parts[0] == "Incr" && (number(1)..=number(2)).contains(&revision)
    };
    names(site).into_iter().find(holds).unwrap()
}

/// Changes the value that was put at a revision.
fn lie(site: &Site, name: &str, revision: i64) {
    let path = site.object(name);
    let mut json = Vec::new();
    let object = fs::read(&path).unwrap();
    GzDecoder::new(&object[..]).read_to_end(&mut json).unwrap();
    json.truncate(json.len() - 32);
    let mut events: Value = serde_json::from_slice(&json).unwrap();
    let events_of = events.as_array_mut().unwrap();
    let is_it = |event: &&mut Value| event["etcdEvent"]["kv"]["mod_revision"] == revision;
    let event = events_of.iter_mut().find(is_it).unwrap();
    event["etcdEvent"]["kv"]["value"] = "AAAA".into();
    let mut json = serde_json::to_vec(&events).unwrap();
    let hash: [u8; 32] = sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        &json,
    ))
    .into();
    json.extend(hash);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&json).unwrap();
    let object = encoder.finish().unwrap();
    // What was noted of its bytes lies too, or no fold would be needed to see it.
    let file = format!("../meta/{name}.json");
    let mut noted = metadata(site, name);
    noted["raw_sha256"] = hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .into();
    noted["stored_sha256"] =
        format!("{:x}", <sha2::Sha256 as sha2::Digest>::digest(&object)).into();
    fs::write(site.object(&file), noted.to_string()).unwrap();
    fs::write(&path, object).unwrap();
}

/// An object that was found damaged by a proof was a warning, and the next snapshots went on behind it: nothing that they led
/// to could be restored.
#[test]
fn a_full_is_taken_when_a_proof_finds_a_damaged_object() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    let mut snapshotter = Snapshotter::start(&site, &etcd, &["--verify-every", "1s"]);
    snapshotter.stores(32);
    write(&etcd, 2);
    snapshotter.stores(63);
    snapshotter.says("nothing is proven yet");
    let delta = delta_of(&site, 45);
    let mut object = fs::read(site.object(&delta)).unwrap();
    let middle = object.len() / 2;
    object[middle] ^= 1;
    fs::write(site.object(&delta), object).unwrap();
    etcd.compact(50, Compacted::Physically).unwrap();
    snapshotter.says("the backups cannot be restored");
    snapshotter.takes_fulls(2);
    let run = snapshotter.stop();
    assert!(run.stderr.contains(&delta), "{}", run.stderr);
    // What the new full leads to is sound.
    assert_eq!(site.run("verify", &[]).code, Some(0));
}

/// An etcd of another history, and one that was never compacted: neither is a proof, nor a lie. Of a store with one full
/// it was said that there is no full, and that nothing can be recovered.
#[test]
fn nothing_to_compare_with_is_no_proof() {
    let binary = oracles::etcd("3.6.16").unwrap();
    let (etcd, other) = (Etcd::fresh(&binary).unwrap(), Etcd::fresh(&binary).unwrap());
    let site = Site::new();
    write(&etcd, 1);
    taken(&site, &etcd, &["full"]);
    let never = site.run("verify", &["--against", etcd.client_url()]);
    never.failed_with(&["nothing is proven", "has not been compacted"]);
    let lags = site.run("verify", &["--against", other.client_url(), "--scan"]);
    lags.failed_with(&["nothing is proven", "is not at revision 32 yet"]);
    let alone = site.run("verify", &["--fold"]);
    alone.failed_with(&["nothing is proven", "is the only full"]);
    assert!(!alone.stderr.contains("recoverable are none"));
}
