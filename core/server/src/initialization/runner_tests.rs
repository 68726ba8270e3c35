use super::*;
use crate::ports::{Backups, Cluster, ClusterFacts, EtcdHealth, Role};
use async_trait::async_trait;
use snapstore::clock::SystemClock;
use std::collections::VecDeque;
use tokio::sync::{mpsc, oneshot};

/// A call: the mode, what stops it, and where the test says how it ends.
type Call = (Mode, CancellationToken, oneshot::Sender<Result<(), String>>);

/// A fake: each call is told to the test.
struct Asked(mpsc::UnboundedSender<Call>);

#[async_trait]
impl Initializer for Asked {
    async fn initialize(&self, mode: Mode, stop: CancellationToken) -> Result<(), String> {
        let (tell, hear) = oneshot::channel();
        self.0.send((mode, stop, tell)).unwrap();
        hear.await.unwrap()
    }
}

/// A fake that panics, or ends as it was told to.
struct Scripted(Mutex<VecDeque<Option<Result<(), String>>>>);

#[async_trait]
impl Initializer for Scripted {
    async fn initialize(&self, _: Mode, _: CancellationToken) -> Result<(), String> {
        let next = self.0.lock().unwrap().pop_front();
        next.unwrap().expect("a fake that panics")
    }
}

struct NoCluster;

#[async_trait]
impl Cluster for NoCluster {
    async fn facts(&self) -> Result<ClusterFacts, String> {
        Err("there is none".to_owned())
    }
}

fn initialization(initializer: impl Initializer) -> Arc<Initialization> {
    Initialization::new(&Ports {
        initializer: Arc::new(initializer),
        snapshots: None,
        cluster: Arc::new(NoCluster),
        role: watch::channel(Role::Unknown).1,
        etcd: watch::channel(EtcdHealth::Unknown).1,
        backups: watch::channel(Backups::default()).1,
        page: None,
        clock: Arc::new(SystemClock),
        now: Arc::new(|| Timestamp::UNIX_EPOCH),
    })
}

async fn until(progress: &mut watch::Receiver<Progress>, word: Word) -> Progress {
    let told = progress.wait_for(|told| told.state == word);
    let told = tokio::time::timeout(Duration::from_secs(3600), told).await;
    told.expect("it never is").unwrap().clone()
}

#[tokio::test]
async fn one_runs_at_a_time() {
    let (tell, mut hear) = mpsc::unbounded_channel();
    let initialization = initialization(Asked(tell));
    let mut progress = initialization.watch();
    assert_eq!(initialization.read(), Word::New);
    initialization.start(Mode::Sanity);
    initialization.start(Mode::Full);
    assert_eq!(initialization.read(), Word::Progress);
    let (mode, _, end) = hear.recv().await.unwrap();
    assert_eq!(mode, Mode::Sanity);
    end.send(Ok(())).unwrap();
    let told = until(&mut progress, Word::Successful).await;
    assert_eq!((told.succeeded, told.last_error), (1, None));
    assert!(hear.try_recv().is_err(), "only one began");
    assert_eq!(initialization.read(), Word::Successful);
    assert_eq!(initialization.read(), Word::New);
    assert_eq!(progress.borrow_and_update().state, Word::New);
}

/// Looking at `/status` must not use up the word that etcd-wrapper waits for.
#[tokio::test]
async fn looking_changes_nothing() {
    let script = VecDeque::from([Some(Ok(()))]);
    let initialization = initialization(Scripted(Mutex::new(script)));
    let mut progress = initialization.watch();
    initialization.start(Mode::Full);
    until(&mut progress, Word::Successful).await;
    for _ in 0..3 {
        assert_eq!(initialization.watch().borrow().state, Word::Successful);
    }
    assert_eq!(initialization.read(), Word::Successful);
}

#[tokio::test(start_paused = true)]
async fn after_failures_the_next_one_waits_in_progress() {
    let script = [Some(Err("disk\nfull".to_owned())), None, Some(Ok(()))];
    let initialization = initialization(Scripted(Mutex::new(script.into())));
    let mut progress = initialization.watch();
    let clock = SystemClock;
    initialization.start(Mode::Full);
    let told = until(&mut progress, Word::Failed).await;
    assert_eq!(told.last_error.as_deref(), Some("disk\\nfull"));
    assert_eq!(initialization.read(), Word::Failed);
    let began = clock.now();
    initialization.start(Mode::Full);
    assert_eq!(initialization.read(), Word::Progress);
    // The second one panics: a failure as others.
    let told = until(&mut progress, Word::Failed).await;
    assert_eq!(told.failures, 2);
    assert_eq!(clock.now() - began, Duration::from_secs(5));
    assert_eq!(initialization.read(), Word::Failed);
    let began = clock.now();
    initialization.start(Mode::Full);
    let told = until(&mut progress, Word::Successful).await;
    assert_eq!(clock.now() - began, Duration::from_secs(10));
    assert_eq!((told.failures, told.last_error), (0, None));
}

/// SIGTERM in a restore: it ends cleanly, and that it did not come about is no failure.
#[tokio::test]
async fn a_stop_ends_what_runs_and_nothing_begins() {
    let (tell, mut hear) = mpsc::unbounded_channel();
    let initialization = initialization(Asked(tell));
    initialization.start(Mode::Full);
    let (_, stop, end) = hear.recv().await.unwrap();
    assert!(!stop.is_cancelled());
    let stopping = tokio::spawn({
        let initialization = initialization.clone();
        async move { initialization.stop().await }
    });
    stop.cancelled().await;
    assert!(!stopping.is_finished(), "it waits for what runs");
    end.send(Err("cancelled".to_owned())).unwrap();
    stopping.await.unwrap();
    let told = initialization.watch().borrow().clone();
    assert_eq!(
        (told.state, told.failures, told.last_error),
        (Word::New, 0, None)
    );
    initialization.start(Mode::Full);
    initialization.stop().await;
    assert!(hear.try_recv().is_err(), "nothing began");
}

/// It was done just before: that is the truth, and the directory is fine.
#[tokio::test]
async fn what_was_done_when_the_stop_came_is_done() {
    let (tell, mut hear) = mpsc::unbounded_channel();
    let initialization = initialization(Asked(tell));
    initialization.start(Mode::Full);
    let (_, _, end) = hear.recv().await.unwrap();
    initialization.stop.cancel();
    end.send(Ok(())).unwrap();
    initialization.stop().await;
    assert_eq!(initialization.read(), Word::Successful);
}
