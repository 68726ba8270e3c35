//! Reading a database that a real etcd 3.5 wrote, and damaged copies of it.

mod content;
mod model;
mod snapshot;

use bolt::{Db, Error, MetaFault};
use content::{Content, Items};
use model::write_bulk;
use snapshot::etcd_3_5_snapshot;

const META_LEN: usize = 16 + 64;

#[test]
fn reads_the_buckets_of_etcd() {
    let db = Db::open(etcd_3_5_snapshot()).unwrap();
    let names = db.bucket_names().unwrap();
    let names: Vec<_> = names.iter().map(|n| String::from_utf8_lossy(n)).collect();
    let expected = "alarm auth authRoles authUsers cluster key lease members members_removed meta";
    assert_eq!(names.join(" "), expected);
    assert_eq!(db.meta().page_size, 4096);
    let version = db.bucket(b"cluster").unwrap().unwrap();
    assert_eq!(version.get(b"clusterVersion").unwrap().unwrap(), b"3.5.0");
    assert_eq!(version.get(b"clusterVersio").unwrap(), None);
}

/// Trap 1: etcd on Linux keeps no freelist, its page id is all ones, which is not out of bounds.
#[test]
fn a_database_without_a_freelist_opens() {
    let db = Db::open(etcd_3_5_snapshot()).unwrap();
    assert_eq!(db.meta().freelist, None);
}

#[test]
fn a_database_of_etcd_is_clean() {
    let report = Db::open(etcd_3_5_snapshot()).unwrap().check();
    assert!(report.is_clean(), "{report}");
    assert!(report.items > 2700 && report.free_pages > 0, "{report}");
}

#[test]
fn walks_forward_and_back_alike() {
    let db = Db::open(etcd_3_5_snapshot()).unwrap();
    for name in db.bucket_names().unwrap() {
        let mut forward = Vec::new();
        let mut cursor = db.bucket(&name).unwrap().unwrap().cursor();
        while let Some((key, value)) = cursor.next().unwrap() {
            forward.push((key.to_vec(), value.to_vec()));
        }
        assert!(cursor.next().unwrap().is_none(), "the end is the end");
        let mut back = Vec::new();
        while let Some((key, value)) = cursor.prev().unwrap() {
            back.push((key.to_vec(), value.to_vec()));
        }
        back.reverse();
        assert_eq!(forward, back);
        assert!(forward.is_sorted_by(|a, b| a.0 < b.0));
    }
}

#[test]
fn seeks_every_key_and_the_gaps_between() {
    let db = Db::open(etcd_3_5_snapshot()).unwrap();
    let bucket = db.bucket(b"key").unwrap().unwrap();
    let mut keys = Vec::new();
    let mut walk = bucket.cursor();
    while let Some((key, _)) = walk.next().unwrap() {
        keys.push(key.to_vec());
    }
    assert!(keys.len() > 2000, "the fixture holds {} keys", keys.len());
    let mut cursor = bucket.cursor();
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(cursor.seek(key).unwrap().unwrap().0, key);
        let after = [key.as_slice(), &[0]].concat();
        let found = cursor.seek(&after).unwrap().map(|(key, _)| key.to_vec());
        assert_eq!(found.as_ref(), keys.get(index + 1));
    }
}

/// Trap 2: the newest meta is damaged: the state before it is read. Both damaged: no database.
#[test]
fn a_damaged_meta_gives_way_to_the_other() {
    let bytes = etcd_3_5_snapshot();
    let newest = Db::open(bytes.as_slice()).unwrap().meta_page() as usize;
    let mut damaged = bytes;
    damaged[newest * 4096 + 16 + 50] ^= 1;
    let db = Db::open(damaged.as_slice()).unwrap();
    assert_eq!(db.meta_page() as usize, 1 - newest);
    assert!(matches!(db.other_meta(), Err(MetaFault::Checksum { .. })));
    assert_eq!(db.bucket_names().unwrap().len(), 10);

    damaged[(1 - newest) * 4096 + 16 + 50] ^= 1;
    let error = Db::open(damaged).err().unwrap();
    assert!(matches!(error, Error::NoMeta { .. }), "{error}");
}

/// Trap 3: without meta 0 the page size is unknown and must be found, not assumed.
#[test]
fn meta_1_is_found_without_meta_0() {
    let mut bytes = etcd_3_5_snapshot();
    bytes[..META_LEN].fill(0);
    assert_eq!(Db::open(bytes).unwrap().bucket_names().unwrap().len(), 10);

    for page_size in (10..=25).map(|shift| 1 << shift) {
        let buckets = Content::of([(b"b".to_vec(), Items::new())]);
        let mut file = write_bulk(page_size, &buckets);
        file[..META_LEN].fill(0);
        let db = Db::open(file).unwrap();
        assert_eq!(db.meta().page_size, page_size);
        assert_eq!(db.bucket_names().unwrap(), [b"b"]);
    }
}

/// Trap 7: a live database is longer than its pages; one that is shorter lost some.
#[test]
fn the_high_water_mark_is_the_size() {
    let bytes = etcd_3_5_snapshot();
    let size = Db::open(bytes.as_slice()).unwrap().logical_size();
    assert_eq!(size, bytes.len() as u64);
    let longer = [bytes.as_slice(), &[0xee; 99_999]].concat();
    assert_eq!(Db::open(longer).unwrap().logical_size(), size);
    let error = Db::open(&bytes[..bytes.len() - 1]).err().unwrap();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
}

#[test]
fn what_is_no_database_is_refused() {
    for bytes in [vec![], vec![0; 79], vec![0; 70_000], vec![0xff; 70_000]] {
        assert!(matches!(Db::open(bytes), Err(Error::NoMeta { .. })));
    }
}
