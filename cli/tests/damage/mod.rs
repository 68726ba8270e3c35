//! A real member, what can be done to its files, and stores beside it.
#![allow(
    dead_code,
    unused_imports,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

mod blow;
mod ground;
mod part;

use std::fs;
use std::path::Path;

pub(crate) use blow::{Blow, strike};
pub(crate) use ground::{Ground, STORES};
pub(crate) use part::{Part, find_frames, find_parts};

/// Copies a directory with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
