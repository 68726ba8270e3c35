use std::fs::File;
use std::time::{Duration, SystemTime};

use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::etcd::Etcd;
use testkit::{oracles, wait};

use crate::snapshotter::Snapshotter;
use crate::support::{History, Site};

/// A full of another program, long ago.
const OLD: &str = "Full-00000000-00000020-1600000020.gz";

/// The reference lists the store each minute; here a collection follows each full, by the same flag.
#[test]
fn what_is_old_is_collected_so_long_after_a_full() {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(20, 1);
    site.put(OLD, compress(Gzip, &history.full(20)));
    let old = File::options().append(true).open(site.object(OLD));
    old.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let mut last = 0;
    for number in 0..30 {
        last = etcd.put(b"a", &[number]).unwrap();
    }
    let policy = ["--garbage-collection-policy=LimitBased", "--max-backups=1"];
    let flags = [&policy[..], &["--garbage-collection-period=2s"]].concat();
    let mut snapshotter = Snapshotter::start(&site, &etcd, &flags);
    snapshotter.stores(last);
    let gone = wait::until("it is collected", Duration::from_secs(30), || {
        Ok((!site.object(OLD).exists()).then_some(()))
    });
    gone.unwrap_or_else(|error| unreachable!("{error}: {}", snapshotter.log()));
    assert_eq!(snapshotter.stop().code, Some(0));
}
