use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::progress::Unobserved;
use snapstore::clock::Clock;
use snapstore::memory::MemoryStore;

/// Seconds that were waited.
#[derive(Debug, Default)]
struct Waited(AtomicU64);

#[async_trait::async_trait]
impl Clock for Waited {
    async fn sleep(&self, duration: Duration) {
        self.0.fetch_add(duration.as_secs(), Ordering::Relaxed);
    }
}

fn session(store: &MemoryStore, seed: u64) -> Session {
    on(store, seed, Arc::default())
}

fn on(store: &MemoryStore, seed: u64, clock: Arc<Waited>) -> Session {
    Session {
        store: Arc::new(store.clone()),
        observer: Arc::new(Unobserved),
        cancel: Default::default(),
        seed,
        clock,
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

fn taking(place: Option<super::super::process::Place>) -> Taking {
    Taking {
        process: Process {
            place,
            ..Process::current()
        },
        now: Timestamp::UNIX_EPOCH,
        settle: Duration::from_secs(10),
    }
}

/// A snapshotter that was paused, and another that took its place: both went on writing deltas, cut at other places.
#[tokio::test]
async fn the_one_before_is_told_by_the_next_write() {
    let store = MemoryStore::new();
    let first = Fence::take(&session(&store, 1), &taking(None))
        .await
        .unwrap();
    assert!(first.before.is_none() && first.fence.holds().await.unwrap());
    let waited = Arc::<Waited>::default();
    let second = Fence::take(&on(&store, 2, waited.clone()), &taking(None))
        .await
        .unwrap();
    // It may still have had a write under way.
    assert!(second.before.is_some() && waited.0.load(Ordering::Relaxed) == 10);
    assert!(!first.fence.holds().await.unwrap() && second.fence.holds().await.unwrap());
    assert_eq!(second.fence.epoch(), Epoch(2));
}

#[tokio::test]
async fn who_has_ended_is_not_waited_for() {
    let store = MemoryStore::new();
    let first = Fence::take(&session(&store, 1), &taking(None))
        .await
        .unwrap();
    first.fence.release().await.unwrap();
    let waited = Arc::<Waited>::default();
    let second = Fence::take(&on(&store, 2, waited.clone()), &taking(None))
        .await
        .unwrap();
    assert!(second.before.is_none() && waited.0.load(Ordering::Relaxed) == 0);
    // One that was killed on this machine.
    let mut gone = taking(Process::current().place);
    gone.process.place.as_mut().unwrap().started -= 1;
    Fence::take(&session(&store, 3), &gone).await.unwrap();
    let waited = Arc::<Waited>::default();
    let last = Fence::take(&on(&store, 4, waited.clone()), &taking(None))
        .await
        .unwrap();
    assert!(last.before.is_none() && waited.0.load(Ordering::Relaxed) == 0);
    assert!(!second.fence.holds().await.unwrap());
}

/// Many at once, on a store that lets one create a name: each epoch has one owner, and one of them is the last.
#[tokio::test]
async fn of_many_at_once_the_last_holds() {
    let store = MemoryStore::new();
    let sessions: Vec<_> = (0..8).map(|seed| session(&store, seed)).collect();
    let taking = taking(None);
    let takes = sessions.iter().map(|one| Fence::take(one, &taking));
    let taken: Vec<_> = futures::future::join_all(takes).await;
    let fences: Vec<Fence> = taken.into_iter().map(|one| one.unwrap().fence).collect();
    let mut epochs: Vec<u64> = fences.iter().map(|fence| fence.epoch().0).collect();
    epochs.sort_unstable();
    assert_eq!(epochs, [1, 2, 3, 4, 5, 6, 7, 8]);
    let mut holding = 0;
    for fence in &fences {
        holding += usize::from(fence.holds().await.unwrap());
    }
    assert_eq!(holding, 1);
}

/// What is not understood may be the turn of somebody.
#[tokio::test]
async fn an_epoch_that_cannot_be_read_is_no_epoch_that_is_over() {
    let store = MemoryStore::new();
    let key = Epoch(1).key().unwrap();
    let put = store.put(&key, Bytes::from_static(b"{"), PutOptions::default());
    put.await.unwrap();
    let error = Fence::take(&session(&store, 1), &taking(None))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("fence/0000000000000001"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_long_over_is_forgotten() {
    let store = MemoryStore::new();
    for seed in 0..20 {
        let taken = Fence::take(&session(&store, seed), &taking(None))
            .await
            .unwrap();
        taken.fence.release().await.unwrap();
    }
    let left = store.list_all(ListRequest::under(PLACE)).await.unwrap();
    assert_eq!(left.len() as u64, 2 * (KEPT + 1));
}

/// A snapshotter that was paused while ten others had their turns found that nobody had the one after its own: that
/// object was long over, and deleted. It wrote deltas beside the one whose turn it was.
#[tokio::test]
async fn who_was_paused_for_many_turns_does_not_hold() {
    let store = MemoryStore::new();
    let take = async |seed| Fence::take(&session(&store, seed), &taking(None)).await;
    let paused = take(0).await.unwrap().fence;
    for seed in 1..=KEPT + 4 {
        let taken = take(seed).await.unwrap();
        assert!(!paused.holds().await.unwrap(), "{seed} turns later");
        assert!(taken.fence.holds().await.unwrap());
        taken.fence.release().await.unwrap();
    }
}

/// A store was emptied under a snapshotter, or its volume was not mounted any more: deltas were said to be taken, and
/// no full led to them.
#[tokio::test]
async fn in_a_store_that_was_emptied_nobody_holds() {
    let store = MemoryStore::new();
    let first = Fence::take(&session(&store, 1), &taking(None)).await;
    let first = first.unwrap().fence;
    let object = ObjectId::from(first.epoch().key().unwrap());
    store.delete(&object).await.unwrap();
    assert!(!first.holds().await.unwrap());
    // The same number, and another owner.
    let second = Fence::take(&session(&store, 2), &taking(None)).await;
    let second = second.unwrap().fence;
    assert_eq!(second.epoch(), first.epoch());
    assert!(!first.holds().await.unwrap() && second.holds().await.unwrap());
}
