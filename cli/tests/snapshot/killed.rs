use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use testkit::etcd::Etcd;
use testkit::oracles;

use crate::reference::restores_the_same;
use crate::snapshotter::{Snapshotter, leads_to, verified};
use crate::support::Site;

/// A snapshotter that is killed at any moment, and another that goes on: what one of them has said is stored
/// restores, and nothing is missing in between.
#[test]
fn what_was_said_before_a_kill_is_there_after_it() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    let mut random = fastrand::Rng::with_seed(12);
    let stop = AtomicBool::new(false);
    let said = thread::scope(|scope| {
        scope.spawn(|| {
            let mut number: u64 = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let key = format!("key-{}", number % 40);
                etcd.put(key.as_bytes(), &number.to_le_bytes()).unwrap();
                thread::sleep(Duration::from_millis(2));
            }
        });
        let mut said = Vec::new();
        for _ in 0..20 {
            let flags = [
                "--delta-snapshot-memory-limit",
                "3000",
                "--schedule",
                "@every 2s",
            ];
            let snapshotter = Snapshotter::start(&site, &etcd, &flags);
            thread::sleep(Duration::from_millis(random.u64(50..1200)));
            said.extend(snapshotter.kill());
        }
        let mut last = Snapshotter::start(&site, &etcd, &[]);
        last.stores(etcd.revision().unwrap());
        stop.store(true, Ordering::Relaxed);
        said.extend(last.stored());
        assert_eq!(last.stop().code, Some(0));
        said
    });
    assert!(said.len() > 20, "{said:?}");
    for revision in said.iter().step_by(said.len() / 15 + 1).chain(said.last()) {
        leads_to(&site, &etcd, *revision);
    }
    restores_the_same(&site, &etcd);
    let report = verified(&site, None);
    assert!(report["revision"].as_i64() >= said.last().copied());
}
