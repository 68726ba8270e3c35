//! `-w simple`: a line for each key, and its values below it.

use std::io::{self, BufWriter, Stdout, Write};

use client::KeyValue;
use engine::diff::Report;
use engine::keyspace::Difference;

use super::printer::Printer;
use crate::args::DiffArgs;
use crate::kube_object::described;
use crate::screen::{quoted_bytes, shown_key};

pub(super) struct Lines {
    out: BufWriter<Stdout>,
    keys_only: bool,
    decode: bool,
}

impl Lines {
    pub(super) fn new(args: &DiffArgs) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            keys_only: args.keys_only,
            decode: args.decode,
        }
    }

    fn value(&mut self, sign: char, kv: &KeyValue) -> io::Result<()> {
        if self.keys_only {
            return Ok(());
        }
        match self.decode.then(|| described(&kv.value)).flatten() {
            Some(object) => writeln!(self.out, "    {sign} {}", shown_key(object.as_bytes())),
            None => writeln!(self.out, "    {sign} {}", quoted_bytes(&kv.value)),
        }
    }
}

impl Printer for Lines {
    fn print(&mut self, difference: &Difference) -> io::Result<()> {
        let (mark, kv, where_it_was) = match difference {
            Difference::Added(to) => ('+', to, alone(to)),
            Difference::Removed(from) => ('-', from, alone(from)),
            Difference::Changed { from, to } => ('M', to, both(from, to)),
            Difference::Rewritten { from, to } => ('U', to, both(from, to)),
        };
        writeln!(self.out, "{mark} {}  ({where_it_was})", shown_key(&kv.key))?;
        match difference {
            Difference::Added(to) => self.value('+', to),
            Difference::Removed(from) => self.value('-', from),
            Difference::Changed { from, to } => {
                self.value('-', from)?;
                self.value('+', to)
            }
            Difference::Rewritten { .. } => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>, _: &Report) -> io::Result<()> {
        self.out.flush()
    }
}

fn alone(kv: &KeyValue) -> String {
    let (created, modified, version) = (kv.create_revision, kv.mod_revision, kv.version);
    format!("created {created}, modified {modified}, version {version}")
}

fn both(from: &KeyValue, to: &KeyValue) -> String {
    let one = |what: &str, from: i64, to: i64| match from == to {
        true => format!("{what} {from}"),
        false => format!("{what} {from} -> {to}"),
    };
    [
        one("created", from.create_revision, to.create_revision),
        one("modified", from.mod_revision, to.mod_revision),
        one("version", from.version, to.version),
    ]
    .join(", ")
}
