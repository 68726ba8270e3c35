//! Keys out of backups, printed as `etcdctl get` prints them.

mod fields;
mod json;
mod simple;

use std::io::{self, Write};

use engine::backups::DatabaseFile;
use engine::get::{Answer, get, get_file};
use engine::size::counted;

use crate::args::{Format, GetArgs, WriteOut};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::{progress, session};

/// Prints what is found. As with etcdctl, nothing to print is no failure.
pub(crate) fn run(args: &GetArgs, format: Format) -> Result<()> {
    if let (Format::Json, WriteOut::Fields) = (format, args.write_out) {
        return Err(Error::new(
            "-o json and --write-out fields are two formats: give one",
        ));
    }
    let answer = session::run(&args.store, answer(args))?;
    tell(&answer, args);
    let shown = answer.versions.len().min(args.limit.unwrap_or(usize::MAX));
    let print: fn(&mut dyn Write, &Answer, usize, &GetArgs) -> io::Result<()> =
        match (format, args.write_out) {
            (Format::Json, _) | (_, WriteOut::Json) => {
                return print_json(&json::document(&answer, shown, args));
            }
            (_, WriteOut::Fields) => fields::print,
            (_, WriteOut::Simple) => simple::print,
        };
    let mut out = io::BufWriter::new(io::stdout());
    let printed = print(&mut out, &answer, shown, args);
    ignore_broken_pipe(printed.and_then(|()| out.flush()))
}

async fn answer(args: &GetArgs) -> Result<Answer> {
    let request = args.request();
    if let Some(path) = args.target.file() {
        let file = DatabaseFile::find(path)?;
        let store = args.store.around_file(&file.directory);
        let session = session::open(&store, progress::observer()).await?;
        return Ok(get_file(&session, &file, &request).await?);
    }
    let session = session::open(&args.store, progress::observer()).await?;
    Ok(get(&session, &request).await?)
}

/// Where it was read, and what that may lack.
fn tell(answer: &Answer, args: &GetArgs) {
    let base = answer.backup.base.as_deref().unwrap_or("an empty store");
    let deltas = counted(answer.backup.deltas.len(), "delta", "deltas");
    let found = counted(answer.versions.len(), "match", "matches");
    let revision = answer.backup.revision;
    tracing::info!("{found} at revision {revision}, from {base} and {deltas}");
    if let Some(compacted) = answer.backup.compact_revision.filter(|_| args.history) {
        tracing::warn!(
            "etcd had compacted up to revision {compacted}: of what was before only the newest put of each key is there"
        );
    }
}
