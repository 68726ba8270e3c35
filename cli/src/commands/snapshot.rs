use std::io;
use std::sync::Arc;

use clap::ArgMatches;
use engine::size::bytes;
use engine::snapshot::taking::{Report, RequestSender, Taken};

use crate::args::{Format, InertOfSnapshot, SnapshotArgs};
use crate::error::{Error, Result};
use crate::following::{Deaf, Flags, Following};
use crate::hints;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, progress, session};

/// Takes snapshots, one or until it is stopped.
pub(crate) fn run(args: &SnapshotArgs, format: Format, matches: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = matches.and_then(InertOfSnapshot::notice) {
        tracing::warn!("{notice}");
    }
    let config = args.etcd.config().map_err(Error::new)?;
    let flags = Flags {
        taking: &args.taking,
        retention: &args.retention,
        defragmentation: &args.defragmentation,
        full_within: args.etcd.etcd_snapshot_timeout,
        endpoints: config.endpoints.clone(),
    };
    let task = args.task().map_err(Error::new)?;
    let following = Following::of(flags, task).map_err(Error::new)?;
    let store = args.encryption.of(&args.store);
    let report = session::run(&store, async {
        let session = session::open(&store, progress::observer()).await?;
        tracing::info!("backups go to {}", session.store.location());
        let etcd = etcd::connect(&session.cancel, config).await?;
        let report = following.run(&session, etcd, Arc::new(Deaf), RequestSender::new());
        let report = report.await;
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
