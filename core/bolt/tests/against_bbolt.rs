//! Both directions against real bbolt: we read what it writes, it reads what we write and goes on
//! writing there.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

mod content;
mod model;
mod oracle;
mod snapshot;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use bolt::{Append, Db};
use content::read_sound;
use model::{Op, write_bulk};
use oracle::{Oracle, VERSIONS};

const PAGE_SIZES: [u32; 5] = [1024, 4096, 8192, 16384, 65536];
const FREELISTS: [&str; 2] = ["sync", "nosync"];

fn each_case(mut case: impl FnMut(&mut Oracle, &Path, u32, &str)) {
    let dir = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let mut bbolt = Oracle::start(version);
        for page_size in PAGE_SIZES {
            for freelist in FREELISTS {
                let path = dir.path().join(format!("{version}-{page_size}-{freelist}"));
                bbolt.make(&path, page_size, freelist, u64::from(page_size));
                case(&mut bbolt, &path, page_size, freelist);
            }
        }
    }
}

#[test]
fn we_read_what_bbolt_writes() {
    each_case(|bbolt, path, page_size, freelist| {
        let db = Db::open(File::open(path).unwrap()).unwrap();
        assert_eq!(db.meta().page_size, page_size);
        assert_eq!(db.meta().freelist.is_some(), freelist == "sync");
        assert!(db.check().free_pages > 0, "the case needs free pages");
        let content = read_sound(File::open(path).unwrap());
        assert!(content.buckets.len() == 5, "{:?}", content.buckets.keys());
        assert_eq!(content.digest(), bbolt.look(path));
    });
}

/// Commit after commit, on every page size, with a freelist or without, on either meta page, and
/// then bbolt's turn, and ours again.
#[test]
fn bbolt_reads_what_we_append() {
    each_case(|bbolt, path, _, freelist| {
        for turn in 0..3 {
            for _ in 0..2 {
                append(path, turn);
                let content = read_sound(File::open(path).unwrap());
                assert_eq!(content.digest(), bbolt.look(path));
            }
            bbolt.grow(path, freelist, turn);
            let content = read_sound(File::open(path).unwrap());
            assert_eq!(content.digest(), bbolt.look(path));
        }
    });
}

fn append(path: &Path, turn: u64) {
    let before = read_sound(File::open(path).unwrap());
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut append = Append::open(&file).unwrap();
    let mut tail = append.tail(b"key").unwrap();
    let last = tail.last_key().to_vec();
    let next = u64::from_be_bytes(last[..8].try_into().unwrap()) + 1;
    for key in next..next + 500 * turn {
        let len = if key % 97 == 0 {
            40_000
        } else {
            key as usize % 300
        };
        tail.push(&key.to_be_bytes(), &vec![turn as u8; len])
            .unwrap();
    }
    let mut tail = append.tail(b"empty").unwrap();
    let next = before.buckets[&b"empty"[..]].items.len() as u64;
    tail.push(&next.to_be_bytes(), b"no longer").unwrap();
    let content = BTreeMap::from([(b"term".to_vec(), turn.to_be_bytes().to_vec())]);
    append.replace(b"meta", &content).unwrap();
    append.remove_bucket(b"churn");
    append.commit().unwrap();

    let after = read_sound(File::open(path).unwrap());
    let meta = &after.buckets[&b"meta"[..]];
    assert_eq!(meta.items, content);
    assert_eq!(meta.sequence, before.buckets[&b"meta"[..]].sequence);
    assert!(!after.buckets.contains_key(&b"churn"[..]));
    assert_eq!(
        after.buckets[&b"nested"[..]],
        before.buckets[&b"nested"[..]]
    );
}

#[test]
fn bbolt_reads_what_we_bulk_write() {
    each_case(|bbolt, path, page_size, freelist| {
        let mut content = read_sound(File::open(path).unwrap());
        for bucket in content.buckets.values_mut() {
            bucket.buckets.clear();
            bucket.sequence = 0;
        }
        fs::write(path, write_bulk(page_size, &content)).unwrap();
        assert_eq!(content.digest(), bbolt.look(path));
        bbolt.grow(path, freelist, 9);
        let grown = read_sound(File::open(path).unwrap());
        assert_eq!(grown.digest(), bbolt.look(path));
    });
}

/// The main road: the snapshot of a real etcd, with revisions added after its last one.
#[test]
fn bbolt_reads_an_etcd_snapshot_we_appended_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    for version in VERSIONS {
        let mut bbolt = Oracle::start(version);
        fs::write(&path, snapshot::etcd_3_5_snapshot()).unwrap();
        let before = read_sound(File::open(&path).unwrap());
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        let mut append = Append::open(&file).unwrap();
        let mut tail = append.tail(b"key").unwrap();
        let last: [u8; 8] = tail.last_key()[..8].try_into().unwrap();
        for revision in 1..30_000 {
            let main = u64::from_be_bytes(last) + revision;
            let key = [&main.to_be_bytes()[..], b"_\0\0\0\0\0\0\0\0"].concat();
            tail.push(&key, &[revision as u8; 200]).unwrap();
        }
        append.commit().unwrap();
        let after = read_sound(File::open(&path).unwrap());
        let revisions = |content: &content::Content| content.buckets[&b"key"[..]].items.len();
        assert_eq!(revisions(&after), revisions(&before) + 29_999);
        assert_eq!(after.digest(), bbolt.look(&path));
    }
}

/// The model's files, and not only their content as we read it, are sound to bbolt.
#[test]
fn bbolt_reads_deep_trees() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let mut bbolt = Oracle::start(VERSIONS[0]);
    let mut file = write_bulk(1024, &content::Content::default());
    for commit in 0..20 {
        let push = Op::Push {
            bucket: 0,
            key_len: 200 + commit * 20,
            value_len: 90,
            fill: 1,
        };
        file = model::run(file, &vec![push; 5 * usize::from(commit)]);
        fs::write(&path, &file).unwrap();
        assert_eq!(read_sound(file.as_slice()).digest(), bbolt.look(&path));
    }
}

/// Trap 4: the count field of a freelist has 16 bits; a longer list begins with its count.
#[test]
fn a_freelist_of_more_than_65534_pages_is_read() {
    let dir = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let mut bbolt = Oracle::start(version);
        for pages in [65_530, 70_000] {
            let path = dir.path().join(format!("{version}-{pages}"));
            bbolt.free(&path, 1024, pages);
            let report = Db::open(File::open(&path).unwrap()).unwrap().check();
            assert!(report.is_clean(), "{report}");
            assert!(report.free_pages.abs_diff(u64::from(pages)) < 4, "{report}");
        }
    }
}
