//! What differs between two states, printed as it is found.

mod json;
mod printer;
mod simple;

use std::io;
use std::sync::Arc;

use engine::backups::DatabaseFile;
use engine::diff::{Counts, Error as Failed, Listener, Report, Request, diff};
use engine::keyspace::{Difference, Side};
use engine::progress::Observer;
use engine::session::Session;

use self::printer::Printer;
use super::origin_view::told;
use crate::args::{DiffArgs, DiffFormat, Format, MEMORY, Place, StateWord};
use crate::error::{Error, Result};
use crate::exit_code::SUCCESS;
use crate::printed::ignore_broken_pipe;
use crate::{etcd, progress, session};

/// Something differs, and that was asked for as an exit code. 1 is what failed, as everywhere in this program.
const DIFFERS: u8 = 2;

/// The names of the keys of one state may take so much memory, in bytes: two states, what a command has.
const MEMORY_OF_ONE: usize = MEMORY / 2;

pub(crate) fn run(args: &DiffArgs, format: Format) -> Result<u8> {
    let printer: Box<dyn Printer> = match (format, args.write_out) {
        (Format::Json, _) | (_, DiffFormat::Json) => Box::new(json::Json::new(args)),
        _ => Box::new(simple::Lines::new(args)),
    };
    let listener = Told {
        printer,
        metadata: args.metadata,
    };
    let compared = session::run(&args.store, compared(args, listener))?;
    let Some((report, listener)) = compared else {
        // Nobody listens any more, who would want to know how it ends.
        return Ok(SUCCESS);
    };
    tell(&report);
    ignore_broken_pipe(listener.printer.finish(&report))?;
    Ok(match args.exit_code && differs(&report.counts, args) {
        true => DIFFERS,
        false => SUCCESS,
    })
}

fn differs(counts: &Counts, args: &DiffArgs) -> bool {
    let rewritten = counts.rewritten > 0 && args.metadata;
    counts.added + counts.removed + counts.changed > 0 || rewritten
}

async fn compared(args: &DiffArgs, listener: Told) -> Result<Option<(Report, Told)>> {
    let observer = progress::observer();
    let request = Request {
        from: side(&observer, args, (&args.from, args.first())).await?,
        to: side(&observer, args, (&args.to, args.second())).await?,
        keys: args.keys(),
        cancel: session::cancel()?,
        memory: MEMORY_OF_ONE,
    };
    match diff(&request, listener).await {
        Ok(done) => Ok(Some(done)),
        Err(Failed::Listener(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn side(
    observer: &Arc<dyn Observer>,
    args: &DiffArgs,
    (word, place): (&StateWord, Place),
) -> Result<Side> {
    Ok(match word {
        StateWord::Backup(target) => {
            let session = opened(observer, &place).await?;
            Side::Store(session, args.asked(target, &place.lineage))
        }
        StateWord::File(path) => {
            let file = DatabaseFile::find(path)?;
            let store = place.store.around_file(&file.directory);
            let session = session::open(&store, observer.clone()).await?;
            Side::File(session, file, args.asked_of_file())
        }
        StateWord::Live => {
            let config = args.config().map_err(Error::new)?;
            let cancel = session::cancel()?;
            Side::Live(etcd::connect(&cancel, config).await?, cancel)
        }
    })
}

async fn opened(observer: &Arc<dyn Observer>, place: &Place) -> Result<Session> {
    if !place.is_source {
        return session::open(&place.store, observer.clone()).await;
    }
    let opened = session::open_named(&place.store, observer.clone()).await;
    let unnamed = || Error::new("name the store with --store-container");
    opened
        .and_then(|opened| opened.ok_or_else(unnamed))
        .map_err(Error::of_source)
}

/// What was compared, and how much differs.
fn tell(report: &Report) {
    let Counts {
        added,
        removed,
        changed,
        rewritten,
    } = report.counts;
    let (from, to) = (told(&report.from), told(&report.to));
    tracing::info!(
        "{added} added, {removed} removed, {changed} changed, {rewritten} written again with the same value: from {from} to {to}"
    );
}

struct Told {
    printer: Box<dyn Printer>,
    metadata: bool,
}

impl Listener for Told {
    fn hear(&mut self, difference: &Difference) -> io::Result<()> {
        match difference {
            Difference::Rewritten { .. } if !self.metadata => Ok(()),
            difference => self.printer.print(difference),
        }
    }
}
