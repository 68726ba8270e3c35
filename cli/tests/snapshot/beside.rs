use std::thread;
use std::time::Duration;

use serde_json::json;
use testkit::etcd::Etcd;
use testkit::oracles;
use testkit::restore::Restorer;

use crate::snapshotter::Snapshotter;
use crate::support::Site;

/// A user who was added between two fulls was lost by a restore: no event tells of users.
#[test]
fn a_user_who_is_added_takes_a_full() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
    snapshotter.stores(2);
    // It looks at users every ten seconds, the first time at its start.
    thread::sleep(Duration::from_secs(1));
    let user = json!({ "name": "root", "password": "hush" });
    etcd.ask("auth/user/add", &user, None).unwrap();
    snapshotter.says("users or roles changed");
    snapshotter.takes_fulls(2);
    assert_eq!(snapshotter.stop().code, Some(0));
    let restorer = Restorer {
        program: env!("CARGO_BIN_EXE_etcdbrctl").into(),
        store: site.store(),
    };
    let restored = restorer.restore(&[]).unwrap();
    let etcd = restored.boot(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let users = etcd.ask("auth/user/list", &json!({}), None).unwrap();
    assert_eq!(users["users"], json!(["root"]));
}
