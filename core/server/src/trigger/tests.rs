use super::*;
use crate::ports::{Kind, Latest, Position, Taken, TakenSnapshot};
use async_trait::async_trait;
use jiff::Timestamp;
use snapstore::clock::SystemClock;
use std::sync::Mutex;
use tokio::sync::{mpsc, oneshot};

type End = oneshot::Sender<Result<(), String>>;

/// A fake of an etcd that is written to, and of its snapshotter: each snapshot is told to the test, which ends it.
struct Written {
    now: Mutex<Position>,
    began: mpsc::UnboundedSender<(Wanted, End)>,
    at_once: Mutex<usize>,
}

impl Written {
    fn write(&self) {
        self.now.lock().unwrap().revision += 1;
    }
}

#[async_trait]
impl Snapshots for Written {
    async fn position(&self) -> Result<Position, String> {
        Ok(self.now.lock().unwrap().clone())
    }

    async fn take(&self, wanted: Wanted) -> Result<Taken, String> {
        *self.at_once.lock().unwrap() += 1;
        assert_eq!(*self.at_once.lock().unwrap(), 1, "two at once");
        let holds = self.now.lock().unwrap().clone();
        let (tell, hear) = oneshot::channel();
        self.began.send((wanted, tell)).unwrap();
        let ended = hear.await.expect("a test that wants a panic drops it");
        *self.at_once.lock().unwrap() -= 1;
        ended.map(|()| Taken {
            snapshot: Some(snapshot(holds.revision, wanted)),
            holds,
        })
    }

    async fn latest(&self) -> Result<Latest, String> {
        Ok(Latest::default())
    }
}

fn snapshot(revision: i64, wanted: Wanted) -> TakenSnapshot {
    TakenSnapshot {
        created_on: Timestamp::UNIX_EPOCH,
        immutability_expiry_time: None,
        version_id: None,
        kind: Kind::Full,
        snap_dir: String::new(),
        snap_name: format!("Full-00000000-{revision:08}-0"),
        prefix: String::new(),
        compression_suffix: String::new(),
        start_revision: 0,
        last_revision: revision,
        is_chunk: false,
        is_final: wanted == Wanted::Full(Ending::Final),
    }
}

struct World {
    etcd: Arc<Written>,
    triggers: Arc<Triggers>,
    began: mpsc::UnboundedReceiver<(Wanted, End)>,
}

const ORDINARY: Wanted = Wanted::Full(Ending::Ordinary);

impl World {
    fn new() -> Self {
        let (tell, began) = mpsc::unbounded_channel();
        let etcd = Arc::new(Written {
            now: Mutex::new(Position {
                revision: 7,
                beside: "users".to_owned(),
            }),
            began: tell,
            at_once: Mutex::new(0),
        });
        let young = Duration::from_secs(10);
        let triggers = Triggers::new(etcd.clone(), Arc::new(SystemClock), young);
        let triggers = Arc::new(triggers);
        Self {
            etcd,
            triggers,
            began,
        }
    }

    /// Asks, and waits until the request is where it stays.
    async fn ask(&self, ending: Ending) -> tokio::task::JoinHandle<Outcome> {
        let triggers = self.triggers.clone();
        let asked = tokio::spawn(async move {
            let answer = tokio::time::timeout(Duration::from_secs(7200), triggers.full(ending));
            answer.await.expect("there is no answer")
        });
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
        asked
    }

    /// The next one that begins. The clock of the test stands still unless everybody waits, and then it is over at once.
    async fn next(&mut self) -> (Wanted, End) {
        let next = tokio::time::timeout(Duration::from_secs(3600), self.began.recv());
        next.await.expect("none begins").unwrap()
    }

    fn nothing_else_began(&mut self) {
        assert!(self.began.try_recv().is_err());
    }
}

fn revision(outcome: Outcome) -> i64 {
    outcome.unwrap().snapshot.clone().unwrap().last_revision
}

#[tokio::test(start_paused = true)]
async fn who_asks_meanwhile_gets_the_one_that_runs() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    let others = [
        world.ask(Ending::Ordinary).await,
        world.ask(Ending::Ordinary).await,
    ];
    let (wanted, end) = world.next().await;
    assert_eq!(wanted, ORDINARY);
    world.nothing_else_began();
    end.send(Ok(())).unwrap();
    assert_eq!(revision(first.await.unwrap()), 7);
    for other in others {
        assert_eq!(revision(other.await.unwrap()), 7);
    }
    world.nothing_else_began();
}

/// Whoever joined a full that had begun before they wrote was told that it is in the store, and what they had written
/// was not in it.
#[tokio::test(start_paused = true)]
async fn who_has_written_since_it_began_gets_the_next_one() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    world.etcd.write();
    let others = [
        world.ask(Ending::Ordinary).await,
        world.ask(Ending::Ordinary).await,
    ];
    end.send(Ok(())).unwrap();
    assert_eq!(revision(first.await.unwrap()), 7);
    // Both share it.
    let (_, end) = world.next().await;
    end.send(Ok(())).unwrap();
    for other in others {
        assert_eq!(revision(other.await.unwrap()), 8);
    }
    world.nothing_else_began();
}

