use std::sync::Arc;
use std::time::Duration;

use client::Etcd;
use engine::session::Session;
use engine::snapshot::taking::{Error, RequestSender};
use page::work::Kind;
use server::Snapshots;
use snapstore::clock::Clock;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::heard::Heard;
use super::in_flight::InFlight;
use super::place::Place;
use super::secondary::Secondary;
use super::triggers::{Requests, Triggers};
use crate::following::Following;
use crate::hints;

/// The first wait after backups could not be taken, and the longest: it is never given up.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

/// The wait after another snapshotter has taken over twice within this time.
const AFTER_ANOTHER: Duration = Duration::from_secs(300);

/// What is done while a member leads: backups, and what goes on beside.
#[derive(Clone)]
pub(super) struct Leading {
    pub(super) place: Arc<Place>,
    pub(super) etcd: Arc<dyn Etcd>,
    pub(super) following: Following,
    pub(super) heard: Arc<Heard>,
    pub(super) in_flight: Arc<InFlight>,
    /// Where whoever wants a snapshot finds the snapshotter that runs.
    pub(super) requests: Arc<Requests>,
    pub(super) triggers: Arc<Triggers>,
    /// Where backups are copied to, if they are.
    pub(super) secondary: Option<Arc<Secondary>>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Why no snapshotter runs any more.
struct Ended {
    why: String,
    /// Another has taken over.
    is_deposed: bool,
}

impl From<String> for Ended {
    fn from(why: String) -> Self {
        Self {
            why,
            is_deposed: false,
        }
    }
}

/// A time in which it leads.
#[must_use = "what goes on in it goes on until it is ended"]
pub(super) struct Term {
    cancel: CancellationToken,
    task: JoinHandle<()>,
    copying: Option<JoinHandle<()>>,
    requests: Arc<Requests>,
    in_flight: Arc<InFlight>,
}

impl Leading {
    /// Begins.
    pub(super) fn begin(&self) -> Term {
        let cancel = CancellationToken::new();
        let task = tokio::spawn(self.clone().go_on(cancel.clone()));
        let copying = self.secondary.clone().map(|secondary| {
            let cancel = cancel.clone();
            tokio::spawn(async move { secondary.run(cancel).await })
        });
        Term {
            cancel,
            task,
            copying,
            requests: self.requests.clone(),
            in_flight: self.in_flight.clone(),
        }
    }

    async fn go_on(self, cancel: CancellationToken) {
        let (mut wait, mut deposed) = (FIRST, None);
        while !cancel.is_cancelled() {
            let begun = self.clock.now();
            let ended = self.once(&cancel).await;
            self.requests.are_taken_by(None);
            self.in_flight.end(Kind::Full);
            self.in_flight.end(Kind::Delta);
            self.in_flight.end(Kind::Proof);
            let Err(ended) = ended else { continue };
            let why = ended.why;
            self.heard.has_ended(&why);
            // One that went well for long begins anew with short waits.
            if self.clock.now().duration_since(begun) > LONGEST {
                wait = FIRST;
            }
            if ended.is_deposed {
                // Two that run at once would take the turn from each other for ever, and none would store anything.
                let is_again =
                    deposed.is_some_and(|before| begun.duration_since(before) < AFTER_ANOTHER);
                wait = if is_again { AFTER_ANOTHER } else { FIRST };
                deposed = Some(self.clock.now());
            }
            tracing::error!("no backups are taken: {why}; trying again in {wait:?}");
            let _ = cancel.run_until_cancelled(self.clock.sleep(wait)).await;
            wait = (wait * 2).min(LONGEST);
        }
    }

    async fn once(&self, cancel: &CancellationToken) -> Result<(), Ended> {
        let Some(session) = cancel.run_until_cancelled(self.place.session()).await else {
            return Ok(());
        };
        let session = session?;
        let observer = session.observer.clone();
        let session = Session {
            cancel: cancel.clone(),
            observer: Arc::new(self.in_flight.observed(Kind::Proof, observer)),
            ..session
        };
        let Some(latest) = cancel.run_until_cancelled(self.triggers.latest()).await else {
            return Ok(());
        };
        self.heard.found(latest?);
        let (sender, requested) = RequestSender::new();
        self.requests.are_taken_by(Some(sender.clone()));
        let (etcd, heard) = (self.etcd.clone(), self.heard.clone());
        let run = self
            .following
            .run(&session, etcd, heard, (sender, requested));
        let report = run.await.map_err(|error| Ended {
            why: hints::after(&error.to_string(), &error.hints()),
            is_deposed: matches!(error, Error::Deposed),
        })?;
        if let Some(dropped) = report.dropped {
            tracing::error!(
                "revisions {} to {} were read and not stored: no backup holds them; they are in etcd, and the next \
                 snapshotter reads them again",
                dropped.first,
                dropped.last
            );
        }
        Ok(())
    }
}

impl Term {
    /// Stores what is held, and ends; within a time, since a store that hangs must not hold up the pod.
    pub(super) async fn finish(mut self, clock: &dyn Clock, within: Duration) {
        self.cancel.cancel();
        let ending = async {
            // They fail only by a panic, which is told where it happens.
            let _ = (&mut self.task).await;
            if let Some(copying) = &mut self.copying {
                let _ = copying.await;
            }
        };
        tokio::select! {
            () = ending => {}
            () = clock.sleep(within) => {
                tracing::error!("what is held is not stored within {within:?}: it is in etcd, and the next snapshotter reads it again");
            }
        }
        self.drop_all().await;
    }

    /// Ends at once: nothing more is written by it.
    pub(super) async fn drop_all(self) {
        for task in [Some(self.task), self.copying].into_iter().flatten() {
            // One that was waited for to its end has nothing more to say.
            if !task.is_finished() {
                task.abort();
                let _ = task.await;
            }
        }
        // Not before: it would store what it holds first. Collections, proofs and defragmentations end by it.
        self.cancel.cancel();
        self.requests.are_taken_by(None);
        self.in_flight.end_backups();
    }
}
