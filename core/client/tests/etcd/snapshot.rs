use bolt::Db;
use client::{Etcd as _, Read, SnapshotPiece, SnapshotStream};
use sha2::{Digest, Sha256};
use testkit::etcd::{Compacted, Etcd};

use crate::reach::{client, fresh, run};

/// The database, and the hash that etcd sends.
pub(crate) async fn drained(stream: &mut dyn SnapshotStream) -> (Vec<u8>, [u8; 32]) {
    let mut database = Vec::new();
    loop {
        match stream.next().await.unwrap() {
            SnapshotPiece::Database(bytes) => database.extend_from_slice(&bytes),
            SnapshotPiece::End { sha256 } => {
                let sha256 = sha256.of(&Sha256::new_with_prefix(&database)).unwrap();
                return (database, sha256);
            }
        }
    }
}

pub(crate) fn fill(to: &Etcd, keys: usize, value: &[u8]) {
    for number in 0..keys {
        to.put(format!("key-{number:06}").as_bytes(), value)
            .unwrap();
    }
}

/// What is streamed is the database, and what follows it is its hash. etcd commits before it streams, so
/// no two streams are equal byte by byte: the keys are compared by the hash that etcd tells of them.
fn a_snapshot_is_what_etcd_hashed(version: &str) {
    let running = fresh(version);
    fill(&running, 40, &[7; 50_000]);
    running.compact(20, Compacted::Physically).unwrap();
    run(async {
        let client = client(&running).await;
        let mut stream = client.snapshot().await.unwrap();
        let size = stream.size();
        let (database, sha256) = drained(&mut *stream).await;
        assert_eq!(database.len() as u64, size);
        assert_eq!(database.len() % 4096, 0);
        assert_eq!(sha256, Sha256::digest(&database)[..]);
        let db = Db::open(&database[..]).unwrap();
        assert!(db.check().is_clean(), "{}", db.check());
        let ours = etcd::hash_kv::of_database(&db, None, 9).unwrap();
        let theirs = client.hash_kv(0).await.unwrap();
        assert_eq!((ours.revision, ours.hash), (41, theirs.hash));
        assert_eq!(ours.compact_revision, Some(20));
        let since_3_6 = version.starts_with("3.6") || version.starts_with("3.7");
        // A young cluster has not decided on it yet.
        assert!(since_3_6 || stream.storage_version().is_none());
        let again = stream.next().await.unwrap_err();
        assert_eq!(again.kind(), client::ErrorKind::Protocol, "{again}");
    });
}

/// An open snapshot holds a transaction of etcd's: with one that was given up but not dropped inside etcd a
/// defragmentation would never end.
fn a_snapshot_that_is_dropped_lets_etcd_go(version: &str) {
    let running = fresh(version);
    // More than all windows of the connection hold.
    fill(&running, 40, &[7; 1_000_000]);
    run(async {
        let client = client(&running).await;
        let mut stream = client.snapshot().await.unwrap();
        assert!(stream.size() > 40_000_000);
        assert!(matches!(
            stream.next().await.unwrap(),
            SnapshotPiece::Database(_)
        ));
        // A snapshot that nobody reads on, since the store stalls, keeps no question from being answered.
        let same = client.at(stream.endpoint());
        let head = same.head(Read::Local).await.unwrap();
        assert_eq!(head.revision, 41);
        drop(stream);
        client.defragment().await.unwrap();
        let mut stream = client.snapshot().await.unwrap();
        drained(&mut *stream).await;
    });
}

testkit::on_every_etcd!(
    a_snapshot_is_what_etcd_hashed,
    a_snapshot_that_is_dropped_lets_etcd_go
);
