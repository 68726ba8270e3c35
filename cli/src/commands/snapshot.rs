mod collecting;
mod defragmenting;
mod listener;
mod proving;
mod settings;
mod watched;

use std::io;
use std::sync::Arc;

use clap::ArgMatches;
use engine::size::bytes;
use engine::snapshot::taking::{Report, RequestSender, Taken, Task, run as take};

use crate::args::{Format, InertOfSnapshot, SnapshotArgs};
use crate::error::{Error, Result};
use crate::hints;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, progress, session};
use collecting::Collecting;
use defragmenting::Defragmenting;
use listener::Log;
use proving::Proving;
use watched::WatchState;

/// Takes snapshots, one or until it is stopped.
pub(crate) fn run(args: &SnapshotArgs, format: Format, matches: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = matches.and_then(InertOfSnapshot::notice) {
        tracing::warn!("{notice}");
    }
    let settings = settings::of(args).map_err(Error::new)?;
    let config = args.etcd.config().map_err(Error::new)?;
    let endpoints = config.endpoints.clone();
    let rules = args.retention.rules(None).map_err(Error::new)?;
    let report = session::run(&args.store, async {
        let session = session::open(&args.store, progress::observer()).await?;
        tracing::info!("backups go to {}", session.store.location());
        let etcd = etcd::connect(&session.cancel, config).await?;
        let after = args
            .collect_after()
            .filter(|_| settings.task == Task::Follow);
        let collecting = after.map(|after| Collecting::start(&session, rules, after));
        let watched = Arc::new(WatchState::default());
        let full_stored = collecting.as_ref().map(Collecting::full_stored);
        let listener = Log::new(full_stored, watched.clone());
        let (requests, requested) = RequestSender::new();
        let every = args
            .verify_every()
            .filter(|_| settings.task == Task::Follow);
        let heard = (watched, requests);
        let proving = every
            .map(|every| Proving::start(&session, etcd.clone(), every, args.temp_dir(), heard));
        let defragmenting = args
            .defragmentation(endpoints)
            .filter(|_| settings.task == Task::Follow)
            .map(|when| Defragmenting::start(&session, etcd.clone(), when, settings.turn.clone()));
        let report = take(&session, etcd, &settings, &listener, requested).await;
        if let Some(proving) = proving {
            proving.stop().await;
        }
        if let Some(defragmenting) = defragmenting {
            defragmenting.stop().await;
        }
        if let Some(collecting) = collecting {
            collecting.stop().await;
        }
        report.map_err(|error| Error::new(hints::after(&error.to_string(), &error.hints())))
    })?;
    match format {
        Format::Json => print_json(&report)?,
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &report))?,
    }
    match report.dropped {
        None => Ok(()),
        Some(dropped) => Err(Error::new(format!(
            "revisions {} to {} were read and not stored: no backup holds them; they are in etcd, and the next \
             snapshotter reads them again",
            dropped.first, dropped.last
        ))),
    }
}

fn print(out: &mut Screen, report: &Report) -> io::Result<()> {
    let mut line = |kind: &str, taken: &Taken| {
        let size = bytes(taken.bytes);
        // As the log says it: a full may hold more than its name says.
        let (key, revision) = (&taken.key, taken.holds.unwrap_or(taken.revision));
        out.text("", format!("{kind} {key} ({size}), revision {revision}"))
    };
    if let Some(full) = &report.full {
        line("full", full)?;
    }
    if let Some(delta) = &report.delta {
        line("delta", delta)?;
    }
    match (&report.full, &report.delta, report.reaches) {
        (None, None, Some(reaches)) => out.text(
            "",
            format!("nothing was taken: the store reaches revision {reaches}"),
        ),
        (None, None, None) => out.line("nothing was taken"),
        _ => Ok(()),
    }
}
