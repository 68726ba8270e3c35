//! The writers against maps.

mod content;
mod model;

use std::collections::BTreeMap;

use bolt::{BulkWriter, Db, Error, Refusal};
use content::{Content, Items, read_sound};
use model::{Op, mend_checksums, name, run, write_bulk};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn page_size() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![1024, 2048, 4096, 16384, 65536])
}

fn bytes(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), len)
}

fn items() -> impl Strategy<Value = Items> {
    let key = prop_oneof![8 => bytes(1..30), 4 => bytes(200..500), 1 => bytes(1000..3000)];
    let value = prop_oneof![8 => bytes(0..40), 4 => bytes(100..1500), 1 => bytes(3000..9000)];
    prop_oneof![
        2 => btree_map(key.clone(), value.clone(), 0..8),
        1 => btree_map(key, value, 0..150),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let key_len = prop_oneof![6 => 1..40_u16, 3 => 200..400_u16, 1 => 2000..32768_u16];
    let value_len = prop_oneof![6 => 0..100_u32, 3 => 0..2000_u32, 1 => 0..100_000_u32];
    prop_oneof![
        40 => (0..3_u8, key_len, value_len, any::<u8>()).prop_map(
            |(bucket, key_len, value_len, fill)| Op::Push { bucket, key_len, value_len, fill }
        ),
        2 => (0..6_u8, any::<u8>(), 0..300_u16)
            .prop_map(|(bucket, count, value_len)| Op::Replace { bucket, count, value_len }),
        1 => (0..6_u8).prop_map(|bucket| Op::Remove { bucket }),
        3 => Just(Op::Commit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bulk_written_content_reads_back(
        page_size in page_size(),
        buckets in btree_map(bytes(1..300), items(), 0..8),
    ) {
        let content = Content::of(buckets);
        let file = write_bulk(page_size, &content);
        prop_assert_eq!(&read_sound(file.as_slice()), &content);
        prop_assert!(write_bulk(page_size, &content) == file, "same input, same bytes");
        let db = Db::open(file.as_slice()).unwrap();
        prop_assert_eq!(db.check().free_pages, 0);
        prop_assert_eq!(db.logical_size(), file.len() as u64);
        prop_assert_eq!(db.other_meta().map(|other| other.txid), Ok(db.meta().txid - 1));
    }

    #[test]
    fn appends_amount_to_maps(
        page_size in page_size(),
        buckets in vec(items(), 0..4),
        ops in vec(op(), 0..300),
    ) {
        let names = (0..).map(name);
        let base = write_bulk(page_size, &Content::of(names.zip(buckets)));
        let file = run(base.clone(), &ops);
        prop_assert!(run(base, &ops) == file, "same input, same bytes");
    }
}

/// 1 KiB pages and keys of 300 bytes leave room for three children: the tree grows eight levels
/// deep, by one entry a commit and by many.
#[test]
fn branches_split_up_to_any_depth() {
    let push = |key_len| Op::Push {
        bucket: 0,
        key_len,
        value_len: 500,
        fill: 0,
    };
    let mut file = write_bulk(1024, &Content::default());
    for commit in 0..60 {
        file = run(file, &vec![push(300); 1 + commit % 3 * 40]);
    }
    let mut cursor_db = read_sound(file.as_slice());
    assert_eq!(
        cursor_db.buckets.remove(&name(0)).unwrap().items.len(),
        2460
    );
}

/// A branch of one child is nothing bbolt would write. The last of a level is the one at risk, also
/// when keys are so long that no page holds two.
#[test]
fn every_branch_has_two_children() {
    for key_len in [8, 300, 480, 3000] {
        for count in 1..80_u64 {
            let items: Items = (0..count)
                .map(|key| (key.to_be_bytes().repeat(key_len / 8), vec![0; 600]))
                .collect();
            let file = write_bulk(1024, &Content::of([(name(0), items)]));
            assert_eq!(
                read_sound(file.as_slice()).buckets[&name(0)].items.len() as u64,
                count
            );
            let is_branch = |page: usize| {
                let header = &file[page * 1024..][..16];
                header[..8] == (page as u64).to_le_bytes() && header[8..10] == [1, 0]
            };
            for page in (2..file.len() / 1024).filter(|&page| is_branch(page)) {
                let children = u16::from_le_bytes([file[page * 1024 + 10], file[page * 1024 + 11]]);
                assert!(
                    children >= 2,
                    "page {page} of {count} keys of {key_len} bytes"
                );
            }
        }
    }
}

/// Trap 6: a value longer than a page, up to many pages and longer than the write buffer.
#[test]
fn large_values_lie_on_overflow_pages() {
    for page_size in [1024, 4096, 65536] {
        let lens = [0, 1, 1000, 4048, 4049, 65_536, 1 << 20, 5_000_000, 3];
        let ops = lens.map(|value_len| Op::Push {
            bucket: 1,
            key_len: 17,
            value_len,
            fill: 7,
        });
        let base = run(write_bulk(page_size, &Content::default()), &ops);
        let content = read_sound(run(base, &ops).as_slice());
        assert_eq!(content.buckets[&name(1)].items.len(), 2 * lens.len());
        assert_eq!(
            read_sound(write_bulk(page_size, &content).as_slice()),
            content
        );
    }
}

/// Trap 5: a bucket is kept inline up to a quarter page, header included, as in bbolt.
#[test]
fn small_buckets_are_inline() {
    for (value_len, inline) in [(1024 - 16 - 16 - 1, true), (1024 - 16 - 16, false)] {
        let items = Items::from([(vec![1], vec![0; value_len])]);
        let file = write_bulk(4096, &Content::of([(vec![b'b'], items)]));
        let db = Db::open(file).unwrap();
        let header = db.bucket(b"b").unwrap().unwrap().header();
        assert_eq!(header.root == 0, inline, "{header:?}");
    }
    let empty = write_bulk(4096, &Content::of([(vec![b'b'], Items::new())]));
    let bucket = read_sound(empty.as_slice()).buckets.remove(&b"b"[..]);
    assert_eq!(bucket.unwrap(), Content::default());
}

/// 36 entries of 112 bytes fill a leaf, 170 of their keys a branch: 20,000 entries need 556 leaves,
/// 4 branches and one above, a root, a freelist and two meta pages.
#[test]
fn pages_are_full() {
    let items: Items = (0..20_000_u64)
        .map(|key| (key.to_be_bytes().to_vec(), vec![0; 88]))
        .collect();
    let file = write_bulk(4096, &Content::of([(b"key".to_vec(), items)]));
    assert_eq!(file.len(), (556 + 4 + 1 + 1 + 1 + 2) * 4096);
}

#[test]
fn rules_of_the_format_are_kept() {
    let refused = |result: Result<(), Error>| match result.unwrap_err() {
        Error::Refused { refusal, .. } => refusal,
        other => panic!("{other}"),
    };
    let file = std::sync::RwLock::new(Vec::new());
    let mut writer = BulkWriter::create(&file, 4096).unwrap();
    assert_eq!(refused(writer.push(b"k", b"")), Refusal::NoBucket);
    writer.bucket(b"b").unwrap();
    writer.push(b"k", b"v").unwrap();
    assert!(matches!(
        refused(writer.push(b"k", b"")),
        Refusal::NotAscending { .. }
    ));
    assert!(matches!(
        refused(writer.push(b"", b"")),
        Refusal::KeyLength { len: 0 }
    ));
    let long = vec![0xff; 32769];
    assert!(matches!(
        refused(writer.push(&long, b"")),
        Refusal::KeyLength { len: 32769 }
    ));
    writer.push(&long[1..], b"").unwrap();
    assert!(matches!(
        refused(writer.bucket(b"b")),
        Refusal::NotAscending { .. }
    ));
    writer.finish().unwrap();
    let content = read_sound(&file);
    assert_eq!(content.buckets[&b"b"[..]].items.len(), 2);
    assert!(BulkWriter::create(&file, 4095).is_err());
    assert_eq!(content.buckets[&b"b"[..]].buckets, BTreeMap::new());
}

/// Traps 7 to 9: the hash after a snapshot and the spare room of a live file are not part of the
/// database, and whoever appends loses none of its last page for them.
#[test]
fn what_follows_the_pages_does_not_matter() {
    let content = Content::of([(name(0), Items::from([(vec![1], vec![1; 3000])]))]);
    let bare = write_bulk(1024, &content);
    let ops = [Op::Push {
        bucket: 0,
        key_len: 17,
        value_len: 10,
        fill: 0,
    }];
    let expected = run(bare.clone(), &ops);
    for trailing in [32, 1000, 1024, 100_000] {
        let file = [bare.as_slice(), &vec![0xab; trailing]].concat();
        assert!(run(file, &ops) == expected);
    }
}

/// `Tx.WriteTo` of bbolt puts the state of a snapshot on page 0, also when its transaction is odd.
/// Had we given the next, even transaction to page 1, bbolt's own next commit, an odd one, would
/// have gone to page 1 as well, over the only newest state.
#[test]
fn a_snapshot_of_an_odd_transaction_gets_back_in_step() {
    let mut file = write_bulk(1024, &Content::of([(name(0), Items::new())]));
    file[16 + 48] = 7;
    file[1024 + 16 + 48] = 6;
    mend_checksums(&mut file);
    let file = run(file, &[]);
    let db = Db::open(file.as_slice()).unwrap();
    assert_eq!((db.meta().txid, db.meta_page()), (9, 1));
    assert_eq!(db.other_meta().unwrap().txid, 7);
}

/// A commit mends the meta page that was damaged, and never touches the one it builds on.
#[test]
fn a_commit_goes_to_the_meta_page_that_is_not_used() {
    for page_size in [1024, 16384] {
        for damaged in [0, 1] {
            let content = Content::of([(name(0), Items::new())]);
            let mut file = write_bulk(page_size, &content);
            file[damaged * page_size as usize + 16 + 30] ^= 1;
            let file = run(file, &[]);
            let db = Db::open(file.as_slice()).unwrap();
            assert_eq!(db.meta_page() as usize, damaged);
            assert!(db.other_meta().is_ok());
        }
    }
}

/// Trap 10: free pages keep the bytes of what was removed; only the tree says what is there.
#[test]
fn stale_pages_are_not_content() {
    let secret = b"an old value that is long enough to be found".to_vec();
    let items = Items::from([(b"old".to_vec(), secret.repeat(100))]);
    let base = write_bulk(
        1024,
        &Content::of([(name(0), items.clone()), (name(1), items)]),
    );
    let replace = Op::Replace {
        bucket: 1,
        count: 1,
        value_len: 1,
    };
    let file = run(base, &[Op::Remove { bucket: 0 }, replace]);
    assert!(file.windows(secret.len()).any(|bytes| bytes == secret));
    let expected = Content::of([(name(1), Items::from([(vec![0], vec![0])]))]);
    assert_eq!(read_sound(file.as_slice()), expected);
}

/// A commit that fails leaves the old state, and says so again instead of committing a hole.
#[test]
fn a_failed_write_is_never_committed() {
    let base = write_bulk(1024, &Content::of([(name(0), Items::new())]));
    for fails_at in 0..8 {
        let file = Failing {
            file: std::sync::RwLock::new(base.clone()),
            calls_left: std::sync::atomic::AtomicU32::new(fails_at),
        };
        let mut append = bolt::Append::open(&file).unwrap();
        let mut tail = append.tail(&name(0)).unwrap();
        let mut failures = 0;
        for key in 0..4_u8 {
            failures += u32::from(tail.push(&[key], &vec![key; 700_000]).is_err());
        }
        let committed = append.commit();
        let content = read_sound(file.file.into_inner().unwrap());
        assert!(failures == 0 || committed.is_err());
        if committed.is_ok() {
            assert_eq!(content.buckets[&name(0)].items.len(), 4);
        } else if fails_at < 6 {
            assert_eq!(content, Content::of([(name(0), Items::new())]));
        }
    }
}

/// A file whose disk is full after some calls.
struct Failing {
    file: std::sync::RwLock<Vec<u8>>,
    calls_left: std::sync::atomic::AtomicU32,
}

impl Failing {
    fn spend(&self) -> std::io::Result<()> {
        use std::sync::atomic::Ordering::Relaxed;
        let spent = |left: u32| left.checked_sub(1);
        let left = self.calls_left.fetch_update(Relaxed, Relaxed, spent);
        left.map(drop)
            .map_err(|_| std::io::ErrorKind::StorageFull.into())
    }
}

impl bolt::ReadAt for Failing {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.file.read_exact_at(buf, offset)
    }

    fn size(&self) -> std::io::Result<u64> {
        self.file.size()
    }
}

impl bolt::WriteAt for Failing {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> std::io::Result<()> {
        self.spend()?;
        self.file.write_all_at(buf, offset)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.spend()?;
        self.file.set_len(len)
    }

    fn sync(&self) -> std::io::Result<()> {
        self.spend()
    }

    fn written(&self, _range: std::ops::Range<u64>) -> std::io::Result<()> {
        Ok(())
    }
}
