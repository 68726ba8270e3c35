//! Files that others wrote.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::io::Read;

/// A full snapshot of a live etcd 3.5, as etcd-backup-restore stored it, without its trailing
/// SHA-256.
pub(crate) fn etcd_3_5_snapshot() -> Vec<u8> {
    let packed: &[u8] = include_bytes!("../data/e35-full.gz");
    let mut bytes = Vec::new();
    let mut gunzip = flate2::read::GzDecoder::new(packed);
    gunzip.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() % 512, 32, "the snapshot ends with its hash");
    bytes.truncate(bytes.len() - 32);
    bytes
}
