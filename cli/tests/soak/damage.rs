//! What a disk does to the files of a member.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: usize = 4096;

/// Turns the bits of one word of the newest segment of the WAL around, anywhere in what is written. Where it is.
pub(crate) fn flip_word(data_dir: &Path, random: &mut fastrand::Rng) -> String {
    let segment = newest_segment(&data_dir.join("member/wal"));
    let mut bytes = fs::read(&segment).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let at = random.usize(..=end / 4) * 4;
    let word = bytes[at..].iter_mut().take(4);
    word.for_each(|byte| *byte = !*byte);
    fs::write(&segment, bytes).unwrap();
    format!("{at} of {end} bytes of {}", name(&segment))
}

fn newest_segment(wal: &Path) -> PathBuf {
    let files = fs::read_dir(wal).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let segments = files.filter(|path| path.extension().is_some_and(|end| end == "wal"));
    segments.max().unwrap()
}

/// Writes zeros over one page of the database. Which one.
pub(crate) fn zero_page(data_dir: &Path, random: &mut fastrand::Rng) -> String {
    let db = data_dir.join("member/snap/db");
    let mut bytes = fs::read(&db).unwrap();
    let pages = bytes.len() / PAGE;
    // Most of a file that has grown is free.
    let used = (0..pages).filter(|page| bytes[page * PAGE..][..PAGE].iter().any(|byte| *byte != 0));
    let used: Vec<usize> = used.collect();
    let page = used[random.usize(..used.len())];
    bytes[page * PAGE..][..PAGE].fill(0);
    fs::write(&db, bytes).unwrap();
    format!("page {page} of {pages}")
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
