//! Every byte of small files flipped, every length cut.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

mod content;
mod model;

use bolt::{Db, check};
use content::{Content, Items, Seen, read};
use model::{Op, name, run, write_bulk};

const PAGE: usize = 1024;

/// Bytes that no shift turns into themselves, none of them the zero of padding.
fn varied(first: u8, len: usize) -> Vec<u8> {
    let rest = (1..len).map(|at| (at % 251) as u8 + 1);
    std::iter::once(first.max(1)).chain(rest).collect()
}

/// Two levels of branches, an inline bucket, overflow pages and an empty bucket, without a free
/// page.
fn dense() -> Vec<u8> {
    let large: Items = (0..16_u8)
        .map(|key| {
            let value = varied(key, 20 + usize::from(key) * 80);
            (varied(key + 1, 300), value)
        })
        .collect();
    let small = Items::from([
        (b"index".to_vec(), vec![9; 8]),
        (b"term".to_vec(), vec![1; 8]),
    ]);
    let buckets = [(name(0), large), (name(1), small), (name(2), Items::new())];
    write_bulk(PAGE as u32, &Content::of(buckets))
}

/// The same after commits: free pages, no freelist.
fn grown() -> Vec<u8> {
    let push = |bucket, value_len| Op::Push {
        bucket,
        key_len: 100,
        value_len,
        fill: 3,
    };
    let replace = Op::Replace {
        bucket: 1,
        count: 9,
        value_len: 60,
    };
    let ops = [
        push(0, 10),
        push(0, 900),
        replace,
        Op::Commit,
        push(1, 3),
        push(0, 3000),
    ];
    run(dense(), &ops)
}

enum Outcome {
    Reported,
    /// Sound, with this content.
    Sound(Content),
}

/// Opens, checks and reads; asserts that what a clean report promises holds.
fn outcome(file: &[u8]) -> Outcome {
    let Ok(db) = Db::open(file) else {
        return Outcome::Reported;
    };
    let mut seen = Seen::default();
    let report = check(&db, &mut seen);
    let content = read(&db);
    if !report.is_clean() {
        return Outcome::Reported;
    }
    let content = content.unwrap();
    for (name, bucket) in &content.buckets {
        let by_name = db.bucket(name).unwrap().unwrap();
        for (key, value) in &bucket.items {
            assert_eq!(by_name.get(key).unwrap().as_ref(), Some(value));
            assert_eq!(seen.0[name].get(key), Some(value));
        }
    }
    match db.other_meta() {
        Ok(_) => Outcome::Sound(content),
        Err(_) => Outcome::Reported,
    }
}

/// Whether a flip of this byte has to show: padding may hold anything, the header of a meta page has
/// fields nobody reads, all of them on the page not used, and the keys of branches, wherever
/// they lie in the page, only have to part their children.
fn matters(file: &[u8], at: usize) -> bool {
    let mut page = at / PAGE;
    if page < 2 {
        let used = Db::open(file).unwrap().meta_page() as usize;
        let in_header = at % PAGE < 10 && page == used;
        return in_header || (16..80).contains(&(at % PAGE));
    }
    while file[page * PAGE..][..8] != (page as u64).to_le_bytes() {
        page -= 1;
    }
    let overflow = file[page * PAGE + 12] as usize;
    let bytes = &file[page * PAGE..(page + 1 + overflow) * PAGE];
    let used = bytes.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let (at, is_branch) = (at - page * PAGE, bytes[8] == 1);
    if is_branch && at >= 16 {
        let elements_end = 16 + 16 * usize::from(bytes[10]);
        return at < elements_end && at % 16 >= 8;
    }
    at < used
}

#[test]
fn a_flip_in_a_dense_file_never_goes_unseen() {
    let file = dense();
    let Outcome::Sound(content) = outcome(&file) else {
        panic!("the file was sound");
    };
    let mut flipped = file.clone();
    for at in 0..file.len() {
        for mask in [1 << (at % 8), 0xff] {
            flipped[at] ^= mask;
            if let Outcome::Sound(other) = outcome(&flipped) {
                let unseen = other == content;
                assert!(!unseen || !matters(&file, at), "byte {at} ^ {mask:#04x}");
            }
            flipped[at] = file[at];
        }
    }
}

#[test]
fn a_flip_in_a_grown_file_is_survived() {
    let mut file = grown();
    for at in 0..file.len() {
        let flip = 1 << (at % 8);
        file[at] ^= flip;
        outcome(&file);
        file[at] ^= flip;
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for file in [dense(), grown()] {
        for len in 0..file.len() {
            assert!(Db::open(&file[..len]).is_err(), "cut at {len}");
        }
    }
}
