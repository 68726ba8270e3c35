//! A line for each key: what becomes of it.

use std::io::{self, BufWriter, Stdout, Write};

use client::KeyValue;
use engine::extract::{Outcome, Report, Step};
use engine::keyspace::Difference;

use super::printer::{Printer, both};
use crate::args::ExtractArgs;
use crate::kube_object::described;
use crate::screen::shown_key;

pub(super) struct Lines {
    out: BufWriter<Stdout>,
    decode: bool,
}

impl Lines {
    pub(super) fn new(args: &ExtractArgs) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            decode: args.decode,
        }
    }
}

impl Printer for Lines {
    fn print(&mut self, step: &Step) -> io::Result<()> {
        let (backup, live) = both(&step.difference);
        let Some(kv) = backup.or(live) else {
            return Ok(());
        };
        // Keys that the backup does not have are no business of an extraction, unless they are to go.
        if backup.is_none() && step.write.is_none() {
            return Ok(());
        }
        let (what, key) = (what(step), shown_key(&kv.key));
        write!(self.out, "{what}: {key}  ({})", revisions(backup, live))?;
        if let Some(lease) = step.lost_lease() {
            write!(self.out, ", without its lease {lease:x}")?;
        }
        if let Some(object) = self.decode.then(|| described(&kv.value)).flatten() {
            write!(self.out, ", {}", shown_key(object.as_bytes()))?;
        }
        writeln!(self.out)
    }

    fn finish(mut self: Box<Self>, _: &Report) -> io::Result<()> {
        self.out.flush()
    }
}

fn what(step: &Step) -> String {
    let done = match &step.difference {
        Difference::Removed(_) => "put back",
        Difference::Added(_) => "deleted",
        Difference::Changed { .. } | Difference::Rewritten { .. } => "overwritten",
    };
    match &step.outcome {
        Outcome::Planned => format!("would be {done}"),
        Outcome::Written(revision) => format!("{done} at revision {revision}"),
        Outcome::Left => "left, since it holds something else (--overwrite)".to_owned(),
        Outcome::WrittenMeanwhile(0) => "left, since somebody deleted it meanwhile".to_owned(),
        Outcome::WrittenMeanwhile(revision) => {
            format!("left, since somebody wrote it meanwhile, at revision {revision}")
        }
        Outcome::TooLarge(why) => format!("left, since etcd does not take it: {why}"),
    }
}

fn revisions(backup: Option<&KeyValue>, live: Option<&KeyValue>) -> String {
    let said = |kv: Option<&KeyValue>, what: &str| {
        let kv = kv?;
        let (modified, version) = (kv.mod_revision, kv.version);
        Some(format!("{what} modified {modified}, version {version}"))
    };
    let said = [said(backup, "in the backup"), said(live, "now")];
    said.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
