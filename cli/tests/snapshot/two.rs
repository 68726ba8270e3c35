use testkit::etcd::Etcd;
use testkit::oracles;

use crate::reference::restores_the_same;
use crate::snapshotter::{Snapshotter, leads_to, names};
use crate::support::Site;

/// Two snapshotters on one store: their deltas overlapped, and etcd-backup-restore could not restore them.
#[test]
fn the_one_that_began_first_stops() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut first = Snapshotter::start(&site, &etcd, &[]);
    first.stores(2);
    let mut second = Snapshotter::start(&site, &etcd, &[]);
    // For ten seconds nothing was said, and it seemed to hang.
    second.says("waiting some seconds: the snapshotter that had the turn before may still write");
    second.says("took over from a snapshotter that may still run");
    second.says("etcd has the history of the newest backups");
    for number in 0..5 {
        etcd.put(b"a", &[number]).unwrap();
        second.stores(3 + i64::from(number));
    }
    first.says("another snapshotter has taken over");
    let run = first.ended();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(second.stop().code, Some(0));
    leads_to(&site, &etcd, 7);
    restores_the_same(&site, &etcd);
    // As the reference reads them: each delta begins where the one before ends.
    let mut next = 3;
    for name in names(&site).iter().filter(|name| name.starts_with("Incr")) {
        let parts: Vec<&str> = name.split('-').collect();
        assert_eq!(parts[1].parse::<i64>().unwrap(), next, "{:?}", names(&site));
        next = parts[2].parse::<i64>().unwrap() + 1;
    }
    assert_eq!(next, 8);
}

/// Another program wrote deltas beside a snapshotter, and what it wrote overlapped: restored here, and not by
/// etcd-backup-restore, until the next scheduled full a day later.
#[test]
fn after_deltas_that_overlap_the_reference_restores_again() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut first = Snapshotter::start(&site, &etcd, &[]);
    first.stores(2);
    for number in 0..3 {
        let last = etcd.put(b"a", &[number]).unwrap();
        first.stores(last);
    }
    assert_eq!(first.stop().code, Some(0));
    // The same events once more, a moment later, without metadata, as the reference stores them.
    let delta = names(&site)
        .into_iter()
        .find(|name| name.starts_with("Incr-00000004"))
        .unwrap();
    let (before, created) = delta.trim_end_matches(".gz").rsplit_once('-').unwrap();
    let created = created.parse::<i64>().unwrap() + 1;
    let again = format!("{before}-{created}.gz");
    std::fs::copy(site.object(&delta), site.object(&again)).unwrap();
    leads_to(&site, &etcd, 5);

    let mut second = Snapshotter::start(&site, &etcd, &[]);
    second.says(&format!("v2/{again} overlaps with another delta"));
    second.says("took full");
    let last = etcd.put(b"a", b"last").unwrap();
    second.stores(last);
    assert_eq!(second.stop().code, Some(0));
    restores_the_same(&site, &etcd);
    for revision in 2..=last {
        leads_to(&site, &etcd, revision);
    }
    // It is done once.
    let mut third = Snapshotter::start(&site, &etcd, &[]);
    third.says("etcd has the history of the newest backups");
    let fulls = |names: Vec<String>| names.iter().filter(|name| name.starts_with("Full")).count();
    let before = fulls(names(&site));
    let run = third.stop();
    assert!(!run.stderr.contains("overlaps"), "{}", run.stderr);
    assert_eq!(fulls(names(&site)), before);
}
