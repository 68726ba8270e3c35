use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use client::{Change, Endpoint, Event, Header, Scheme, WatchItem, WatchStream};
use proptest::prelude::*;

use super::*;
use crate::snapshot::machine::WatchEnd;

/// An etcd that says to a watch from a revision what is written for it, and then nothing more.
struct Written {
    says: Box<dyn Fn(i64) -> Vec<WatchItem> + Send + Sync>,
    began: Mutex<Vec<i64>>,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.began.fmt(f)
    }
}

#[derive(Debug)]
struct Stream {
    created: Header,
    endpoint: Endpoint,
    says: std::vec::IntoIter<WatchItem>,
    has_rested: bool,
}

#[async_trait]
impl Watches for Written {
    async fn watch(&self, from: WatchFrom) -> client::Result<Box<dyn WatchStream>> {
        self.began.lock().unwrap().push(from.revision);
        let says = (self.says)(from.revision);
        Ok(Box::new(Stream {
            created: Header {
                revision: 100,
                ..Header::default()
            },
            endpoint: Endpoint::parse("written:1", Scheme::Clear).unwrap(),
            says: says.into_iter(),
            has_rested: false,
        }))
    }
}

#[async_trait]
impl WatchStream for Stream {
    fn created(&self) -> &Header {
        &self.created
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    async fn next(&mut self) -> client::Result<WatchItem> {
        // Each message is a group of its own.
        if !std::mem::replace(&mut self.has_rested, true) {
            tokio::task::yield_now().await;
        }
        self.has_rested = false;
        match self.says.next() {
            Some(item) => Ok(item),
            None => std::future::pending().await,
        }
    }
}

/// Events of these revisions, the second and later ones of a revision under other keys.
fn batch(revisions: impl IntoIterator<Item = i64>, head: i64, bytes: usize) -> WatchItem {
    let mut before = (0, 0);
    let event = |revision| {
        let nth = if before.0 == revision {
            before.1 + 1
        } else {
            0
        };
        before = (revision, nth);
        Event {
            key: Bytes::from(format!("{revision}/{nth}")),
            mod_revision: revision,
            change: Change::Put {
                value: Bytes::from(vec![b'v'; bytes]),
                create_revision: revision,
                version: 1,
                lease: 0,
            },
        }
    };
    WatchItem::Batch(Batch {
        head,
        events: revisions.into_iter().map(event).collect(),
        end: BatchEnd::Whole,
    })
}

fn watching(says: impl IntoIterator<Item = (i64, Vec<WatchItem>)>) -> (Watching, Arc<Written>) {
    let says: BTreeMap<i64, Vec<WatchItem>> = says.into_iter().collect();
    watching_of(move |start| says.get(&start).cloned().unwrap_or_default())
}

fn watching_of(
    says: impl Fn(i64) -> Vec<WatchItem> + Send + Sync + 'static,
) -> (Watching, Arc<Written>) {
    let written = Arc::new(Written {
        says: Box::new(says),
        began: Mutex::default(),
    });
    (Watching::of(written.clone(), 1, Large::Cut), written)
}

/// Reads up to this key, or to the end.
async fn keys(watching: &mut Watching, last: &str) -> (Vec<String>, Option<(WatchEnd, String)>) {
    let mut keys = Vec::new();
    while keys.last().map(String::as_str) != Some(last) {
        match watching.next().await {
            Watched::Created(_) => {}
            Watched::Batches(batches) => {
                let events = batches.into_iter().flat_map(|batch| batch.events);
                keys.extend(events.map(|event| String::from_utf8(event.key.to_vec()).unwrap()));
            }
            Watched::Ended(end, why) => return (keys, Some((end, why))),
        }
    }
    (keys, None)
}

fn each_once(revisions: impl IntoIterator<Item = i64>) -> Vec<String> {
    let key = |revision| format!("{revision}/0");
    revisions.into_iter().map(key).collect()
}

/// A watch that etcd had let fall out of step got 10,000 revisions a second while 18,000 were written, and never came up again.
#[tokio::test]
async fn what_is_missing_is_read_by_several_and_each_event_is_taken_once() {
    let (mut watching, etcd) = watching([
        (
            1,
            vec![
                batch(1..=1000, 2500, 9),
                batch(1001..=2000, 3500, 9),
                batch(2001..=3000, 3500, 9),
            ],
        ),
        (
            2001,
            vec![
                batch(2001..=3000, 3500, 9),
                batch(3001..=4000, 4800, 9),
                batch(4001..=5000, 5000, 9),
            ],
        ),
        (4500, (4500..6000).map(|n| batch([n], n, 9)).collect()),
    ]);
    let (keys, end) = keys(&mut watching, "5999/0").await;
    assert_eq!(end, None);
    assert_eq!(keys, each_once(1..6000));
    assert_eq!(*etcd.began.lock().unwrap(), [1, 2001, 4500]);
    assert_eq!(watching.sections.len(), 1);
}

/// A revision in pieces goes on in the next message: it is all there only when a later one begins.
#[tokio::test]
async fn a_revision_in_pieces_before_a_border_is_read_to_its_end() {
    let WatchItem::Batch(mut piece) = batch((1001..=2000).chain([2000]), 2500, 9) else {
        panic!("no batch");
    };
    piece.end = BatchEnd::Cut;
    let mut rest = batch([2000, 2001], 3000, 9);
    if let WatchItem::Batch(rest) = &mut rest {
        rest.events[0].key = Bytes::from_static(b"2000/2");
    }
    let first = batch(1..=1000, 2500, 9);
    let (mut watching, _) = watching([
        (1, vec![first, WatchItem::Batch(piece), rest]),
        (2001, vec![batch(2001..=2002, 3000, 9)]),
    ]);
    let (keys, _) = keys(&mut watching, "2002/0").await;
    let tail: Vec<_> = keys[1998..].iter().map(String::as_str).collect();
    let wanted = ["1999/0", "2000/0", "2000/1", "2000/2", "2001/0", "2002/0"];
    assert_eq!(tail, wanted);
}

/// What one reads before its turn is held in memory, and a burst of large values would fill it: it is given up then,
/// and everything before it counts.
#[tokio::test]
async fn one_that_finds_no_room_ends_after_what_it_has_read() {
    let large = |n| batch([n], n, 1 << 20);
    let (mut watching, _) = watching([
        (1, vec![batch(1..=1000, 1800, 9)]),
        // In its turn only when the first has read so far: it says no more.
        (3800, (3800..3900).map(large).collect()),
    ]);
    assert_eq!(keys(&mut watching, "1000/0").await.0, each_once(1..=1000));
    let after = watching.sections.back_mut().unwrap();
    let mut parts = Vec::new();
    loop {
        match after.next().await {
            Part::Ended(end, why) => {
                assert_eq!(
                    (end, why.contains("no room")),
                    (WatchEnd::Broke, true),
                    "{why}"
                );
                break;
            }
            part => parts.push(part),
        }
    }
    // It was created, and a dozen of them have room.
    assert!((10..14).contains(&parts.len()), "{}", parts.len());
}

/// The one in front waits instead: it may take what comes as slowly as it likes.
#[tokio::test]
async fn the_one_in_front_waits_for_room() {
    let large = |n| batch([n], n, 1 << 20);
    let (mut watching, _) = watching([(1, (1..100).map(large).collect())]);
    let (keys, end) = keys(&mut watching, "99/0").await;
    assert_eq!((keys.len(), end), (99, None));
}

/// One revision with its number of events, in messages of random sizes that may cut it.
fn history() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(1usize..4, 3000..6000).prop_map(|counts| {
        let counts = counts.into_iter().zip(1..);
        counts
            .flat_map(|(events, revision)| std::iter::repeat_n(revision, events))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// However messages are cut, each event is taken once and in order.
    #[test]
    fn each_event_is_taken_once(history in history(), sizes in prop::collection::vec(1usize..1500, 1..20)) {
        let head = *history.last().unwrap();
        let WatchItem::Batch(whole) = batch(history.iter().copied(), head, 3) else { unreachable!() };
        let keys_of = |events: &[Event]| -> Vec<String> {
            events.iter().map(|event| String::from_utf8(event.key.to_vec()).unwrap()).collect()
        };
        let wanted = keys_of(&whole.events);
        let says = move |start| messages(&whole.events, start, &sizes);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (taken, end) = runtime.block_on(async {
            let (mut watching, _) = watching_of(says);
            keys(&mut watching, wanted.last().unwrap()).await
        });
        prop_assert_eq!(end, None);
        prop_assert_eq!(taken, wanted);
    }
}

/// The events from `start` on in messages of these sizes, which may cut a revision.
fn messages(events: &[Event], start: i64, sizes: &[usize]) -> Vec<WatchItem> {
    let head = events.last().unwrap().mod_revision;
    let first = events.partition_point(|event| event.mod_revision < start);
    let mut left = &events[first..];
    let mut messages = Vec::new();
    let mut sizes = sizes.iter().cycle();
    while !left.is_empty() {
        let (now, rest) = left.split_at(left.len().min(*sizes.next().unwrap()));
        let revisions = now.last().zip(rest.first());
        let is_cut = revisions.is_some_and(|(a, b)| a.mod_revision == b.mod_revision);
        let end = if is_cut {
            BatchEnd::Cut
        } else {
            BatchEnd::Whole
        };
        let events = now.to_vec();
        messages.push(WatchItem::Batch(Batch { head, events, end }));
        left = rest;
    }
    messages
}
