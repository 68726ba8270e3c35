//! Backups that are taken of an etcd, and what goes on beside: garbage is collected, what was taken is proven, members
//! are defragmented.

mod collecting;
mod defragmenting;
mod hears;
mod log;
mod proving;
mod settings;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use client::{Endpoint, Etcd};
use engine::defragment;
use engine::retention::Rules;
use engine::schedule::Schedule;
use engine::session::Session;
use engine::snapshot::taking::{
    Listener, Notice, Report, RequestReceiver, RequestSender, Result, Settings, Task, run,
};
use jiff::Timestamp;

use crate::args::{DefragmentationArgs, RetentionArgs, TakingArgs};
use collecting::Collecting;
use defragmenting::Defragmenting;
pub(crate) use hears::{Deaf, Hears};
use log::Log;
use proving::Proving;
use watched::WatchState;

/// What is taken, and what is done beside.
#[derive(Clone)]
pub(crate) struct Following {
    settings: Settings,
    rules: Rules,
    /// How long after a full garbage is collected; `None`: never.
    collect_after: Option<Duration>,
    verify_every: Option<Duration>,
    temp_dir: PathBuf,
    defragmentation: Option<(Schedule, defragment::Request)>,
}

/// The flags that say so.
pub(crate) struct Flags<'a> {
    pub(crate) taking: &'a TakingArgs,
    pub(crate) retention: &'a RetentionArgs,
    pub(crate) defragmentation: &'a DefragmentationArgs,
    /// How long a full may take.
    pub(crate) full_within: Duration,
    /// The members of etcd that are known.
    pub(crate) endpoints: Vec<Endpoint>,
}

impl Following {
    /// As the flags say. Of one snapshot, nothing is done beside.
    pub(crate) fn of(flags: Flags<'_>, task: Task) -> std::result::Result<Self, String> {
        let (taking, is_lasting) = (flags.taking, task == Task::Follow);
        let defragmentation = flags.defragmentation.request(flags.endpoints);
        Ok(Self {
            settings: settings::of(taking, task, flags.full_within),
            rules: flags.retention.rules(None)?,
            collect_after: taking.collect_after().filter(|_| is_lasting),
            verify_every: taking.verify_every().filter(|_| is_lasting),
            temp_dir: taking.temp_dir().to_owned(),
            defragmentation: defragmentation.filter(|_| is_lasting),
        })
    }

    /// What garbage is collected by; `None`: none is.
    pub(crate) fn rules(&self) -> Option<Rules> {
        self.collect_after.map(|_| self.rules.clone())
    }

    /// When the next full is due by the schedule, as far as that is known.
    pub(crate) fn next_full(&self, after: Timestamp) -> Option<Timestamp> {
        self.settings.schedule.as_ref()?.next_after(after)
    }

    /// Takes them until it is done or the session is cancelled. `hears` is told what happens, as the log is.
    pub(crate) async fn run(
        &self,
        session: &Session,
        etcd: Arc<dyn Etcd>,
        hears: Arc<dyn Hears>,
        (requests, requested): (RequestSender, RequestReceiver),
    ) -> Result<Report> {
        let collecting = self
            .collect_after
            .map(|after| Collecting::start(session, self.rules.clone(), after, hears.clone()));
        let watched = Arc::new(WatchState::default());
        let full_stored = collecting.as_ref().map(Collecting::full_stored);
        let log = Log::new(full_stored, watched.clone());
        let heard = (watched, requests, hears.clone());
        let proving = self
            .verify_every
            .map(|every| Proving::start(session, etcd.clone(), every, &self.temp_dir, heard));
        let turn = &self.settings.turn;
        let defragmenting = self.defragmentation.clone().map(|when| {
            Defragmenting::start(session, etcd.clone(), when, (turn.clone(), hears.clone()))
        });
        let listener = Both(log, &*hears);
        let report = run(session, etcd, &self.settings, &listener, requested).await;
        if let Some(proving) = proving {
            proving.stop().await;
        }
        if let Some(defragmenting) = defragmenting {
            defragmenting.stop().await;
        }
        if let Some(collecting) = collecting {
            collecting.stop().await;
        }
        report
    }
}

/// Both are told.
struct Both<'a>(Log, &'a dyn Hears);

impl Listener for Both<'_> {
    fn notice(&self, notice: &Notice<'_>) {
        self.0.notice(notice);
        self.1.notice(notice);
    }
}
