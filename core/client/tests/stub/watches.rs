use client::{BatchEnd, ErrorKind, Etcd, Large, WatchFrom, WatchItem};
use prost::Message;

use crate::messages::{Event, KeyValue, Watch, header};
use crate::others::client;
use crate::server::{End, Reply, Stub};

pub(crate) fn from(revision: i64) -> WatchFrom {
    let large = Large::Cut;
    WatchFrom { revision, large }
}

pub(crate) fn created(head: i64) -> Vec<u8> {
    let watch = Watch {
        header: header(head),
        created: true,
        ..Watch::default()
    };
    watch.encode_to_vec()
}

fn deletes(revisions: &[i64], fragment: bool) -> Vec<u8> {
    let event = |revision: &i64| Event {
        kind: 1,
        kv: Some(KeyValue {
            key: b"k".to_vec(),
            mod_revision: *revision,
            ..KeyValue::default()
        }),
    };
    let watch = Watch {
        header: header(99),
        fragment,
        events: revisions.iter().map(event).collect(),
        ..Watch::default()
    };
    watch.encode_to_vec()
}

async fn saying(messages: Vec<Vec<u8>>, end: End) -> (Stub, client::Client) {
    let stub = Stub::new().await;
    stub.answers("Watch", [Reply { messages, end }]);
    let client = client(&stub).await;
    (stub, client)
}

/// Two revisions over three pieces: only the last of them ends a revision.
#[tokio::test]
async fn pieces_are_handed_on_and_said_to_be_pieces() {
    let messages = vec![
        created(99),
        deletes(&[5, 6], true),
        deletes(&[6, 6], true),
        deletes(&[6], false),
    ];
    let (stub, client) = saying(messages, End::Never).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    let mut ends = Vec::new();
    for _ in 0..3 {
        let WatchItem::Batch(batch) = watch.next().await.unwrap() else {
            panic!("a batch is one");
        };
        assert_eq!(batch.head, 99);
        ends.push((batch.events.len(), batch.end));
    }
    let expected = [(2, BatchEnd::Cut), (2, BatchEnd::Cut), (1, BatchEnd::Whole)];
    assert_eq!(ends, expected);
    // Refused without a leader: no member that is cut off is watched.
    assert_eq!(stub.headers("Watch")[0]["hasleader"], "true");
    assert!(!stub.headers("Watch")[0].contains_key("grpc-timeout"));
}

/// 100 MB in one message: what etcd sends of a batch that is not cut.
#[tokio::test]
async fn a_message_of_a_hundred_megabytes_is_taken() {
    let kv = KeyValue {
        key: b"k".to_vec(),
        create_revision: 5,
        mod_revision: 5,
        version: 1,
        value: vec![7; 100 << 20],
    };
    let watch = Watch {
        header: header(5),
        events: vec![Event {
            kind: 0,
            kv: Some(kv),
        }],
        ..Watch::default()
    };
    let messages = vec![created(5), watch.encode_to_vec()];
    let (_stub, client) = saying(messages, End::Never).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    assert!(matches!(watch.next().await.unwrap(), WatchItem::Batch(_)));
}

/// A message above the limit ends the watch, and says that it is too large: a watch from there on would
/// fail as often as it is tried.
#[tokio::test]
async fn a_message_above_the_limit_is_told_as_one() {
    let watch = Watch {
        header: header(5),
        events: Vec::new(),
        reason: "x".repeat(client::MAX_MESSAGE),
        ..Watch::default()
    };
    let messages = vec![created(5), watch.encode_to_vec()];
    let (_stub, client) = saying(messages, End::Never).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    let error = watch.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
}

#[tokio::test]
async fn a_compacted_start_is_told_with_no_reason_and_no_revision() {
    let canceled = Watch {
        canceled: true,
        compact_revision: 40,
        ..Watch::default()
    };
    let messages = vec![created(50), canceled.encode_to_vec()];
    let (_stub, client) = saying(messages, End::Never).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    assert_eq!(watch.created().revision, 50);
    let expected = WatchItem::Canceled {
        compact_revision: Some(40),
        reason: String::new(),
    };
    assert_eq!(watch.next().await.unwrap(), expected);
    assert!(watch.next().await.is_err());
    assert_eq!(client.compacted().await.unwrap(), Some(40));
}

#[tokio::test]
async fn a_cancellation_for_a_reason_that_is_known_is_that_error() {
    let canceled = Watch {
        canceled: true,
        reason: "etcdserver: no leader".to_owned(),
        ..Watch::default()
    };
    let messages = vec![created(50), canceled.encode_to_vec()];
    let (_stub, client) = saying(messages, End::Never).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    assert_eq!(watch.next().await.unwrap_err().kind(), ErrorKind::NoLeader);
}

/// What is not understood is an error: an item that is left out is a hole in a backup.
#[tokio::test]
async fn what_is_no_watch_is_refused() {
    let headless = Watch {
        created: true,
        ..Watch::default()
    };
    let of_another = Watch {
        header: header(9),
        watch_id: 3,
        ..Watch::default()
    };
    let first = [
        deletes(&[5], false),
        headless.encode_to_vec(),
        vec![0xff, 0xff, 0xff],
    ];
    for first in first {
        let (_stub, client) = saying(vec![first], End::Never).await;
        let error = client.watch(from(5)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    }
    let next = [of_another.encode_to_vec(), created(9), vec![0xff, 0xff]];
    for next in next {
        let (_stub, client) = saying(vec![created(9), next], End::Never).await;
        let mut watch = client.watch(from(5)).await.unwrap();
        let error = watch.next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    }
    let (_stub, client) = saying(vec![created(9)], End::Status(0, "")).await;
    let mut watch = client.watch(from(5)).await.unwrap();
    let error = watch.next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}
