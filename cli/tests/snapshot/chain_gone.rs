use std::fs;

use testkit::etcd::Etcd;
use testkit::oracles;

use crate::snapshotter::{Snapshotter, leads_to, names};
use crate::support::Site;

/// Somebody deleted the full below the deltas: the next ones were reported as taken, one after the other until the next
/// scheduled full, and none could be restored.
#[test]
fn after_a_full_was_deleted_what_is_said_to_be_stored_restores() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(2);
    let before = etcd.put(b"a", b"2").unwrap();
    snapshotter.stores(before);
    // A new etcd 3.6 takes another one for the version of what it stores.
    let fulls = || {
        names(&site)
            .into_iter()
            .filter(|name| name.starts_with("Full"))
    };
    let gone: Vec<String> = fulls().collect();
    for name in &gone {
        fs::remove_file(site.object(name)).unwrap();
    }
    let after = etcd.put(b"a", b"3").unwrap();
    snapshotter.says(&format!(
        "v2/{} is not in the store any more",
        gone[gone.len() - 1]
    ));
    snapshotter.stores(after);
    leads_to(&site, &etcd, after);
    let last = etcd.put(b"a", b"4").unwrap();
    snapshotter.stores(last);
    assert_eq!(snapshotter.stop().code, Some(0));
    leads_to(&site, &etcd, last);
    assert!(fulls().next().is_some());
}
