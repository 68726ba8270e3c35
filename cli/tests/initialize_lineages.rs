//! `initialize` beside a store of two lineages. The names of what had been left led further: a member that was whole and
//! new was called an old state, and a damaged one got the history back that had been left.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;

use support::initialized::{DB, damage, initialize, outcome, revision, validate};
use support::two_lineages::{NEW, OLD, live, one, put_newer, tell, two};
use support::{History, Site, contents, delta_name, full_name};
use testkit::backup::Compression::Gzip;
use testkit::backup::{Layout, Store, Told, compress, metadata};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

const MARK: &str = "member/.etcdbr.chosen.json";
const LINEAGE: &str = "member/.etcdbr.lineage.json";

/// Nothing can be read of it any more; its log is whole.
fn ruin(site: &Site) {
    fs::write(site.data_dir().join(DB), "no database").unwrap();
}

#[test]
fn a_member_of_the_newest_lineage_does_not_lag_behind_what_was_left() {
    let site = two();
    site.restore(&[]);
    let found = validate(&site, &[]);
    assert_eq!(found.code, Some(0), "{}{}", found.stdout, found.stderr);
    let told = format!("of 2 lineages, of which {NEW} counts here");
    assert!(found.stdout.contains(&told), "{}", found.stdout);
    let said = outcome(&site, &[]);
    assert_eq!(said["deed"], "untouched", "{said}");

    damage(&site);
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], 55, "{said}");
    assert_eq!(said["restored"]["lineage"]["id"], NEW, "{said}");
    assert_eq!(revision(&site), 55);
}

/// An object damaged in the newest lineage leads to an older state of that one.
#[test]
fn another_lineage_does_not_stand_in_for_a_damaged_object() {
    let site = two();
    site.restore(&[]);
    damage(&site);
    site.put(&delta_name(46, 55, Gzip), "no gzip at all");
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], 45, "{said}");
}

/// The mark of a restore to an older state outlives late objects of what was left, and ends with a full of the lineage
/// that began there: a damaged member goes on in that, and bears no mark any more.
#[test]
fn the_mark_of_an_older_state_ends_with_a_full_of_its_lineage() {
    let (site, mut history) = one();
    site.restore(&["--to-revision", "40"]);
    assert!(site.data_dir().join(MARK).exists());
    // The old etcd still ran, and was backed up once more.
    history.wander(70, 5);
    site.put_full(&history, 70);
    tell(&site, &Told::of(OLD, 1), &[full_name(70, Gzip)]);
    let said = outcome(&site, &[]);
    assert_eq!(said["deed"], "untouched", "{said}");
    assert!(said["remarks"].to_string().contains("on purpose"), "{said}");
    damage(&site);
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], 40, "{said}");

    put_newer(&site);
    let told = Told::of(NEW, 2).leaving(OLD, 40);
    tell(
        &site,
        &told,
        &[full_name(45, Gzip), delta_name(46, 55, Gzip)],
    );
    damage(&site);
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], 55, "{said}");
    assert!(
        !said["remarks"].to_string().contains("on purpose"),
        "{said}"
    );
    assert!(!site.data_dir().join(MARK).exists());
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
}

/// A member of which nothing can be read was restored from whatever the store held: a mistyped prefix put an etcd on
/// the state of another cluster.
#[test]
fn the_backups_of_another_cluster_are_refused_with_both_ids() {
    let (site, _) = Site::with_history();
    let report = site.restore(&[]);
    let own = report["member"]["cluster_id"].as_str().unwrap().to_owned();
    tell(
        &site,
        &Told::of(OLD, 0xdead),
        &support::two_lineages::old_names(),
    );
    let ids = [&*own, "cluster dead", "(lineage 1f00c0ffee)"];
    let found = validate(&site, &[]);
    for id in ids {
        assert!(found.stdout.contains(id), "no {id} in {}", found.stdout);
    }
    ruin(&site);
    let before = contents(&site.data_dir());
    let words = [&ids[..2], &["--allow-other-cluster", "prefix of the store"]].concat();
    initialize(&site, &[]).failed_with(&words);
    assert_eq!(contents(&site.data_dir()), before);
    // Nor can the log be read to its end: the id stands at its beginning.
    let wal = fs::read_dir(site.data_dir().join("member/wal")).unwrap();
    let segment = wal.map(|entry| entry.unwrap().path()).min().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.iter().rposition(|byte| *byte != 0).unwrap() - 20;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    initialize(&site, &[]).failed_with(&words);
    let said = outcome(&site, &["--allow-other-cluster"]);
    assert_eq!(said["restored"]["reached"], 60, "{said}");
    assert!(site.data_dir().join(".etcdbr.old").exists());
}

/// A whole one lags behind them by the numbers, and stays, as without metadata; the ids are said.
#[test]
fn a_whole_member_beside_another_cluster_stays_and_both_ids_are_said() {
    let (site, _) = Site::with_history();
    let report = site.restore(&[]);
    let own = report["member"]["cluster_id"].as_str().unwrap().to_owned();
    let mut other = History::default();
    other.wander(90, 2);
    for name in support::two_lineages::old_names() {
        site.remove(&name);
    }
    site.put_full(&other, 90);
    tell(&site, &Told::of(OLD, 0xdead), &[full_name(90, Gzip)]);
    let before = contents(&site.data_dir());
    let words = ["another history", &*own, "cluster dead"];
    initialize(&site, &[]).failed_with(&words);
    assert_eq!(contents(&site.data_dir()), before);
}

