//! Databases made for a test.
#![expect(
    clippy::unwrap_used,
    reason = "a database that cannot be written fails the test"
)]

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::{BulkWriter, Db};

/// Entries of one bucket.
pub(crate) type Content = BTreeMap<Vec<u8>, Vec<u8>>;

/// A checked database with these buckets, in memory.
pub(crate) fn database(buckets: &BTreeMap<&[u8], Content>) -> Db<RwLock<Vec<u8>>> {
    let file = RwLock::new(Vec::new());
    let mut writer = BulkWriter::create(&file, 4096).unwrap();
    for (name, content) in buckets {
        writer.bucket(name).unwrap();
        for (key, value) in content {
            writer.push(key, value).unwrap();
        }
    }
    writer.finish().unwrap();
    let db = Db::open(file).unwrap();
    assert!(db.check().is_clean());
    db
}
