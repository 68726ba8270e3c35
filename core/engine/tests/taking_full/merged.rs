//! Deltas that become one: whatever fails, no part goes before the merged one is there and holds it.

use std::sync::Arc;

use engine::backups::branches::Wanted;
use engine::backups::encoder::Level;
use engine::backups::metadata::{Lineage, Metadata, write};
use engine::compact::levels::{Leveling, Mode, level};
use jiff::Timestamp;
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use testkit::backup::{Compression, compress};
use testkit::hooks::Hooked;
use testkit::synthetic::{History, delta_name, full_name};

use crate::set_up::{objects, session};
use crate::troubled::{How, Troubled};

const PARTS: [(i64, i64); 3] = [(21, 30), (31, 45), (46, 60)];

/// A chain of three deltas, of one lineage, and a full at its end.
async fn fill(store: &MemoryStore) {
    let mut history = History::default();
    history.wander(60, 1);
    let gzip = Compression::Gzip;
    let fulls = [20, 60].map(|at| (full_name(at, gzip), history.full(at)));
    let deltas =
        PARTS.map(|(first, last)| (delta_name(first, last, gzip), history.delta(first..=last)));
    for (name, content) in fulls.into_iter().chain(deltas) {
        let key = Key::new(format!("v2/{name}")).unwrap();
        let object = Bytes::from(compress(gzip, &content));
        store
            .put(&key, object, PutOptions::default())
            .await
            .unwrap();
        let mut metadata = Metadata::of(&name).unwrap();
        metadata.lineage = Some(Lineage {
            id: "a1".to_owned(),
            parent: None,
        });
        write(store, &metadata).await.unwrap();
    }
}

fn leveling() -> Leveling {
    Leveling {
        lineage: Wanted::Newest,
        size: 1 << 20,
        compression: None,
        level: Level::default(),
        now: Timestamp::from_second(2_000_000_000).unwrap(),
        mode: Mode::Merge,
    }
}

/// The deltas in a store.
async fn deltas(store: &MemoryStore) -> Vec<(String, Bytes)> {
    let mut objects = objects(store).await;
    objects.retain(|(key, _)| key.starts_with("v2/Incr-"));
    objects
}

#[tokio::test(flavor = "multi_thread")]
async fn no_part_goes_before_the_merged_one_was_read_back() {
    let undisturbed = MemoryStore::new();
    fill(&undisturbed).await;
    let parts = deltas(&undisturbed).await;
    let begun = session(Arc::new(undisturbed.clone()), Arc::new(SystemClock));
    let levels = level(&begun, &leveling()).await.unwrap();
    assert_eq!((levels.deleted, levels.failed), (3, 0));
    let whole = deltas(&undisturbed).await;
    assert_eq!(whole.len(), 1);
    let mut seen = [0; 3];
    for how in [How::Refuses, How::LosesAnswer, How::Changes, How::Shortens] {
        for call in 0.. {
            let store = Arc::new(Hooked(Troubled::at(call, how.clone())));
            fill(&store.store).await;
            let session = session(store.clone(), Arc::new(SystemClock));
            let done = level(&session, &leveling()).await;
            let there = deltas(&store.store).await;
            let has_all = parts.iter().all(|part| there.contains(part));
            match (&done, has_all) {
                (Ok(_), false) => {
                    assert_eq!(there, whole, "{how:?} {call}");
                    seen[0] += 1;
                }
                (Err(error), true) => {
                    let is_spoilt = matches!(how, How::Changes | How::Shortens);
                    assert!(!is_spoilt || there == parts, "{how:?} {call}: {error}");
                    seen[1] += 1;
                }
                (Ok(levels), true) => unreachable!("{how:?} {call}: {levels:?}"),
                (Err(error), false) => unreachable!("{how:?} {call}: {error}"),
            }
            // Whatever was left, the next run makes the same of it, unless the store has spoilt what it took.
            if done.is_err() && matches!(how, How::Refuses | How::LosesAnswer) {
                let again = level(&session, &leveling()).await.unwrap();
                assert_eq!(again.failed, 0, "{how:?} {call}");
                assert_eq!(deltas(&store.store).await, whole, "{how:?} {call}");
                seen[2] += 1;
            }
            if !store.was_troubled() {
                break;
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 2), "{seen:?}");
}
