use std::fs;

use serde_json::Value;
use testkit::etcd::Compacted;
use testkit::on_every_etcd;

use crate::run::{command, drilled, etcd, outcomes};
use crate::support::real_chain::{RealChain, write};
use crate::support::{Run, contents};

const STARTED: &str = "started on it";
const LIVE: &str = "live cluster";

/// Whether backups could be restored was known by whoever had tried it by hand.
fn what_a_cluster_has_is_what_a_drill_finds(version: &str) {
    let chain = RealChain::of(version);
    let site = &chain.site;
    let before = contents(&site.store());
    let (stock, live) = (etcd(version), chain.etcd.client_url().to_owned());
    let words = [
        "--etcd",
        &stock,
        "--endpoints",
        &live,
        "--report",
        "drill.json",
    ];
    let report = drilled(site, &words, 0);
    assert_eq!(report["verdict"], "passed", "{report}");
    assert_eq!(report["etcd_version"], version, "{report}");
    assert_eq!(report["restored"]["revision"], chain.ends[2], "{report}");
    let meant = chain.etcd.state().unwrap();
    assert_eq!(report["keys"], meant.kvs().len(), "{report}");
    for with in [STARTED, LIVE] {
        for what in ["HashKV", "the number of keys", "a sample of keys"] {
            assert_eq!(outcomes(&report, what, with), ["same"], "{what}: {report}");
        }
    }
    for noted in ["the sum of the entries of the full", "the last event"] {
        assert_eq!(outcomes(&report, noted, "noted"), ["same"], "{report}");
    }
    let phases = &report["phases"];
    let took = |name: &str| phases[name].as_u64().unwrap();
    assert_eq!(
        report["rto_ms"],
        took("restore_ms") + took("start_ms"),
        "{report}"
    );
    let written = fs::read(site.path().join("drill.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), report);
    let log = fs::read_to_string(site.path().join("drill.json.etcd.log")).unwrap();
    assert!(log.contains("etcd"), "{log}");
    assert!(contents(&site.store()) == before, "the store was changed");
    assert_eq!(chain.etcd.state().unwrap().difference(&meant), None);
}

on_every_etcd!(what_a_cluster_has_is_what_a_drill_finds);

/// Without an etcd its database is read as one would: that costs nothing but the restore.
#[test]
fn without_an_etcd_the_database_is_read() {
    let chain = RealChain::of("3.6.16");
    let report = drilled(&chain.site, &[], 0);
    assert_eq!(report["verdict"], "passed", "{report}");
    assert_eq!(report["etcd_version"], Value::Null, "{report}");
    assert_eq!(outcomes(&report, "HashKV", "the restore"), ["same"]);
    let run = Run::of(command(&chain.site, &[]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let line = format!("Drill passed: revision {}, 11 keys", chain.ends[2]);
    assert!(run.stdout.starts_with(&line), "{}", run.stdout);
    assert!(
        run.stdout.contains("read without an etcd"),
        "{}",
        run.stdout
    );
}

/// A cluster goes on after its backup, and is compacted: its hash of then is one of fewer entries.
#[test]
fn a_cluster_that_went_on_is_compared_at_the_revision_of_the_backup() {
    let chain = RealChain::of("3.5.35");
    let live = ["--endpoints", chain.etcd.client_url()];
    write(&chain.etcd, 77);
    let compacted = chain.ends[1];
    chain
        .etcd
        .compact(compacted, Compacted::Physically)
        .unwrap();
    let report = drilled(&chain.site, &live, 0);
    for what in ["HashKV", "the number of keys", "a sample of keys"] {
        assert_eq!(outcomes(&report, what, LIVE), ["same"], "{what}: {report}");
    }
    // Further than the backup leads there is nothing to compare, and that is no fault of the backup.
    let head = chain.etcd.revision().unwrap();
    chain.etcd.compact(head, Compacted::Physically).unwrap();
    let report = drilled(&chain.site, &live, 0);
    assert_eq!(
        outcomes(&report, "HashKV", LIVE),
        ["not_compared"],
        "{report}"
    );
    assert_eq!(outcomes(&report, "the cluster", LIVE), ["same"], "{report}");
}

/// A plain snapshot has no metadata: the etcd on it says what it holds.
#[test]
fn a_plain_snapshot_is_drilled() {
    let chain = RealChain::of("3.5.1");
    let file = chain.site.path().join("saved.db");
    chain.etcd.save_snapshot(&file).unwrap();
    let file = file.display().to_string();
    let stock = etcd("3.5.1");
    let live = chain.etcd.client_url();
    let words = ["--from-file", &file, "--etcd", &stock, "--endpoints", live];
    let report = drilled(&chain.site, &words, 0);
    assert_eq!(outcomes(&report, "HashKV", LIVE), ["same"], "{report}");
    assert_eq!(outcomes(&report, "HashKV", STARTED), ["same"], "{report}");
    let noted = outcomes(&report, "the last event", "noted");
    assert_eq!(noted, ["not_compared"], "{report}");
}

/// An earlier state, as it is needed after a mistake.
#[test]
fn an_earlier_state_is_drilled() {
    let chain = RealChain::of("3.5.35");
    let (stock, revision) = (etcd("3.5.35"), chain.ends[1]);
    let words = ["--to-revision", &revision.to_string(), "--etcd", &stock];
    let report = drilled(&chain.site, &words, 0);
    assert_eq!(report["restored"]["revision"], revision, "{report}");
    assert_eq!(outcomes(&report, "HashKV", STARTED), ["same"], "{report}");
}

/// Of 45 keys 23 were compared where 44 were wanted, and none at all was "the same".
#[test]
fn as_many_keys_are_compared_as_are_wanted() {
    let chain = RealChain::of("3.5.35");
    let live = chain.etcd.client_url();
    let sampled = |wanted: u64| {
        let words = ["--endpoints", live, "--sample", &wanted.to_string()];
        let report = drilled(&chain.site, &words, 0);
        let checks = report["checks"].as_array().unwrap();
        let sample = checks.iter().find(|one| one["what"] == "a sample of keys");
        let compared = sample.map(|one| one["restored"].as_str().unwrap().to_owned());
        (report["keys"].as_u64().unwrap(), compared)
    };
    let (keys, none) = sampled(0);
    assert_eq!(none, None);
    for (wanted, compared) in [(keys - 1, keys - 1), (keys * 9, keys)] {
        assert_eq!(sampled(wanted).1, Some(format!("{compared} keys")));
    }
}