/// The id of a cluster follows from addresses and a token, and a restore may change it: that it differs proves nothing
/// where the member says of which lineage it is, or where what it holds does.
#[test]
fn a_member_that_was_restored_from_the_lineage_is_of_it_under_any_id() {
    let site = two();
    site.restore(&["--initial-cluster-token", "another"]);
    assert!(site.data_dir().join(LINEAGE).exists());
    let found = validate(&site, &[]);
    assert!(!found.stdout.contains("of cluster"), "{}", found.stdout);
    ruin(&site);
    assert_eq!(outcome(&site, &[])["restored"]["revision"], 55);
    assert!(site.data_dir().join(LINEAGE).exists());

    // One of the lineage before: what it left comes from there.
    let site = two();
    site.restore(&["--lineage", OLD, "--to-revision", "40"]);
    fs::remove_file(site.data_dir().join(MARK)).unwrap();
    ruin(&site);
    assert_eq!(outcome(&site, &[])["restored"]["revision"], 55);

    // Another tool has restored it. What can be read of it is in the backups.
    let site = two();
    site.restore(&["--initial-cluster-token", "another"]);
    fs::remove_file(site.data_dir().join(LINEAGE)).unwrap();
    fs::remove_dir_all(site.data_dir().join("member/wal")).unwrap();
    let said = initialize(&site, &[]);
    said.failed_with(&["member/wal"]);
    let site = two();
    site.restore(&["--initial-cluster-token", "another"]);
    fs::remove_file(site.data_dir().join(LINEAGE)).unwrap();
    damage(&site);
    let said = outcome(&site, &["--dry-run"]);
    assert!(
        said["explanation"]
            .to_string()
            .contains("the backups are of cluster 2"),
        "{said}"
    );
    assert_eq!(outcome(&site, &[])["restored"]["kinship"], "same");
}

/// What cannot be placed may be the newest state: a damaged member is not replaced by an older one without a word, and
/// one that is whole and does not lag serves.
#[test]
fn nothing_is_restored_while_an_object_that_may_lead_further_has_no_place() {
    let site = two();
    site.restore(&[]);
    let name = delta_name(46, 55, Gzip);
    let path = site.store().join(format!("meta/{name}.json"));
    let kept = fs::read(&path).unwrap();
    metadata::write(&site.store(), &name, b"{").unwrap();
    let said = outcome(&site, &[]);
    assert_eq!(said["deed"], "untouched", "{said}");
    assert!(
        said["remarks"].to_string().contains("is left out"),
        "{said}"
    );
    let before = contents(&site.data_dir());
    damage(&site);
    let damaged = contents(&site.data_dir());
    assert_ne!(before, damaged);
    let words = [
        &*name,
        "may lead further than revision 45",
        "hint: write that object of metadata again",
    ];
    initialize(&site, &[]).failed_with(&words);
    assert_eq!(contents(&site.data_dir()), damaged);
    fs::write(&path, kept).unwrap();
    assert_eq!(outcome(&site, &[])["restored"]["revision"], 55);

    // One that lags behind what may be.
    let site = two();
    site.restore(&["--to-revision", "45"]);
    fs::remove_file(site.data_dir().join(MARK)).unwrap();
    metadata::write(&site.store(), &name, b"{").unwrap();
    let found = validate(&site, &[]);
    assert_eq!(found.code, Some(14), "{}", found.stdout);
    initialize(&site, &[]).failed_with(&words);
    // Nothing that can be read is of a known lineage.
    let site = two();
    for entry in fs::read_dir(site.store().join("meta")).unwrap() {
        fs::write(entry.unwrap().path(), "{\"format\": 2}").unwrap();
    }
    initialize(&site, &[]).failed_with(&["not known which state", "newer version"]);
    assert!(!site.data_dir().exists());
}

/// The whole story on real etcds: an older state is restored on purpose, serves, is backed up as a lineage of its own,
/// and comes back from that when its member is damaged.
fn goes_on_in_its_lineage(version: &str) {
    let binary = oracles::etcd(version).unwrap();
    let member = Member::alone().unwrap();
    let site = Site::new();
    let mut store = Store::create(site.store(), Layout::V2).unwrap();
    store.tell(Told::of(OLD, 1));
    let old = live(&Etcd::fresh(&binary).unwrap(), &mut store, "old");
    let left_at = old.end - 10;
    site.restore(&["--to-revision", &left_at.to_string()]);
    store.tell(Told::of(NEW, 2).leaving(OLD, left_at));
    let etcd = Etcd::serving(&binary, &member, &site.data_dir(), &[]).unwrap();
    let new = live(&etcd, &mut store, "new");
    drop(etcd);
    assert_eq!(outcome(&site, &[])["deed"], "untouched", "{version}");
    damage(&site);
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], new.end, "{version}: {said}");
    assert_eq!(said["restored"]["lineage"]["id"], NEW);
    assert!(!site.data_dir().join(MARK).exists());
    let etcd = Etcd::serving(&binary, &member, &site.data_dir(), &[]).unwrap();
    assert_eq!(etcd.hash_kv(0).unwrap(), new.hash, "{version}");
}

testkit::on_every_etcd!(goes_on_in_its_lineage);

/// Full and deltas of the reference beside ours are another history or the same, and only names tell: what they lead to
/// counts where they are newer than all of ours.
#[test]
fn another_program_that_takes_over_is_followed() {
    let (site, mut history) = one();
    site.restore(&[]);
    history.wander(80, 7);
    site.put(
        "Full-00000000-00000070-2000000000.gz",
        compress(Gzip, &history.full(70)),
    );
    site.put(
        "Incr-00000071-00000080-2000000010.gz",
        compress(Gzip, &history.delta(71..=80)),
    );
    let said = outcome(&site, &[]);
    assert_eq!(said["restored"]["revision"], 80, "{said}");
    assert_eq!(said["restored"]["lineage"]["id"], "unknown", "{said}");
}
