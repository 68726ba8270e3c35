use std::sync::Arc;
use std::time::Duration;

use client::{Etcd, Read};
use futures::future::{Either, select};

use super::beginning;
use super::beside;
use super::driver::Driver;
use super::error::{Error, Result};
use super::notice::{Listener, Notice};
use super::report::Report;
use super::requests::RequestReceiver;
use super::said::Watched;
use super::settings::{Settings, Task};
use super::watching::Watching;
use crate::session::Session;
use crate::snapshot::fence::{Fence, Taking};
use crate::snapshot::machine::Input;

/// Takes backups of `etcd` into the store of `session`, as `settings` say, until it is done or the session is
/// cancelled; what is held then is stored. `requested` hears what is wanted meanwhile.
///
/// Errors: see [`Error`]. While it follows etcd, what fails is tried again and told to `listener`.
pub async fn run(
    session: &Session,
    etcd: Arc<dyn Etcd>,
    settings: &Settings,
    listener: &dyn Listener,
    mut requested: RequestReceiver,
) -> Result<Report> {
    let fence = match settings.task {
        // Fulls are of any snapshotter: no delta of another becomes useless by one.
        Task::Full { .. } => None,
        Task::Follow | Task::Delta => Some(turn(session, settings, listener).await?),
    };
    let start = (fence.clone(), &mut requested);
    let done = follow(session, etcd, settings, listener, start).await;
    if let Some(fence) = fence.filter(|_| !matches!(done, Err(Error::Deposed))) {
        // If it is not released, the next one waits some seconds.
        let _ = fence.release().await;
    }
    done
}

/// How long a full that was given up may take to remove what it has sent. A collection finds what is left.
const CLEAN_UP: Duration = Duration::from_secs(5);

/// How long the turn is waited for without a word.
const UNTOLD: Duration = Duration::from_secs(1);

/// Takes the turn to write deltas.
async fn turn(session: &Session, settings: &Settings, listener: &dyn Listener) -> Result<Fence> {
    let taking = Taking {
        process: settings.process.clone(),
        now: (settings.now)(),
        settle: settings.settle,
    };
    let take = std::pin::pin!(Fence::take(session, &taking));
    let taken = match select(take, session.clock.sleep(UNTOLD)).await {
        Either::Left((taken, _)) => taken?,
        Either::Right(((), take)) => {
            listener.notice(&Notice::WaitsForTurn);
            take.await?
        }
    };
    if let Some(from) = &taken.before {
        listener.notice(&Notice::TookOver { from });
    }
    Ok(taken.fence)
}

async fn follow(
    session: &Session,
    etcd: Arc<dyn Etcd>,
    settings: &Settings,
    listener: &dyn Listener,
    (fence, requested): (Option<Fence>, &mut RequestReceiver),
) -> Result<Report> {
    let beginning = beginning::read(session, listener).await?;
    let start = (fence, beginning);
    let mut driver = Driver::start(session, etcd, settings, listener, start)?;
    driver.begin().await?;
    while !driver.task.ended {
        driver.step(requested).await?;
        driver.look_after_asked()?;
        driver.is_it_done()?;
    }
    driver.finish().await
}

impl Driver<'_> {
    /// Waits for the next thing that happens, and takes it.
    async fn step(&mut self, requested: &mut RequestReceiver) -> Result<()> {
        let idle = self.idle();
        let clock = self.session.clock.clone();
        // What has arrived waits for the times of leases.
        let may_watch = self.way.leases.is_none();
        let is_stopping = self.timing.stop.is_some();
        tokio::select! {
            () = self.session.cancel.cancelled(), if !is_stopping => self.stop(),
            Some(answer) = self.answers.recv() => self.take_answer(answer.job, answer.said),
            said = next_of(&mut self.way.watch), if may_watch => self.watched(said),
            unwritten = self.notes.unwritten() => {
                let (snapshot, why) = (unwritten.snapshot, unwritten.why);
                self.listener.notice(&Notice::NoMetadata { snapshot, why });
                Ok(())
            }
            request = requested.next(), if !is_stopping => self.requested(request),
            () = clock.sleep(idle) => self.tick(),
        }
    }

    /// A full may be due already; a single delta has to reach what is newest now.
    async fn begin(&mut self) -> Result<()> {
        if let Some(key) = self.task.overlap.take()
            && self.fence.is_some()
        {
            self.listener.notice(&Notice::Overlap { key: &key });
            self.task.needs_full = true;
            self.tell(Input::FullWanted)?;
        }
        match self.settings.task {
            Task::Full { .. } => self.tell(Input::FullWanted),
            Task::Delta => {
                let head = self.etcd.head(Read::Agreed).await.map_err(Error::Etcd)?;
                self.task.target = Some(head.revision);
                let looked = beside::look(&*self.etcd).await;
                self.looked(looked);
                // Rests between such fulls are of one that follows: this one ends.
                let has_changed = self.timing.changes.are_due(self.now(), Duration::ZERO);
                self.task.needs_full |= has_changed;
                match has_changed {
                    true => self.tell(Input::FullWanted),
                    false => Ok(()),
                }
            }
            Task::Follow => {
                self.timing.full = match self.history.full {
                    Some(full) => self.due_after(full.as_second()),
                    // One is taken now, since there is none.
                    None => None,
                };
                self.tick()
            }
        }
    }

    /// A single snapshot ends when it is there.
    fn is_it_done(&mut self) -> Result<()> {
        if self.task.is_done {
            return Ok(());
        }
        let is_done = match (self.settings.task, self.task.target) {
            (Task::Follow, _) => false,
            (Task::Full { .. }, _) => self.report.full.is_some(),
            (Task::Delta, None) => false,
            (Task::Delta, Some(target)) => {
                let stored = self.machine.stored();
                if self.machine.read() >= target && stored.is_none_or(|stored| stored < target) {
                    self.tell(Input::DeltaWanted)?;
                }
                let has_full = self.report.full.is_some() || !self.task.needs_full;
                has_full && self.machine.stored().is_some_and(|stored| stored >= target)
            }
        };
        match is_done {
            true => {
                self.task.is_done = true;
                self.stop()
            }
            false => Ok(()),
        }
    }

    /// What a restore of the newest state leads to. A full may hold more than its name says.
    pub(super) fn reaches(&self) -> Option<i64> {
        let stored = self.machine.stored()?;
        let full = self.report.full.as_ref();
        let of_full = full.filter(|full| full.revision == stored);
        of_full.and_then(|full| full.holds).or(Some(stored))
    }

    async fn finish(mut self) -> Result<Report> {
        (self.way.watch, self.way.full) = (None, None);
        // Parts of a full that was given up would stay in the store: a process ends before it has removed them.
        let cleaned_up = self.jobs.cleaned_up();
        tokio::select! {
            () = cleaned_up => {}
            () = self.session.clock.sleep(CLEAN_UP) => {}
        }
        self.report.reaches = self.reaches();
        let unwritten = self.notes.finish(self.settings.stop_within).await;
        for note in unwritten {
            let (snapshot, why) = (note.snapshot, note.why);
            self.listener.notice(&Notice::NoMetadata { snapshot, why });
        }
        match self.settings.task != Task::Follow && !self.task.is_done {
            _ if self.task.deposed => Err(Error::Deposed),
            true => Err(Error::Interrupted),
            false => Ok(self.report),
        }
    }
}

/// What a watch says next; nothing where there is none.
async fn next_of(watch: &mut Option<Watching>) -> Watched {
    match watch {
        Some(watch) => watch.next().await,
        None => std::future::pending().await,
    }
}
