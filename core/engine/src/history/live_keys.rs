use bolt::{Db, ReadAt};
use etcd::compaction::{Compaction, Verdict};
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, Kind};
use etcd::schema::bucket;

/// How many keys an etcd on `db` would list at `revision`, its last. `seed`: see `etcd::KeySet`.
pub(crate) fn count<R: ReadAt>(db: &Db<R>, revision: i64, seed: u64) -> Result<u64, etcd::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(0);
    };
    let mut compaction = Compaction::at(revision, seed);
    let mut live = 0;
    let mut cursor = keys.cursor();
    let mut item = cursor.last()?;
    while let Some((key, value)) = item {
        let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
        let entry = Entry::parse(key).map_err(in_bucket)?;
        let user_key = KeyValue::decode(value).map_err(in_bucket)?.key;
        // With the one entry that has no key, `snapshot restore --bump-revision` raises the revision.
        let is_kept = compaction.decide(entry, user_key) == Verdict::Keep;
        live += u64::from(is_kept && entry.kind == Kind::Put && !user_key.is_empty());
        item = cursor.prev()?;
    }
    Ok(live)
}
