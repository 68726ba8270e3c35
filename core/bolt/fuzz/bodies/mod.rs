//! What the fuzz targets do with their input. `tests/fuzz_smoke.rs` does the same on stable Rust.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is a finding"
)]

use std::sync::RwLock;

use bolt::{Append, Db, check};

use crate::content::{Content, Items, Seen, read, read_sound};
use crate::model::{Op, mend_checksums, name, run, write_bulk};

/// Opens, checks, reads and appends to any bytes.
pub(crate) fn read_any(bytes: &[u8]) {
    read_as_is(bytes);
    // Few mutations keep a checksum right, and after a wrong one nothing is reached.
    let mut mended = bytes.to_vec();
    mend_checksums(&mut mended);
    read_as_is(&mended);
}

fn read_as_is(bytes: &[u8]) {
    let Ok(db) = Db::open(bytes) else { return };
    let mut seen = Seen::default();
    let report = check(&db, &mut seen);
    let content = read(&db);
    for name in db.bucket_names().unwrap_or_default() {
        walk_back(&db, &name);
    }
    match append(bytes) {
        Ok(Some(appended)) if report.is_clean() => {
            let expected = grown(content.unwrap(), appended.key);
            assert_eq!(read_sound(appended.file), expected);
        }
        Err(error) if report.is_clean() => panic!("{error}"),
        _ => {}
    }
}

/// Keys must descend to the end, or to an error.
fn walk_back(db: &Db<&[u8]>, name: &[u8]) {
    let Ok(Some(bucket)) = db.bucket(name) else {
        return;
    };
    let mut cursor = bucket.cursor();
    let mut after: Option<Vec<u8>> = None;
    while let Ok(Some((key, _))) = cursor.prev() {
        assert!(after.as_deref().is_none_or(|after| key < after));
        after = Some(key.to_vec());
    }
}

struct Appended {
    key: Vec<u8>,
    file: Vec<u8>,
}

/// Adds a key after the last one, unless that is as long as keys get.
fn append(bytes: &[u8]) -> Result<Option<Appended>, bolt::Error> {
    let file = RwLock::new(bytes.to_vec());
    let mut append = Append::open(&file)?;
    let mut tail = append.tail(&name(0))?;
    let key = [tail.last_key(), &[0]].concat();
    if key.len() > 32768 {
        return Ok(None);
    }
    tail.push(&key, b"value")?;
    append.commit()?;
    let file = file.into_inner().unwrap();
    Ok(Some(Appended { key, file }))
}

fn grown(mut content: Content, key: Vec<u8>) -> Content {
    let bucket = content.buckets.entry(name(0)).or_default();
    bucket.items.insert(key, b"value".to_vec());
    content
}

/// Takes the bytes for a base and a list of commits, and holds them against the model.
pub(crate) fn append_any(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let mut next = || bytes.next();
    let Some(shape) = next() else { return };
    let page_size = 1024 << (shape % 4);
    let buckets = (0..shape / 64).map(|bucket| {
        let count = u16::from(next().unwrap_or_default());
        let items: Items = (0..count)
            .map(|key| (key.to_be_bytes().to_vec(), vec![bucket; usize::from(count)]))
            .collect();
        (name(bucket), items)
    });
    let base = Content::of(buckets.collect::<Vec<_>>());
    let mut ops = Vec::new();
    while let (Some(kind), Some(size), Some(fill)) = (next(), next(), next()) {
        ops.push(op(kind, size, fill));
    }
    run(write_bulk(page_size, &base), &ops);
}

fn op(kind: u8, size: u8, fill: u8) -> Op {
    let bucket = kind / 64;
    match kind % 16 {
        0 => Op::Commit,
        1 => Op::Remove { bucket },
        2 => Op::Replace {
            bucket,
            count: fill,
            value_len: u16::from(size),
        },
        long_key => Op::Push {
            bucket,
            key_len: if long_key > 12 {
                50 * u16::from(fill)
            } else {
                17
            },
            value_len: u32::from(size) * if long_key == 3 { 300 } else { 3 },
            fill,
        },
    }
}
