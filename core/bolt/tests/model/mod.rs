//! Commits of the append writer, and the maps they should amount to.
//!
//! Shared with the fuzz targets.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests use it"
)]

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::{Append, BulkWriter, Db};

use crate::content::{Content, Items, read_sound};

/// One call of the append writer. Buckets are numbers, keys and values a length and a filling.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Push {
        bucket: u8,
        key_len: u16,
        value_len: u32,
        fill: u8,
    },
    Replace {
        bucket: u8,
        count: u8,
        value_len: u16,
    },
    Remove {
        bucket: u8,
    },
    Commit,
}

pub(crate) fn name(bucket: u8) -> Vec<u8> {
    vec![b'a' + bucket; usize::from(bucket) + 1]
}

/// Writes a new database.
pub(crate) fn write_bulk(page_size: u32, content: &Content) -> Vec<u8> {
    let file = RwLock::new(Vec::new());
    let mut writer = BulkWriter::create(&file, page_size).unwrap();
    for (name, bucket) in &content.buckets {
        writer.bucket(name).unwrap();
        for (key, value) in &bucket.items {
            writer.push(key, value).unwrap();
        }
    }
    writer.finish().unwrap();
    file.into_inner().unwrap()
}

/// Applies `ops` to a database, and after each commit compares all of it with the model.
pub(crate) fn run(base: Vec<u8>, ops: &[Op]) -> Vec<u8> {
    let mut content = read_sound(base.as_slice());
    let mut file = base;
    for commit in ops.split(|op| matches!(op, Op::Commit)) {
        let before = file.clone();
        content = apply(&mut file, content, commit);
        assert_eq!(read_sound(file.as_slice()), content);
        assert_old_pages_untouched(&before, &file);
    }
    file
}

fn apply(file: &mut Vec<u8>, mut content: Content, ops: &[Op]) -> Content {
    let sink = RwLock::new(std::mem::take(file));
    let mut append = Append::open(&sink).unwrap();
    let mut fixed = Vec::new();
    for op in ops {
        match *op {
            Op::Push {
                bucket,
                key_len,
                value_len,
                fill,
            } => {
                let name = name(bucket);
                if fixed.contains(&bucket) {
                    assert!(append.tail(&name).is_err());
                    continue;
                }
                let mut tail = append.tail(&name).unwrap();
                let bucket = content.buckets.entry(name).or_default();
                let last = bucket.items.last_key_value();
                let last = last.map(|(key, _)| key.clone()).unwrap_or_default();
                assert_eq!(tail.last_key(), last);
                let key = key_after(&last, usize::from(key_len), fill);
                let value = vec![fill; value_len as usize];
                tail.push(&key, &value).unwrap();
                assert!(tail.push(&key, &value).is_err(), "a key cannot come twice");
                bucket.items.insert(key, value);
            }
            Op::Replace {
                bucket,
                count,
                value_len,
            } => {
                let items: Items = (0..count)
                    .map(|key| (vec![key], vec![key; usize::from(value_len)]))
                    .collect();
                let name = name(bucket);
                append.replace(&name, &items).unwrap();
                // A sequence belongs to the bucket the commit began with.
                let old = Db::open(&sink).unwrap();
                let old = old.bucket(&name).unwrap();
                let replaced = Content {
                    sequence: old.map_or(0, |old| old.header().sequence),
                    items,
                    buckets: BTreeMap::new(),
                };
                content.buckets.insert(name, replaced);
                fixed.push(bucket);
            }
            Op::Remove { bucket } => {
                append.remove_bucket(&name(bucket));
                content.buckets.remove(&name(bucket));
                fixed.push(bucket);
            }
            Op::Commit => panic!("split off before"),
        }
    }
    let meta = append.commit().unwrap();
    let db = Db::open(&sink).unwrap();
    assert_eq!(*db.meta(), meta);
    assert_eq!(meta.txid % 2, db.meta_page(), "where bbolt would write it");
    *file = sink.into_inner().unwrap();
    assert_eq!(db_size(file), file.len() as u64);
    content
}

/// The next key of `len` bytes or a little more.
fn key_after(last: &[u8], len: usize, fill: u8) -> Vec<u8> {
    let mut counter = [0; 8];
    let known = last.len().min(8);
    counter[..known].copy_from_slice(&last[..known]);
    let next = u64::from_be_bytes(counter) + 1 + u64::from(fill);
    let mut key = next.to_be_bytes().to_vec();
    key.resize(len.clamp(8, 32768), fill);
    key
}

fn db_size(file: &[u8]) -> u64 {
    Db::open(file).unwrap().logical_size()
}

/// Whenever the commit had stopped, the state before would still have been there.
fn assert_old_pages_untouched(before: &[u8], after: &[u8]) {
    let db = Db::open(before).unwrap();
    let page = db.meta().page_size as usize;
    let size = usize::try_from(db.logical_size()).unwrap();
    let other_meta = (1 - usize::try_from(db.meta_page()).unwrap()) * page;
    for start in (0..size).step_by(page).filter(|&start| start != other_meta) {
        assert!(before[start..start + page] == after[start..start + page]);
    }
}

/// Gives both meta pages the checksum of what they hold.
pub(crate) fn mend_checksums(file: &mut [u8]) {
    let Some(page_size) = file.get(24..28) else {
        return;
    };
    let page_size = u32::from_le_bytes(page_size.try_into().unwrap()) as usize;
    for start in [0, page_size] {
        let Some(meta) = file.get_mut(start..).and_then(|page| page.get_mut(16..80)) else {
            continue;
        };
        let sum = meta[..56]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        meta[56..].copy_from_slice(&sum.to_le_bytes());
    }
}
