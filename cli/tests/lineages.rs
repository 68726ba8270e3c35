//! Two histories in one store. A cluster was restored to an older state, and went on being backed up under the same
//! prefix; the revisions of what was left were higher, so `restore` took that, and `list` mixed the deltas of both into
//! chains. Metadata says which object is of which history.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;

use serde_json::Value;
use support::two_lineages::{NEW, OLD, live, newer, one, put_newer, tell, two};
use support::{Site, delta_name};
use testkit::backup::Compression::Gzip;
use testkit::backup::{Layout, Store, Told, metadata};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// What a store with the newer history alone restores to.
fn hash_of_newer(args: &[&str]) -> u64 {
    let site = Site::new();
    put_newer(&site);
    site.restored_hash(args)
}

fn json(site: &Site, verb: &str, args: &[&str]) -> Value {
    let run = site.run(verb, &[&["--output", "json"], args].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn the_newest_lineage_is_restored_whatever_the_others_lead_to() {
    let site = two();
    let report = site.restore(&[]);
    assert_eq!(
        (&report["revision"], &report["lineage"]["id"]),
        (&55.into(), &NEW.into())
    );
    assert_eq!(report["lineage"]["newest"], true);
    assert_eq!(report["lineage"]["others"], serde_json::json!([OLD]));
    assert_eq!(report["lineage"]["cluster_id"], "2");
    assert_eq!(report["hash_kv"].as_u64(), Some(hash_of_newer(&[])));
    let mark = site.data_dir().join("member/.etcdbr.chosen.json");
    assert!(!mark.exists(), "the newest state is no choice");
    let verified = json(&site, "verify", &[]);
    assert_eq!(verified["hash_kv"], report["hash_kv"]);
    assert_eq!(verified["lineage"], report["lineage"]);
    let plan = json(&two(), "restore", &["--dry-run"]);
    assert_eq!(plan["lineage"], report["lineage"]);
}

#[test]
fn every_target_is_within_one_lineage() {
    let (alone, _) = Site::with_history();
    for (args, revision) in [(&[][..], 60), (&["--to-revision", "50"], 50)] {
        let expected = alone.restored_hash(args);
        // The beginning of an id is enough.
        let args = [args, &["--lineage", "1f00c"]].concat();
        let site = two();
        let report = site.restore(&args);
        assert_eq!(report["revision"], revision);
        assert_eq!(report["lineage"]["newest"], false);
        assert_eq!(report["hash_kv"].as_u64(), Some(expected), "{args:?}");
        let mark = site.data_dir().join("member/.etcdbr.chosen.json");
        assert!(mark.exists(), "{args:?}: an older lineage is a choice");
    }
    let at_50 = two().restored_hash(&["--to-revision", "50"]);
    assert_eq!(at_50, hash_of_newer(&["--to-revision", "50"]));
    assert_ne!(at_50, alone.restored_hash(&["--to-revision", "50"]));
    // A name says which history it is of.
    let named = two().restore(&["--snapshot", &delta_name(41, 60, Gzip)]);
    assert_eq!(
        (&named["revision"], &named["lineage"]["id"]),
        (&60.into(), &OLD.into())
    );
    let words = ["in lineage 1f00d00d", "--lineage 1f00c0ffee"];
    two().refused(&["--to-revision", "30"], &words);
}

#[test]
fn an_id_that_is_unknown_or_not_clear_is_refused_with_what_there_is() {
    let there = ["1f00d00d (to revision 55)", "1f00c0ffee (to revision 60)"];
    two().refused(&["--lineage", "2"], &[&["no lineage"], &there[..]].concat());
    two().refused(
        &["--lineage", "1f00"],
        &[&["several lineages"], &there[..]].concat(),
    );
    let (site, _) = Site::with_history();
    site.refused(
        &["--lineage", "2"],
        &["no lineage", "unknown (to revision 60)"],
    );
    let bare = site.restore(&["--lineage", "unknown"]);
    assert_eq!(bare["revision"], 60);
}

/// `restore` and `verify` took a lineage, and `list` showed all of them.
#[test]
fn one_lineage_is_listed_where_it_is_named() {
    let site = two();
    let listed = json(&site, "list", &["--lineage", "1f00d"]);
    let chains = listed["chains"].as_array().unwrap();
    assert!(!chains.is_empty());
    assert!(
        chains.iter().all(|chain| chain["lineage"] == NEW),
        "{listed}"
    );
    assert_eq!(listed["lineages"].as_array().unwrap().len(), 1);
    let table = site.run("list", &["--lineage", "1f00d"]);
    assert!(table.stdout.contains(NEW), "{table:?}");
    assert!(
        !table.stdout.contains(&format!("lineage {OLD}")),
        "{table:?}"
    );
    for id in ["2", "1f00"] {
        let refused = site.run("list", &["--lineage", id]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
        assert!(
            refused.stderr.contains("1f00c0ffee (to revision 60)"),
            "{refused:?}"
        );
    }
    // With one, it is all that there is.
    let (alone, _) = Site::with_history();
    let all = json(&alone, "list", &["--lineage", "unknown"]);
    assert_eq!(all, json(&alone, "list", &[]));
    assert_eq!(alone.run("list", &["--lineage", "2"]).code, Some(1));
}

/// Backups of another program beside ours: names and times decide among them, and they are the older ones.
#[test]
fn backups_without_metadata_are_a_branch_of_their_own() {
    let (site, _) = Site::with_history();
    put_newer(&site);
    // Written after the others, by its name too.
    let told = Told::of(NEW, 2);
    let later = "Full-00000000-00000055-2000000000.gz".to_owned();
    site.put(&later, testkit::backup::compress(Gzip, &newer().full(55)));
    tell(&site, &told, std::slice::from_ref(&later));
    let report = site.restore(&[]);
    assert_eq!(report["revision"], 55, "{report}");
    assert_eq!(report["lineage"]["others"], serde_json::json!(["unknown"]));
    let printed = site.run("list", &[]).stdout;
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines[0].starts_with("unknown origin:"), "{printed}");
}

#[test]
fn a_store_without_metadata_or_with_one_lineage_is_shown_as_ever() {
    let (bare, _) = Site::with_history();
    let (told, _) = one();
    for flags in [&[][..], &["-o", "wide"], &["-o", "json"]] {
        let [bare, told] = [&bare, &told].map(|site| {
            let run = site.run("list", flags);
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            run.stdout.replace(site.store().to_str().unwrap(), "STORE")
        });
        assert_eq!(bare, told);
        assert!(!bare.contains("lineage"), "{bare}");
    }
    // A report of a store without metadata has no key more.
    assert_eq!(bare.restore(&[]).get("lineage"), None);
    assert_eq!(told.restore(&[])["lineage"]["id"], OLD);
}

#[test]
fn lineages_are_drawn_as_branches() {
    let site = two();
    let printed = site.run("list", &[]).stdout;
    let heads: Vec<&str> = printed
        .lines()
        .filter(|line| line.contains("lineage"))
        .collect();
    let old = format!("lineage {OLD} of cluster 1:");
    let new = format!("└─ lineage {NEW} of cluster 2, left {OLD} at revision 40, the newest:");
    assert_eq!(heads, [&*old, &*new], "{printed}");
    assert!(
        printed.contains("20..60") && printed.contains("45..55"),
        "{printed}"
    );
    let view = json(&site, "list", &[]);
    assert_eq!(view["lineages"][1]["parent"]["left_at"], 40, "{view}");
    let of: Vec<&Value> = view["chains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["lineage"])
        .collect();
    assert_eq!(of, [OLD, NEW]);
    let last = site.run("list", &["--last", "1"]).stdout;
    assert!(
        !last.contains("cluster 1:") && last.contains("cluster 2,"),
        "{last}"
    );
    // It began with a branch that left nothing which is shown.
    assert!(!last.contains('└'), "{last}");
    assert!(last.starts_with(&format!("lineage {NEW} of")), "{last}");
    assert!(
        last.contains(&format!("left {OLD} at revision 40")),
        "{last}"
    );
}

/// Metadata that is none may be of any lineage: the state before it was called the newest.
#[test]
fn metadata_that_cannot_be_read_is_told_and_nothing_is_the_newest_without_it() {
    let site = two();
    let name = delta_name(46, 55, Gzip);
    metadata::write(&site.store(), &name, b"{\"format\": 2}").unwrap();
    let words = [
        &*name,
        "not known which state is the newest",
        "newer version",
        "--to-revision 45",
    ];
    site.refused(&[], &words);
    site.refused(&["--snapshot", &name], &["nobody knows of which lineage"]);
    let run = site.run("restore", &["--to-revision", "45", "--output", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("is left out"), "{}", run.stderr);
    let listed = site.run("list", &[]).stdout;
    assert!(
        listed.contains(&format!("of no known lineage: v2/{name}: meta/")),
        "{listed}"
    );
    // As the hint says.
    fs::remove_dir_all(site.data_dir()).unwrap();
    fs::remove_file(site.store().join(format!("meta/{name}.json"))).unwrap();
    assert_eq!(site.restore(&[])["revision"], 55);
}

/// The whole story on real etcds: backed up, restored to an older state, backed up from there, and each history
/// restored again, to what its etcd had answered.
fn two_lineages(version: &str) {
    let binary = oracles::etcd(version).unwrap();
    let member = Member::alone().unwrap();
    let site = Site::new();
    let mut store = Store::create(site.store(), Layout::V2).unwrap();
    store.tell(Told::of(OLD, 1));
    let old = {
        let etcd = Etcd::fresh(&binary).unwrap();
        live(&etcd, &mut store, "old")
    };
    let left_at = old.end - 30;
    site.restore(&["--to-revision", &left_at.to_string()]);
    store.tell(Told::of(NEW, 2).leaving(OLD, left_at));
    let new = {
        let etcd = Etcd::serving(&binary, &member, &site.data_dir(), &[]).unwrap();
        live(&etcd, &mut store, "new")
    };
    for (args, lived) in [(&[][..], &new), (&["--lineage", OLD], &old)] {
        fs::remove_dir_all(site.data_dir()).unwrap();
        let report = site.restore(args);
        assert_eq!(report["revision"], lived.end, "{version}");
        let etcd = Etcd::serving(&binary, &member, &site.data_dir(), &[]).unwrap();
        assert_eq!(etcd.hash_kv(0).unwrap(), lived.hash, "{version} {args:?}");
    }
}

testkit::on_every_etcd!(two_lineages);
