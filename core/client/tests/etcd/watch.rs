use client::{
    Batch, BatchEnd, Change, Compaction, Contiguity, Etcd as _, Event, Large, Read, Step,
    WatchFrom, WatchItem, WatchStream,
};
use testkit::etcd::{Op, Txn};

use crate::reach::{client, fresh, run};

pub(crate) fn from(revision: i64) -> WatchFrom {
    WatchFrom {
        revision,
        large: Large::Cut,
    }
}

/// All batches up to the end of revision `last`.
pub(crate) async fn until(stream: &mut dyn WatchStream, last: i64) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    loop {
        match stream.next().await.unwrap() {
            WatchItem::Batch(batch) => {
                let seen = batch.events.last().unwrap().mod_revision;
                assert!(batch.head >= seen);
                let whole = batch.end == BatchEnd::Whole;
                batches.push(batch);
                if whole && seen >= last {
                    return batches;
                }
            }
            WatchItem::Progress { .. } => {}
            canceled => panic!("{canceled:?}"),
        }
    }
}

/// The events of `batches`, which must continue each other from `first`.
pub(crate) fn contiguous(batches: Vec<Batch>, first: i64) -> Vec<Event> {
    let mut seen = Contiguity::from(first);
    let mut events = Vec::new();
    for batch in batches {
        for event in &batch.events {
            let step = seen.event(event.mod_revision);
            assert!(matches!(step, Step::Next | Step::Within), "{step:?}");
        }
        if batch.end == BatchEnd::Whole {
            seen.batch_ends();
        }
        events.extend(batch.events);
    }
    events
}

fn put(key: String, value: &str) -> Op {
    Op::Put(key.as_bytes().into(), value.into(), 0)
}

fn events_are_what_was_written(version: &str) {
    let etcd = fresh(version);
    etcd.put(b"a\xff", b"1").unwrap();
    let many = Txn {
        success: (0..100).map(|n| put(format!("k{n:03}"), "v")).collect(),
        ..Txn::default()
    };
    etcd.txn(&many).unwrap();
    etcd.put(b"a\xff", b"").unwrap();
    let gone = Txn {
        success: vec![Op::Delete(b"a\xff".into(), "".into())],
        ..Txn::default()
    };
    assert_eq!(etcd.txn(&gone).unwrap(), 5);
    run(async {
        let client = client(&etcd).await;
        let mut stream = client.watch(from(2)).await.unwrap();
        assert_eq!(stream.created().revision, 5);
        let events = contiguous(until(&mut *stream, 5).await, 2);
        assert_eq!(events.len(), 103);
        assert_eq!(events[0].key, b"a\xff"[..]);
        let again = Change::Put {
            value: b""[..].into(),
            create_revision: 2,
            version: 2,
            lease: 0,
        };
        assert_eq!((events[101].mod_revision, &events[101].change), (4, &again));
        assert_eq!(
            (events[102].mod_revision, &events[102].change),
            (5, &Change::Delete)
        );
        // And what happens from now on.
        etcd.put(b"later", b"x").unwrap();
        let later = contiguous(until(&mut *stream, 6).await, 6);
        assert_eq!(later[0].key, b"later"[..]);
    });
}

fn a_compacted_start_is_canceled_with_the_compaction(version: &str) {
    let etcd = fresh(version);
    run(async {
        let client = client(&etcd).await;
        // Nothing was ever written: there is nothing that a watch could show.
        assert_eq!(client.compacted().await.unwrap(), None);
        for _ in 0..5 {
            etcd.put(b"a", b"").unwrap();
        }
        assert_eq!(client.compacted().await.unwrap(), None);
        client.compact(4, Compaction::Done).await.unwrap();
        assert_eq!(client.compacted().await.unwrap(), Some(4));
        let mut stream = client.watch(from(2)).await.unwrap();
        let canceled = WatchItem::Canceled {
            compact_revision: Some(4),
            reason: String::new(),
        };
        assert_eq!(stream.next().await.unwrap(), canceled);
        assert!(stream.next().await.is_err());
        // What is compacted at is there yet.
        let mut stream = client.watch(from(4)).await.unwrap();
        assert_eq!(contiguous(until(&mut *stream, 6).await, 4).len(), 3);
    });
}

/// etcd says nothing of a start that has not happened: only the revision at the creation shows it, and a
/// linearizable read whether the member lags or the history is another.
fn a_start_in_the_future_is_seen_at_the_creation(version: &str) {
    let etcd = fresh(version);
    etcd.put(b"a", b"").unwrap();
    run(async {
        let client = client(&etcd).await;
        let mut stream = client.watch(from(10)).await.unwrap();
        assert_eq!(stream.created().revision, 2);
        assert_eq!(client.head(Read::Agreed).await.unwrap().revision, 2);
        for _ in 0..10 {
            etcd.put(b"a", b"").unwrap();
        }
        let events = contiguous(until(&mut *stream, 12).await, 10);
        assert_eq!(events.len(), 3);
        assert!(client.watch(from(0)).await.is_err());
        assert!(client.watch(from(-1)).await.is_err());
    });
}

testkit::on_every_etcd!(
    events_are_what_was_written,
    a_compacted_start_is_canceled_with_the_compaction,
    a_start_in_the_future_is_seen_at_the_creation
);
