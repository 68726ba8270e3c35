//! Keys that are put back into an etcd, or into a script that does so.

mod json;
mod lines;
mod printer;
mod script;

use std::io;

use engine::backups::DatabaseFile;
use engine::extract::{Counts, Listener, Mode, Report, Request, Step, extract};
use engine::keyspace::Side;
use engine::size::counted;

use self::printer::Printer;
use self::script::Script;
use super::origin_view::told;
use crate::args::{ExtractArgs, Format, MEMORY};
use crate::error::{Error, Result};
use crate::printed::ignore_broken_pipe;
use crate::{etcd, progress, session};

/// Compares, and writes if that is asked for. A key that somebody else wrote meanwhile is left and named, and makes it fail at the end.
pub(crate) fn run(args: &ExtractArgs, format: Format) -> Result<()> {
    let printer: Box<dyn Printer> = match format {
        Format::Json => Box::new(json::Json::new(args)),
        Format::Table | Format::Wide => Box::new(lines::Lines::new(args)),
    };
    let script = args.to_file.as_deref().map(Script::create).transpose()?;
    let listener = Told { printer, script };
    let (report, listener) = session::run(&args.store, extracted(args, listener))?;
    ignore_broken_pipe(listener.printer.finish(&report))?;
    if let Some(script) = listener.script {
        script.finish()?;
    }
    ended(&report, args)
}

async fn extracted(args: &ExtractArgs, listener: Told) -> Result<(Report, Told)> {
    let cancel = session::cancel()?;
    let config = args.etcd().map_err(Error::new)?;
    let request = Request {
        from: from(args).await?,
        to: match config {
            Some(config) => Some(etcd::connect(&cancel, config).await?),
            None => None,
        },
        keys: args.keys.keys(),
        rules: args.rules(),
        mode: args.mode(),
        other_cluster: args.other_cluster(),
        memory: MEMORY,
    };
    Ok(extract(&cancel, &request, listener).await?)
}

async fn from(args: &ExtractArgs) -> Result<Side> {
    let Some(path) = args.target.file() else {
        let session = session::open(&args.store, progress::observer()).await?;
        return Ok(Side::Store(session, args.asked()));
    };
    let file = DatabaseFile::find(path)?;
    let store = args.store.around_file(&file.directory);
    let session = session::open(&store, progress::observer()).await?;
    Ok(Side::File(session, file, args.asked()))
}

/// What came of it, and what was left.
fn ended(report: &Report, args: &ExtractArgs) -> Result<()> {
    let Counts {
        gone,
        changed,
        extra,
        planned,
        written,
        without_lease,
        ..
    } = report.counts;
    let from = told(&report.from);
    let to = report
        .to
        .as_ref()
        .map_or_else(|| "a script".to_owned(), told);
    tracing::info!("{gone} gone, {changed} changed, {extra} extra: from {from} to {to}");
    match (args.mode(), &args.to_file) {
        (Mode::Apply, _) => {
            let written = keys(written);
            tracing::info!("{written} written, and read again");
        }
        (Mode::Plan, Some(path)) => {
            let (planned, path) = (keys(planned), path.display());
            tracing::info!(
                "{planned} in {path}: run it with sh, etcdctl and its ETCDCTL_ENDPOINTS"
            );
        }
        (Mode::Plan, None) => {
            let planned = keys(planned);
            tracing::info!("nothing was written: with --apply {planned} would be");
        }
    }
    if without_lease > 0 {
        let without_lease = keys(without_lease);
        tracing::warn!(
            "{without_lease} had a lease, in the backup or in etcd, and have none once written: they do not expire"
        );
    }
    failed(&report.counts)
}

fn failed(counts: &Counts) -> Result<()> {
    match counts.failed() {
        0 => Ok(()),
        failed => Err(Error::new(format!(
            "{} not written, since etcd did not take them or somebody wrote them meanwhile; each is named above. What is there now \
             shows when it is run again",
            counted(
                usize::try_from(failed).unwrap_or(usize::MAX),
                "key was",
                "keys were"
            )
        ))),
    }
}

fn keys(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "key", "keys")
}

struct Told {
    printer: Box<dyn Printer>,
    script: Option<Script>,
}

impl Listener for Told {
    fn hear(&mut self, step: &Step) -> io::Result<()> {
        if let Some(script) = &mut self.script {
            script.write(step)?;
        }
        match self.printer.print(step) {
            // Nobody listening any more is no reason to stop in the middle.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            printed => printed,
        }
    }
}
