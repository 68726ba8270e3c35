use engine::backups::{EmptyStore, metadata, read_catalogue};
use serde::Serialize;

use crate::args::{Format, KeepArgs};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::screen;
use crate::{hints, neighbours, progress, session};

/// The JSON document of `keep`.
#[derive(Debug, Serialize)]
struct MarkView {
    snapshot: String,
    marked: bool,
    /// Whether it was not so before.
    changed: bool,
}

/// Marks a snapshot, so that no collection deletes it, or takes the mark back.
pub(crate) fn run(args: &KeepArgs, format: Format) -> Result<()> {
    let view = session::run(&args.store, mark(args))?;
    let told = match (view.marked, view.changed) {
        (true, true) => "is kept until the mark is removed",
        (true, false) => "was marked already, and is kept until the mark is removed",
        (false, true) => "is not marked any more",
        (false, false) => "was not marked",
    };
    match format {
        Format::Json => print_json(&view),
        _ => {
            let told = format!("{} {told}", view.snapshot);
            ignore_broken_pipe(screen(format).text("", told))
        }
    }
}

async fn mark(args: &KeepArgs) -> Result<MarkView> {
    let session = session::open(&args.store, progress::observer()).await?;
    let catalogue = read_catalogue(&session).await?;
    if catalogue.snapshots.is_empty() {
        let empty_store = EmptyStore::look(&session, &catalogue).await?;
        neighbours::warn(&session, &args.store).await;
        let message = match empty_store.is_missing {
            true => empty_store.to_string(),
            false => format!("there is no snapshot {:?}. {empty_store}", args.snapshot),
        };
        return Err(Error::new(hints::after(&message, &empty_store.hints())));
    }
    let Some(found) = catalogue.find(&args.snapshot) else {
        return Err(Error::new(format!(
            "there is no snapshot {:?} in {}; hint: `etcdbrctl list -o wide` names the fulls, and `-o json` the deltas too",
            args.snapshot,
            session.store.location()
        )));
    };
    let (store, name) = (&*session.store, found.key().file_name());
    let failed =
        |error: metadata::ReadError| Error::new(format!("cannot mark {}: {error}", found.key()));
    let mut was_marked = false;
    let marking = metadata::amend(store, name, |metadata| {
        was_marked = metadata.keep;
        metadata.keep = !args.remove;
    });
    marking.await.map_err(failed)?;
    // Somebody who wrote at the same moment may have won.
    let after = metadata::read(store, name).await.map_err(failed)?;
    let marked = after.is_some_and(|metadata| metadata.keep);
    match marked == args.remove {
        true => Err(Error::new(format!(
            "cannot mark {}: another program has written its metadata at the same moment; try again",
            found.key()
        ))),
        false => Ok(MarkView {
            snapshot: name.to_owned(),
            marked,
            changed: marked != was_marked,
        }),
    }
}