/// A user that was added writes no event: the revision alone says that nothing has changed.
#[tokio::test(start_paused = true)]
async fn what_no_event_carries_counts_too() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    world.next().await.1.send(Ok(())).unwrap();
    first.await.unwrap().unwrap();
    world.etcd.now.lock().unwrap().beside = "one more".to_owned();
    let second = world.ask(Ending::Ordinary).await;
    world.next().await.1.send(Ok(())).unwrap();
    second.await.unwrap().unwrap();
    // Not known at all: never the same.
    world.etcd.now.lock().unwrap().beside = String::new();
    for _ in 0..2 {
        let asked = world.ask(Ending::Ordinary).await;
        world.next().await.1.send(Ok(())).unwrap();
        asked.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_young_one_is_enough_as_long_as_nothing_changed() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    world.next().await.1.send(Ok(())).unwrap();
    first.await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(9)).await;
    let again = world.ask(Ending::Ordinary).await;
    assert_eq!(revision(again.await.unwrap()), 7);
    world.nothing_else_began();
    // The last one of a cluster has to be marked.
    let last = world.ask(Ending::Final).await;
    let (wanted, end) = world.next().await;
    assert_eq!(wanted, Wanted::Full(Ending::Final));
    end.send(Ok(())).unwrap();
    last.await.unwrap().unwrap();
    tokio::time::advance(Duration::from_secs(11)).await;
    let old = world.ask(Ending::Ordinary).await;
    world.next().await.1.send(Ok(())).unwrap();
    old.await.unwrap().unwrap();
}

/// A client hung up, and the full that it had asked for ended with it: the one who had joined got nothing.
#[tokio::test(start_paused = true)]
async fn who_hangs_up_takes_nothing_from_the_others() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    let second = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    end.send(Ok(())).unwrap();
    assert_eq!(revision(second.await.unwrap()), 7);
    // Nor does it end when nobody waits.
    world.etcd.write();
    let third = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    third.abort();
    end.send(Ok(())).unwrap();
    world.triggers.finish().await;
    let fourth = world.ask(Ending::Ordinary).await;
    assert_eq!(revision(fourth.await.unwrap()), 8);
    world.nothing_else_began();
}

/// One that failed is the answer for whoever had it begun, and none for those who came later.
#[tokio::test(start_paused = true)]
async fn a_failure_is_not_shared_with_those_who_came_later() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    let second = world.ask(Ending::Ordinary).await;
    end.send(Err("the store is down".to_owned())).unwrap();
    assert_eq!(
        first.await.unwrap().unwrap_err().as_ref(),
        "the store is down"
    );
    world.next().await.1.send(Ok(())).unwrap();
    assert_eq!(revision(second.await.unwrap()), 7);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_and_the_next_one_runs() {
    let mut world = World::new();
    let first = world.ask(Ending::Ordinary).await;
    drop(world.next().await);
    let why = first.await.unwrap().unwrap_err();
    assert!(why.contains("without an answer"), "{why}");
    *world.etcd.at_once.lock().unwrap() = 0;
    let second = world.ask(Ending::Ordinary).await;
    world.next().await.1.send(Ok(())).unwrap();
    assert_eq!(revision(second.await.unwrap()), 7);
}

/// A final one that is asked for while others are must come, and only once.
#[tokio::test(start_paused = true)]
async fn a_final_one_is_never_an_ordinary_one() {
    let mut world = World::new();
    let ordinary = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    let finals = [
        world.ask(Ending::Final).await,
        world.ask(Ending::Final).await,
    ];
    let late = world.ask(Ending::Ordinary).await;
    end.send(Ok(())).unwrap();
    let (wanted, end) = world.next().await;
    assert_eq!(wanted, Wanted::Full(Ending::Final));
    end.send(Ok(())).unwrap();
    for asked in finals {
        let taken = asked.await.unwrap().unwrap();
        assert!(taken.snapshot.as_ref().unwrap().is_final);
    }
    // Before its turn there was one that holds all that it meant.
    ordinary.await.unwrap().unwrap();
    late.await.unwrap().unwrap();
    world.nothing_else_began();
}

#[tokio::test(start_paused = true)]
async fn deltas_do_not_wait_for_fulls() {
    let mut world = World::new();
    let full = world.ask(Ending::Ordinary).await;
    let (_, end) = world.next().await;
    *world.etcd.at_once.lock().unwrap() = 0;
    let triggers = world.triggers.clone();
    let delta = tokio::spawn(async move { triggers.delta().await });
    let (wanted, end_of_delta) = world.next().await;
    assert_eq!(wanted, Wanted::Delta);
    end_of_delta.send(Ok(())).unwrap();
    delta.await.unwrap().unwrap();
    *world.etcd.at_once.lock().unwrap() = 1;
    end.send(Ok(())).unwrap();
    full.await.unwrap().unwrap();
}
