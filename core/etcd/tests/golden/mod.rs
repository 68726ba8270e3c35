//! Files made by real etcds; `tests/data/README.md` tells how.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a missing golden file fails the test"
)]

use std::io::Read;
use std::path::PathBuf;

use bolt::Db;
use etcd::wal::{Files, Log, SegmentName, Start};

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

/// The log of a member that was killed.
#[allow(dead_code, reason = "used where logs are replayed")]
pub(crate) fn golden_log(name: &str) -> Log<Vec<u8>> {
    let bytes = gunzip(&format!("replay/{name}/wal.gz"));
    let files = Files::new([(SegmentName::default(), bytes)]);
    Log::read(files)
        .unwrap()
        .starting_at(Start::default())
        .unwrap()
}

/// Its database.
#[allow(dead_code, reason = "used where logs are replayed")]
pub(crate) fn golden_db(name: &str) -> Db<Vec<u8>> {
    Db::open(gunzip(&format!("replay/{name}/db.gz"))).unwrap()
}
