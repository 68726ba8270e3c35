//! A chain that was taken of a real etcd, compacted to one full: what it restores to, who restores it, and what goes on
//! after it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use testkit::etcd::{Compacted, Etcd, Member, Op, Txn};
use testkit::oracles;
use testkit::restore::Restorer;

use crate::reference::restores_the_same;
use crate::snapshotter::{Snapshotter, command, leads_to, metadata, names};
use crate::support::{Run, Site};

/// The tools of etcd, by the version that they came with.
const TOOLS: [(&str, &str); 3] = [
    ("3.4.23", "etcdctl"),
    ("3.5.1", "etcdctl"),
    ("3.5.1", "etcdutl"),
];

fn taken(site: &Site, etcd: &Etcd, words: &[&str]) -> Value {
    let run = Run::of(command(site, etcd, &[words, &["-o", "json"]].concat()));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn json(site: &Site, verb: &str, words: &[&str]) -> Value {
    let run = site.run(verb, &[words, &["-o", "json"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Puts on some keys, with and without a lease, and a delete at the end.
fn write(etcd: &Etcd, round: u8) {
    let lease = 7_000 + i64::from(round);
    etcd.grant(lease, 3_600).unwrap();
    for number in 0..30_u8 {
        let key = format!("key-{}", number % 10);
        let lease = if number % 4 == 0 { lease } else { 0 };
        let put = Op::Put(
            key.as_bytes().into(),
            [round, number].as_slice().into(),
            lease,
        );
        transact(etcd, put);
    }
    transact(
        etcd,
        Op::Delete(b"key-3".as_slice().into(), b"".as_slice().into()),
    );
}

fn transact(etcd: &Etcd, op: Op) {
    let txn = Txn {
        success: vec![op],
        ..Txn::default()
    };
    etcd.txn(&txn).unwrap();
}

fn add_user(etcd: &Etcd) {
    let user = json!({"name": "somebody", "password": "a secret"});
    etcd.ask("auth/user/add", &user, None).unwrap();
}

fn users(etcd: &Etcd) -> Value {
    etcd.ask("auth/user/list", &json!({}), None).unwrap()["users"].clone()
}

/// The etcd of this version on what the program restores from the store.
fn booted(site: &Site, version: &str, flags: &[&str]) -> (Etcd, Value) {
    let restorer = Restorer {
        program: env!("CARGO_BIN_EXE_etcdbrctl").into(),
        store: site.store(),
    };
    let restored = restorer.restore(flags).unwrap();
    let (hash, revision) = (restored.report.hash_kv, restored.report.revision);
    let etcd = restored.boot(&oracles::etcd(version).unwrap()).unwrap();
    assert_eq!(etcd.hash_kv(0).unwrap().hash, hash);
    (etcd, json!({ "hash": hash, "revision": revision }))
}

/// The full restores to the keys, leases, users and the hash that the chain does where it is compacted at its end; and
/// who knows nothing of this program restores it too.
fn one_full_is_made_of_a_chain(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    add_user(&etcd);
    etcd.until_its_version_is_stored().unwrap();
    let first = taken(&site, &etcd, &["full"]);
    for round in 2..5 {
        write(&etcd, round);
        let delta = taken(&site, &etcd, &["delta"]);
        assert_eq!(delta["full"], Value::Null, "{delta}");
    }
    let head = etcd.revision().unwrap();
    let (chain, of_chain) = booted(&site, version, &["--compact"]);
    assert_eq!(of_chain["revision"], head);
    let expected = (
        chain.state().unwrap(),
        chain.leases().unwrap(),
        users(&chain),
    );
    assert!(expected.1.len() >= 4 && expected.2.as_array().is_some());
    drop(chain);

    let report = json(&site, "compact", &[]);
    assert_eq!(
        (&report["revision"], &report["hash_kv"]),
        (&head.into(), &of_chain["hash"])
    );
    assert_eq!(report["lineage"]["id"], first["lineage"]);
    let (compacted, of_full) = booted(&site, version, &[]);
    assert_eq!(of_full, of_chain);
    let state = compacted.state().unwrap();
    assert_eq!(state.difference(&expected.0), None);
    assert_eq!(state.difference(&etcd.state().unwrap()), None);
    assert_eq!(
        (compacted.leases().unwrap(), users(&compacted)),
        (expected.1, expected.2)
    );
    drop(compacted);
    restores_the_same(&site, &etcd);
    let database = database_in(&site, report["snapshot"].as_str().unwrap());
    for tool in TOOLS {
        by_another(tool, version, &database, &etcd);
    }
    goes_on(&site, &etcd, (&first, head));
}

testkit::on_every_etcd!(one_full_is_made_of_a_chain);

fn database_in(site: &Site, key: &str) -> tempfile::TempDir {
    let object = site.read(key.strip_prefix("v2/").unwrap());
    let mut content = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(&*object);
    std::io::Read::read_to_end(&mut decoder, &mut content).unwrap();
    let room = tempfile::tempdir().unwrap();
    std::fs::write(room.path().join("full.db"), content).unwrap();
    room
}

/// What etcd's own tools restore, which check the hash at its end.
fn by_another(
    (tool_version, tool): (&str, &str),
    version: &str,
    database: &tempfile::TempDir,
    live: &Etcd,
) {
    let (binary, member) = (oracles::etcd(version).unwrap(), Member::alone().unwrap());
    let dir = database.path().join(format!("{tool}-{tool_version}"));
    let program = oracles::etcd(tool_version).unwrap().sibling(tool).unwrap();
    let file = database.path().join("full.db");
    let run = restored_by(&program, &file, &dir, &member);
    assert_eq!(run.code, Some(0), "{tool} {tool_version}: {}", run.stderr);
    // etcdctl 3.4 leaves the members of the old cluster, which an etcd since 3.6 takes for its own.
    if tool_version == "3.4.23" && ["3.6.16", "3.7.3"].contains(&version) {
        return;
    }
    let etcd = Etcd::on(&binary, &member, &dir).unwrap();
    let state = etcd.state().unwrap();
    assert_eq!(
        state.difference(&live.state().unwrap()),
        None,
        "{tool} {tool_version}"
    );
    assert_eq!(
        state.revision(),
        live.revision().unwrap(),
        "{tool} {tool_version}"
    );
}

fn restored_by(program: &Path, file: &Path, dir: &Path, member: &Member) -> Run {
    let mut command = Command::new(program);
    command.env_clear().env("ETCDCTL_API", "3");
    command.args(["snapshot", "restore"]).arg(file);
    command.arg("--data-dir").arg(dir).args(member.flags());
    Run::of(command)
}

/// Deltas go on after it, in its lineage, and etcd is asked whether it is what it had.
fn goes_on(site: &Site, etcd: &Etcd, (first, head): (&Value, i64)) {
    write(etcd, 6);
    let delta = taken(site, etcd, &["delta"]);
    assert_eq!(
        (&delta["full"], &delta["lineage"]),
        (&Value::Null, &first["lineage"])
    );
    let now = etcd.revision().unwrap();
    assert_eq!(delta["reaches"], now);
    restores_the_same(site, etcd);
    // The full lacks what etcd still has, compacted at nothing: it was said to be something that etcd never had.
    let against = ["--against", etcd.client_url(), "--scan"];
    let proven = json(site, "verify", &against);
    assert_eq!(
        (&proven["revision"], &proven["hash"]),
        (&now.into(), &etcd.hash_kv(now).unwrap().hash.into())
    );
    taken(site, etcd, &["full"]);
    let folded = json(site, "verify", &["--fold"]);
    assert_eq!(folded["revision"], now);
    // Compacted on both sides, the new full is what etcd has.
    etcd.compact(head, Compacted::Physically).unwrap();
    let proven = json(site, "verify", &against);
    assert_eq!(proven["compact_revision"], head);
}

/// Every chain that leads there begins with a full that is compacted further than etcd: nothing is proven, and nothing is
/// said to be wrong.
#[test]
fn what_is_compacted_further_than_etcd_proves_nothing() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    taken(&site, &etcd, &["full"]);
    write(&etcd, 2);
    taken(&site, &etcd, &["delta"]);
    let report = json(&site, "compact", &[]);
    for name in names(&site) {
        if !report["snapshot"].as_str().unwrap().ends_with(&name) {
            site.remove(&name);
        }
    }
    let run = site.run("verify", &["--against", etcd.client_url(), "--scan"]);
    run.failed_with(&["nothing is proven", "is compacted further"]);
    assert!(!run.stderr.contains("not what etcd had"), "{}", run.stderr);
}

/// All keys are deleted, and the full holds none: by its metadata a snapshotter still finds the history of its etcd.
#[test]
fn a_chain_that_ends_with_no_key_is_compacted_too() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    let first = taken(&site, &etcd, &["full"]);
    transact(
        &etcd,
        Op::Delete(b"\0".as_slice().into(), b"\0".as_slice().into()),
    );
    taken(&site, &etcd, &["delta"]);
    let head = etcd.revision().unwrap();
    let report = json(&site, "compact", &[]);
    assert_eq!(
        (&report["entries"], &report["revision"]),
        (&0.into(), &head.into())
    );
    let name = report["snapshot"]
        .as_str()
        .unwrap()
        .strip_prefix("v2/")
        .unwrap();
    assert_eq!(metadata(&site, name)["witness"]["mod_revision"], head);
    let (compacted, _) = booted(&site, "3.5.35", &[]);
    assert_eq!(compacted.revision().unwrap(), head);
    assert!(compacted.state().unwrap().kvs().is_empty());
    drop(compacted);
    write(&etcd, 2);
    let delta = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&delta["full"], &delta["lineage"]),
        (&Value::Null, &first["lineage"])
    );
}

/// Deltas of a closed chain become one, and the chain is restored by the rules of the reference when the full after it is
/// gone.
fn the_reference_restores_a_merged_delta(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    taken(&site, &etcd, &["full"]);
    for round in 2..6 {
        write(&etcd, round);
        taken(&site, &etcd, &["delta"]);
    }
    let head = etcd.revision().unwrap();
    let last = taken(&site, &etcd, &["full"]);
    let levels = json(&site, "compact", &["--levels"]);
    assert_eq!(levels["deleted"], 4, "{levels}");
    assert_eq!(names(&site).len(), 3);
    leads_to(&site, &etcd, head - 40);
    // What is taken from now on goes on as before.
    write(&etcd, 7);
    let delta = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&delta["full"], &delta["lineage"]),
        (&Value::Null, &last["lineage"])
    );
    restores_the_same(&site, &etcd);
    let is_later = |name: &String| name.contains(&format!("-{:08}-", etcd.revision().unwrap()));
    for name in names(&site) {
        if last["full"]["key"].as_str().unwrap().ends_with(&name) || is_later(&name) {
            site.remove(&name);
        }
    }
    assert_eq!(names(&site).len(), 2);
    restores_the_same(&site, &etcd);
}

