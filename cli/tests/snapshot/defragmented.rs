use std::time::Duration;

use testkit::etcd::{Compacted, Etcd};
use testkit::{oracles, wait};

use crate::snapshotter::{Snapshotter, leads_to};
use crate::support::Site;
use crate::support::cluster::{file_size, in_use};

/// The schedule of the reference's flag was taken without effect. Backups go on beside it.
#[test]
fn members_are_defragmented_by_a_schedule() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    let mut last = 0;
    for round in 0..60_u8 {
        last = etcd.put(b"key", &vec![round; 100_000]).unwrap();
    }
    etcd.compact(last, Compacted::Physically).unwrap();
    wait::until("pages are free", Duration::from_secs(60), || {
        last = etcd.put(b"key", b"small")?;
        Ok((in_use(&etcd) < file_size(&etcd) / 4).then_some(()))
    })
    .unwrap();
    let before = file_size(&etcd);
    let flags = ["--defragmentation-schedule", "@every 3s"];
    let mut snapshotter = Snapshotter::start(&site, &etcd, &flags);
    snapshotter.says("defragmented default");
    assert!(file_size(&etcd) < before / 2);
    // It is due again, and there is nothing to gain.
    snapshotter.says("left default as it is");
    last = etcd.put(b"key", b"after").unwrap();
    snapshotter.stores(last);
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, last);
}
