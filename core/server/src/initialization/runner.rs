use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use jiff::Timestamp;
use serde::Serialize;
use snapstore::clock::Clock;
use snapstore::printable;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::machine::{End, Machine, Word};
use crate::ports::{Initializer, Mode, Ports, WallClock};

/// How far the initialization is, for those who only look: reading it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The word that `/initialization/status` would answer.
    #[serde(serialize_with = "as_word")]
    pub state: Word,
    /// Since when.
    pub since: Timestamp,
    /// How many have failed, one after another.
    pub failures: u32,
    /// Why the last one failed; `None` when it did not.
    pub last_error: Option<String>,
    /// How many have succeeded since the process began.
    pub succeeded: u64,
}

fn as_word<S: serde::Serializer>(word: &Word, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(word.as_str())
}

/// Runs one initialization at a time.
pub(crate) struct Initialization {
    machine: Mutex<Machine>,
    initializer: Arc<dyn Initializer>,
    clock: Arc<dyn Clock>,
    now: WallClock,
    stop: CancellationToken,
    tasks: TaskTracker,
    told: watch::Sender<Progress>,
}

impl Initialization {
    pub(crate) fn new(ports: &Ports) -> Arc<Self> {
        let told = Progress {
            state: Word::New,
            since: (ports.now)(),
            failures: 0,
            last_error: None,
            succeeded: 0,
        };
        Arc::new(Self {
            machine: Mutex::new(Machine::new()),
            initializer: ports.initializer.clone(),
            clock: ports.clock.clone(),
            now: ports.now.clone(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            told: watch::Sender::new(told),
        })
    }

    /// What `/initialization/start` does.
    pub(crate) fn start(self: &Arc<Self>, mode: Mode) {
        let begin = self.with(|machine| machine.start());
        let Some(begin) = begin else { return };
        self.tell(|_| {});
        tracing::info!(?mode, after = ?begin.after, "initialization is asked for");
        let this = self.clone();
        self.tasks.spawn(async move {
            let ended = this.run(mode, begin.after).await;
            this.end(ended);
        });
    }

    /// What `/initialization/status` answers.
    pub(crate) fn read(&self) -> Word {
        let word = self.with(Machine::read);
        self.tell(|_| {});
        word
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Progress> {
        self.told.subscribe()
    }

    /// Ends what is under way, and waits for it. Nothing begins any more.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// `None` when this process stops.
    async fn run(&self, mode: Mode, after: Duration) -> Option<Result<(), String>> {
        if !after.is_zero() {
            let wait = self.clock.sleep(after);
            self.stop.run_until_cancelled(wait).await?;
        }
        if self.stop.is_cancelled() {
            return None;
        }
        let work = self.initializer.initialize(mode, self.stop.child_token());
        let ended = AssertUnwindSafe(work).catch_unwind().await;
        let ended = ended.unwrap_or_else(|_| Err("it ended without an answer".to_owned()));
        match ended {
            Err(_) if self.stop.is_cancelled() => None,
            ended => Some(ended.map_err(|why| printable(&why))),
        }
    }

    fn end(&self, ended: Option<Result<(), String>>) {
        let (end, why) = match ended {
            None => (End::Interrupted, None),
            Some(Ok(())) => (End::Done, None),
            Some(Err(why)) => (End::Failed, Some(why)),
        };
        let failures = self.with(|machine| {
            machine.end(end);
            machine.failures()
        });
        match (&why, end) {
            (Some(why), _) => tracing::error!(failures, "initialization failed: {why}"),
            (None, End::Done) => tracing::info!("initialization succeeded: etcd may start"),
            (None, _) => tracing::info!("initialization was interrupted: it begins again"),
        }
        self.tell(|told| {
            told.succeeded += u64::from(end == End::Done);
            if end != End::Interrupted {
                told.last_error = why;
            }
        });
    }

    fn with<R>(&self, change: impl FnOnce(&mut Machine) -> R) -> R {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut machine)
    }

    fn tell(&self, more: impl FnOnce(&mut Progress)) {
        let now = (self.now)();
        self.told.send_modify(|told| {
            // Looked at while nobody else tells: what is told last is what holds.
            let (word, failures) = self.with(|machine| (machine.word(), machine.failures()));
            if told.state != word {
                (told.state, told.since) = (word, now);
            }
            told.failures = failures;
            more(told);
        });
    }
}

#[cfg(test)]
#[path = "runner_tests.rs"]
mod tests;
