use std::thread;
use std::time::Duration;

use testkit::etcd::Etcd;
use testkit::oracles;

use crate::reference::restores_the_same;
use crate::snapshotter::{Snapshotter, some_lineage_leads_to, verified};
use crate::support::Site;

/// A snapshotter that is killed at any moment, an etcd that is as well, and others that go on: what any of them has
/// said is stored restores, by the rules of the reference too, and nothing is missing in between.
#[test]
fn what_was_said_before_a_kill_is_there_after_it() {
    let mut etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    let mut random = fastrand::Rng::with_seed(12);
    let flags = [
        "--delta-snapshot-memory-limit",
        "3000",
        "--schedule",
        "@every 2s",
    ];
    let (mut running, mut said, mut kills) = (None, Vec::new(), 0);
    for number in 0..230_u64 {
        let snapshotter: Snapshotter = running
            .take()
            .unwrap_or_else(|| Snapshotter::start(&site, &etcd, &flags));
        for put in 0..random.u64(1..80) {
            let key = format!("key-{}", put % 40);
            etcd.put(key.as_bytes(), &number.to_le_bytes()).unwrap();
        }
        thread::sleep(Duration::from_millis(random.u64(0..300)));
        match random.u8(..10) {
            0 | 1 => {
                etcd.restart_in_place().unwrap();
                running = Some(snapshotter);
                kills += 1;
            }
            2 | 3 => running = Some(snapshotter),
            _ => {
                said.extend(snapshotter.kill());
                kills += 1;
            }
        }
    }
    said.extend(running.map(Snapshotter::kill).unwrap_or_default());
    let mut last = Snapshotter::start(&site, &etcd, &[]);
    // The one that was killed last may have stored all there was, and have said nothing of it.
    last.stores(etcd.put(b"last", b"of all").unwrap());
    said.extend(last.stored());
    assert_eq!(last.stop().code, Some(0));
    assert!(kills > 165 && said.len() > 150, "{kills} {said:?}");
    for revision in said.iter().step_by(said.len() / 15 + 1).chain(said.last()) {
        some_lineage_leads_to(&site, &etcd, *revision);
    }
    restores_the_same(&site, &etcd);
    let report = verified(&site, None);
    assert!(report["revision"].as_i64() >= said.last().copied());
}
