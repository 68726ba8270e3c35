//! Revisions and messages that are larger than others.

use client::{BatchEnd, Client, Etcd as _, Large, WatchFrom};
use testkit::etcd::{Etcd, Op, Txn};

use crate::reach::{client, fresh, run};
use crate::watch::{contiguous, until};

/// `count` keys with long names, and one revision that deletes them all; returns that.
fn deleted(etcd: &Etcd, count: usize) -> i64 {
    let name = |number: usize| format!("{number:0100}");
    let numbers: Vec<_> = (0..count).collect();
    for some in numbers.chunks(100) {
        let put = |number: &usize| Op::Put(name(*number).as_bytes().into(), "".into(), 0);
        let txn = Txn {
            success: some.iter().map(put).collect(),
            ..Txn::default()
        };
        etcd.txn(&txn).unwrap();
    }
    let all = Op::Delete("0".into(), "1".into());
    let txn = Txn {
        success: vec![all],
        ..Txn::default()
    };
    etcd.txn(&txn).unwrap()
}

/// How a revision of `count` deletes comes: in how many pieces.
async fn pieces(client: &Client, revision: i64, large: Large, count: usize) -> usize {
    let from = WatchFrom { revision, large };
    let mut stream = client.watch(from).await.unwrap();
    let batches = until(&mut *stream, revision).await;
    let (last, before) = batches.split_last().unwrap();
    assert_eq!(last.end, BatchEnd::Whole);
    assert!(before.iter().all(|piece| piece.end == BatchEnd::Cut));
    let pieces = batches.len();
    let events = contiguous(batches, revision);
    assert_eq!(events.len(), count);
    assert!(events.iter().all(|event| event.mod_revision == revision));
    pieces
}

/// One revision over several fragments is one revision: who cuts a delta between two of them writes a delta
/// that ends in the middle of a transaction.
fn a_revision_over_many_pieces_is_one(version: &str) {
    let etcd = fresh(version);
    // 2.3 MB of protobuf: more than the 2 MiB above which etcd cuts, and few enough events that cutting,
    // which costs the square of their number, does not take long.
    let count = 20_000;
    let revision = deleted(&etcd, count);
    run(async {
        let client = client(&etcd).await;
        assert!(pieces(&client, revision, Large::Cut, count).await > 1);
        assert_eq!(pieces(&client, revision, Large::Whole, count).await, 1);
    });
}

/// tonic takes no message of more than 4 MiB unless it is told to: a batch that is not cut, of 40 values of
/// 1 MB, ended the watch.
fn a_message_of_forty_megabytes_is_taken(version: &str) {
    let etcd = fresh(version);
    crate::snapshot::fill(&etcd, 40, &[7; 1_000_000]);
    run(async {
        let client = client(&etcd).await;
        for large in [Large::Cut, Large::Whole] {
            let from = WatchFrom { revision: 2, large };
            let mut stream = client.watch(from).await.unwrap();
            let batches = until(&mut *stream, 41).await;
            assert_eq!(contiguous(batches, 2).len(), 40, "{large:?}");
        }
    });
}

testkit::on_every_etcd!(
    a_revision_over_many_pieces_is_one,
    a_message_of_forty_megabytes_is_taken
);
