//! The whole content of a database, to compare.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

use std::collections::BTreeMap;

use bolt::{Bucket, Db, ReadAt, Visitor, check};
use sha2::{Digest, Sha256};

pub(crate) type Items = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) sequence: u64,
    pub(crate) items: Items,
    pub(crate) buckets: BTreeMap<Vec<u8>, Content>,
}

impl Content {
    /// Named buckets of plain items.
    pub(crate) fn of(buckets: impl IntoIterator<Item = (Vec<u8>, Items)>) -> Content {
        let flat = |items| Content {
            items,
            ..Content::default()
        };
        Content {
            buckets: buckets.into_iter().map(|(k, v)| (k, flat(v))).collect(),
            ..Content::default()
        }
    }

    /// The digest of the oracle's `look`.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bucket) in &self.buckets {
            bucket.feed(name, &mut hash);
        }
        let digest = hash.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn feed(&self, name: &[u8], hash: &mut Sha256) {
        hash.update(b"bucket");
        feed_field(name, hash);
        hash.update(self.sequence.to_le_bytes());
        let mut keys: Vec<_> = self.items.keys().chain(self.buckets.keys()).collect();
        keys.sort();
        for key in keys {
            if let Some(value) = self.items.get(key) {
                hash.update(b"item");
                feed_field(key, hash);
                feed_field(value, hash);
            } else {
                self.buckets[key].feed(key, hash);
            }
        }
        hash.update(b"end");
    }
}

fn feed_field(bytes: &[u8], hash: &mut Sha256) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Reads a database every way there is, asserts that it is sound and that all ways agree.
#[track_caller]
pub(crate) fn read_sound<R: ReadAt>(source: R) -> Content {
    let db = Db::open(source).unwrap();
    let mut seen = Seen::default();
    let report = check(&db, &mut seen);
    assert!(report.is_clean(), "{report}");
    let content = read(&db).unwrap();
    for (name, bucket) in &content.buckets {
        let mut shown = bucket.items.clone();
        shown.extend(bucket.buckets.keys().map(|name| (name.clone(), Vec::new())));
        assert_eq!(
            seen.0.get(name),
            Some(&shown),
            "the check saw other content"
        );
    }
    assert_eq!(seen.0.len(), content.buckets.len());
    content
}

/// What a check shows its visitor.
#[derive(Default)]
pub(crate) struct Seen(pub(crate) BTreeMap<Vec<u8>, Items>);

impl Visitor for Seen {
    fn bucket(&mut self, name: &[u8]) {
        self.0.insert(name.to_vec(), Items::new());
    }

    fn item(&mut self, bucket: &[u8], key: &[u8], value: &[u8]) {
        let items = self.0.get_mut(bucket).unwrap();
        items.insert(key.to_vec(), value.to_vec());
    }
}

pub(crate) fn read<R: ReadAt>(db: &Db<R>) -> Result<Content, bolt::Error> {
    let mut root = Content::default();
    for name in db.bucket_names()? {
        if let Some(bucket) = db.bucket(&name)? {
            root.buckets.insert(name, read_bucket(&bucket)?);
        }
    }
    Ok(root)
}

fn read_bucket<R: ReadAt>(bucket: &Bucket<'_, R>) -> Result<Content, bolt::Error> {
    let mut content = Content {
        sequence: bucket.header().sequence,
        ..Content::default()
    };
    for name in bucket.bucket_names()? {
        if let Some(nested) = bucket.bucket(&name)? {
            content.buckets.insert(name, read_bucket(&nested)?);
        }
    }
    let mut cursor = bucket.cursor();
    while let Some((key, value)) = cursor.next()? {
        if !content.buckets.contains_key(key) {
            content.items.insert(key.to_vec(), value.to_vec());
        }
    }
    Ok(content)
}
