//! Files made by real etcds; `tests/data/README.md` tells how.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a missing golden file fails the test"
)]

use std::io::Read;
use std::path::PathBuf;

pub(crate) fn bytes(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[allow(dead_code, reason = "some tests read only plain files")]
pub(crate) fn gunzip(path: &str) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes(path).as_slice())
        .read_to_end(&mut out)
        .unwrap();
    out
}
