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
