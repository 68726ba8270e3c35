use testkit::etcd::{Compacted, Etcd, Member};
use testkit::oracles;

use crate::snapshotter::{Snapshotter, metadata, names, verified};
use crate::support::Site;

/// Another etcd under the same prefix, whose revisions are those of the first: its deltas were added to the chain of
/// the first, and the state that came back was of neither.
#[test]
fn another_etcd_begins_a_lineage() {
    let binary = oracles::etcd("3.6.16").unwrap();
    let (first, second) = (Etcd::fresh(&binary).unwrap(), Etcd::fresh(&binary).unwrap());
    let site = Site::new();
    for number in 0..10 {
        first.put(b"of the first", &[number]).unwrap();
        second.put(b"of the second", &[number]).unwrap();
    }
    let mut snapshotter = Snapshotter::start(&site, &first, &[]);
    snapshotter.stores(11);
    first.put(b"more", b"1").unwrap();
    snapshotter.stores(12);
    assert_eq!(snapshotter.stop().code, Some(0));
    let before = names(&site);

    second.put(b"of the second", b"1").unwrap();
    second.put(b"of the second", b"2").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &second, &[]);
    snapshotter.says("nothing proves that etcd has the history of the newest backups");
    snapshotter.stores(13);
    second.put(b"of the second", b"3").unwrap();
    snapshotter.stores(14);
    assert_eq!(snapshotter.stop().code, Some(0));
    // The members of the first were compared with those of the second, and a second full was taken.
    let after = names(&site);
    let new: Vec<_> = after.iter().filter(|name| !before.contains(name)).collect();
    let lineage = |name: &String| metadata(&site, name)["lineage"]["id"].clone();
    assert_eq!(
        new.iter().filter(|name| name.starts_with("Full")).count(),
        1
    );
    let old = lineage(&before[0]);
    assert!(before.iter().all(|name| lineage(name) == old));
    let id = lineage(new[0]);
    assert!(id != old && new.iter().all(|name| lineage(name) == id));
    assert_eq!(metadata(&site, new[0])["lineage"]["parent"]["id"], old);
    let report = verified(&site, None);
    assert_eq!(report["hash_kv"], second.hash_kv(0).unwrap().hash);
}

/// A full every six hours, and between them the compactions of a kube-apiserver: each full began a lineage, `list` drew a
/// staircase, and no collection deleted any of them.
fn a_compaction_between_fulls_begins_no_lineage(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    let once = |flags: &[&str]| {
        let endpoint = ["--endpoints", etcd.client_url()];
        let run = site.run("snapshot", &[flags, &endpoint].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(!run.stderr.contains("WARN"), "{}", run.stderr);
    };
    // Nobody has written to it: no event can be read back.
    once(&["--once"]);
    once(&["--once"]);
    for flags in [&["--once"][..], &["delta"], &["--once"]] {
        let mut last = 0;
        for number in 0..5 {
            last = etcd.put(b"the same key", &[number]).unwrap();
        }
        etcd.compact(last, Compacted::Physically).unwrap();
        once(flags);
    }
    let names = names(&site);
    assert!(
        names.iter().all(|name| name.starts_with("Full")),
        "{names:?}"
    );
    assert_eq!(names.len(), 5);
    let lineage = |name: &String| metadata(&site, name)["lineage"]["id"].clone();
    assert!(names.iter().all(|name| lineage(name) == lineage(&names[0])));
    let kept = [
        "--garbage-collection-policy",
        "LimitBased",
        "--max-backups",
        "1",
    ];
    let run = site.run("gc", &[&kept[..], &["--dry-run"]].concat());
    assert!(!run.stdout.contains("another lineage"), "{}", run.stdout);
}

testkit::on_every_etcd!(a_compaction_between_fulls_begins_no_lineage);

/// A snapshotter that is started again on the same etcd goes on, without a full.
#[test]
fn the_same_etcd_is_recognized() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(2);
    assert_eq!(snapshotter.stop().code, Some(0));
    etcd.put(b"a", b"2").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.says("etcd has the history of the newest backups");
    snapshotter.stores(3);
    assert_eq!(snapshotter.stop().code, Some(0));
    let kinds: Vec<String> = names(&site)
        .iter()
        .map(|name| name[..4].to_owned())
        .collect();
    assert_eq!(kinds, ["Full", "Incr"]);
}

/// A cluster was restored to an older state and backed up again: where its lineage had left the other was said to be not
/// proven, though both have the events up to there.
#[test]
fn where_a_lineage_left_another_is_proven_by_an_event_of_both() {
    let binary = oracles::etcd("3.5.35").unwrap();
    let etcd = Etcd::fresh(&binary).unwrap();
    let site = Site::new();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    for number in 0..6 {
        let last = etcd.put(b"a", &[number]).unwrap();
        snapshotter.stores(last);
    }
    assert_eq!(snapshotter.stop().code, Some(0));
    drop(etcd);
    let member = Member::alone().unwrap();
    let flags = member.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    site.restore(&[&["--to-revision", "4"], &flags[..]].concat());
    let restored = Etcd::on(&binary, &member, &site.data_dir()).unwrap();
    for number in 0..9 {
        restored.put(b"b", &[number]).unwrap();
    }
    let before = names(&site);
    let mut snapshotter = Snapshotter::start(&site, &restored, &[]);
    snapshotter.stores(13);
    assert_eq!(snapshotter.stop().code, Some(0));
    let new = names(&site).into_iter().find(|name| !before.contains(name));
    let parent = metadata(&site, &new.unwrap())["lineage"]["parent"].clone();
    assert_eq!(
        (&parent["left_at"], &parent["branching"]),
        (&4.into(), &"proven".into())
    );
    let list = site.run("list", &[]);
    assert!(
        list.stdout.contains("at revision 4, the newest"),
        "{}",
        list.stdout
    );
}

/// Restored to an older state, written to beyond the backups, and compacted: nothing can be read back of the newest event, and
/// its log has begun anew.
fn a_restore_that_was_compacted_begins_a_lineage(version: &str) {
    let binary = oracles::etcd(version).unwrap();
    let etcd = Etcd::fresh(&binary).unwrap();
    let site = Site::new();
    let endpoint = ["--endpoints", etcd.client_url()];
    for full in 0..2 {
        for number in 0..6 {
            etcd.put(b"a", &[full, number]).unwrap();
        }
        let run = site.run("snapshot", &[&["--once"], &endpoint[..]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    drop(etcd);
    let member = Member::alone().unwrap();
    let flags = member.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    site.restore(&[&["--to-revision", "7"], &flags[..]].concat());
    let restored = Etcd::on(&binary, &member, &site.data_dir()).unwrap();
    let mut last = 0;
    for number in 0..60 {
        last = restored.put(b"a", &[number]).unwrap();
    }
    restored.compact(last, Compacted::Physically).unwrap();
    let before = names(&site);
    let endpoint = ["--endpoints", restored.client_url()];
    let run = site.run("snapshot", &[&["--once"], &endpoint[..]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("a lineage begins"), "{}", run.stderr);
    let new = names(&site).into_iter().find(|name| !before.contains(name));
    let lineage = |name: &str| metadata(&site, name)["lineage"]["id"].clone();
    assert_ne!(lineage(&new.unwrap()), lineage(&before[0]));
}

testkit::on_every_etcd!(a_restore_that_was_compacted_begins_a_lineage);
