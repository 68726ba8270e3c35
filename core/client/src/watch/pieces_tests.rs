use bytes::Bytes;

use super::*;
use crate::wire::ResponseHeader;

fn message(revisions: &[i64]) -> WatchResponse {
    let event = |revision: &i64| WatchEvent {
        kind: DELETE,
        kv: Some(KeyValue {
            key: Bytes::from_static(b"k"),
            mod_revision: *revision,
            ..KeyValue::default()
        }),
    };
    WatchResponse {
        header: Some(ResponseHeader {
            cluster_id: 1,
            member_id: 2,
            revision: 100,
            raft_term: 3,
        }),
        watch_id: 7,
        events: revisions.iter().map(event).collect(),
        ..WatchResponse::default()
    }
}

fn item(message: WatchResponse) -> Result<WatchItem, String> {
    Pieces::of(7).item(message)
}

/// etcd cuts a batch of more than 2 MiB also inside of a revision: 75,000 deletes came as 55,187 and the
/// rest. Only a piece that is not called a fragment ends the revision.
#[test]
fn a_revision_ends_with_the_piece_that_is_no_fragment() {
    let cut = WatchResponse {
        fragment: true,
        ..message(&[5, 5])
    };
    let ends = [cut, message(&[5])].map(|message| match item(message).unwrap() {
        WatchItem::Batch(batch) => batch.end,
        other => panic!("{other:?}"),
    });
    assert_eq!(ends, [BatchEnd::Cut, BatchEnd::Whole]);
}

/// `header.revision` is the newest of the store, and was ahead of the events in 54 of 56 messages: whoever
/// took it for the last of them had a hole after the next start.
#[test]
fn the_revision_of_the_header_is_not_that_of_the_last_event() {
    let Ok(WatchItem::Batch(batch)) = item(message(&[5, 6])) else {
        panic!("a batch is one");
    };
    assert_eq!(batch.head, 100);
    assert_eq!(batch.events.last().unwrap().mod_revision, 6);
}

/// 3.4.23 to 3.7.3 cancel a watch whose start is compacted without a reason, and with revision 0 in the
/// header.
#[test]
fn a_compacted_start_is_told_by_a_number_alone() {
    let bare = WatchResponse {
        header: None,
        canceled: true,
        compact_revision: 40,
        ..message(&[])
    };
    let compacted = WatchItem::Canceled {
        compact_revision: Some(40),
        reason: String::new(),
    };
    assert_eq!(item(bare), Ok(compacted));
    let hostile = WatchResponse {
        canceled: true,
        cancel_reason: "why\x1b[2J".to_owned(),
        ..message(&[])
    };
    let shown = WatchItem::Canceled {
        compact_revision: None,
        reason: "why\\u{1b}[2J".to_owned(),
    };
    assert_eq!(item(hostile), Ok(shown));
}

#[test]
fn silence_is_progress_and_no_end_of_a_batch() {
    let progress = WatchItem::Progress { head: 100 };
    assert_eq!(item(message(&[])), Ok(progress.clone()));
    let to_nobody = WatchResponse {
        watch_id: -1,
        ..message(&[])
    };
    assert_eq!(item(to_nobody), Ok(progress));
}

#[test]
fn a_put_keeps_all_that_is_said_of_it() {
    let kv = KeyValue {
        key: Bytes::from_static(b"key"),
        create_revision: 4,
        mod_revision: 9,
        version: 3,
        value: Bytes::from_static(b"value"),
        lease: 77,
    };
    let put = WatchEvent {
        kind: PUT,
        kv: Some(kv.clone()),
    };
    let Ok(WatchItem::Batch(batch)) = item(WatchResponse {
        events: vec![put],
        ..message(&[])
    }) else {
        panic!("a batch is one");
    };
    let expected = Event {
        key: kv.key.clone(),
        mod_revision: 9,
        change: Change::Put {
            value: kv.value.clone(),
            create_revision: 4,
            version: 3,
            lease: 77,
        },
    };
    assert_eq!(batch.events, [expected]);
    // Slices, not copies.
    assert_eq!(batch.events[0].key.as_ptr(), kv.key.as_ptr());
}

/// What is not understood is an error: an event that is left out is a hole in a backup.
#[test]
fn what_is_no_event_is_refused() {
    let of = |change: &dyn Fn(&mut WatchEvent, &mut KeyValue)| {
        let mut one = message(&[5]);
        let mut event = one.events[0].clone();
        let mut kv = event.kv.take().unwrap();
        event.kind = PUT;
        (kv.create_revision, kv.version) = (5, 1);
        change(&mut event, &mut kv);
        event.kv = Some(kv);
        one.events = vec![event];
        one
    };
    assert!(item(of(&|_, _| {})).is_ok());
    let wrong = [
        of(&|event, _| event.kind = 2),
        of(&|_, kv| kv.key = Bytes::new()),
        of(&|_, kv| kv.mod_revision = 0),
        of(&|_, kv| kv.create_revision = 0),
        of(&|_, kv| kv.create_revision = 6),
        of(&|_, kv| kv.version = 0),
        WatchResponse {
            events: vec![WatchEvent {
                kind: PUT,
                kv: None,
            }],
            ..message(&[])
        },
        WatchResponse {
            watch_id: 8,
            ..message(&[5])
        },
        WatchResponse {
            created: true,
            ..message(&[])
        },
        WatchResponse {
            fragment: true,
            ..message(&[])
        },
        WatchResponse {
            header: None,
            ..message(&[5])
        },
    ];
    for (number, wrong) in wrong.into_iter().enumerate() {
        let understood = item(wrong);
        assert!(understood.is_err(), "{number}: {understood:?}");
    }
}