testkit::on_every_etcd!(the_reference_restores_a_merged_delta);

/// A compaction takes no turn to write deltas: a snapshotter that runs goes on in its lineage, with deltas that follow on the
/// new full, and one that begins after it goes on too.
#[test]
fn a_snapshotter_that_runs_goes_on() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    etcd.until_its_version_is_stored().unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    for round in 1..4 {
        write(&etcd, round);
        snapshotter.stores(etcd.revision().unwrap());
    }
    let report = json(&site, "compact", &[]);
    write(&etcd, 4);
    snapshotter.stores(etcd.revision().unwrap());
    let run = snapshotter.stop();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut later = Snapshotter::start(&site, &etcd, &[]);
    write(&etcd, 5);
    later.stores(etcd.revision().unwrap());
    assert_eq!(later.stop().code, Some(0));
    let listed = json(&site, "list", &[]);
    assert_eq!(listed["lineages"], Value::Null, "one lineage");
    let verified = json(&site, "verify", &[]);
    assert_eq!(verified["revision"], etcd.revision().unwrap());
    assert_eq!(verified["base"], report["snapshot"], "{verified}");
    restores_the_same(&site, &etcd);
}

/// etcd has compacted the last event of the new full, as it does under Kubernetes within minutes: the log of raft, of which the
/// full knows how long it was at least, speaks for the history. A full without that began a lineage.
fn the_lineage_goes_on_where_the_last_event_is_compacted(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    write(&etcd, 1);
    etcd.until_its_version_is_stored().unwrap();
    let first = taken(&site, &etcd, &["full"]);
    write(&etcd, 2);
    taken(&site, &etcd, &["delta"]);
    let report = json(&site, "compact", &[]);
    // As a collection does it.
    for name in names(&site) {
        if !report["snapshot"].as_str().unwrap().ends_with(&name) {
            site.remove(&name);
        }
    }
    write(&etcd, 3);
    let head = etcd.revision().unwrap();
    etcd.compact(head, Compacted::Physically).unwrap();
    let next = taken(&site, &etcd, &["delta"]);
    assert_eq!(next["full"]["revision"], head, "{next}");
    assert_eq!(next["lineage"], first["lineage"]);
}

testkit::on_every_etcd!(the_lineage_goes_on_where_the_last_event_is_compacted);
