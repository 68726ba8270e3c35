//! One JSON document on standard output with a list in it, whose items are printed as they come: they need not fit into memory.

use std::io::{self, BufWriter, Stdout, Write};

use serde::Serialize;

use crate::screen::escaped_json;

/// The document.
pub(crate) struct ListedJson {
    out: BufWriter<Stdout>,
    /// What the list is called.
    name: &'static str,
    begun: bool,
}

impl ListedJson {
    /// Nothing is printed yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            name,
            begun: false,
        }
    }

    /// The next item.
    pub(crate) fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        let text = escaped_json(&serde_json::to_string(item)?);
        self.begin()?;
        write!(self.out, "{text}")
    }

    /// The end of the list, and the fields after it.
    pub(crate) fn finish(mut self, fields: &impl Serialize) -> io::Result<()> {
        let text = escaped_json(&serde_json::to_string_pretty(fields)?);
        let fields = text.strip_prefix('{').unwrap_or(&text);
        if !self.begun {
            write!(self.out, "{{\n  \"{}\": [", self.name)?;
        }
        writeln!(self.out, "\n  ],{fields}")?;
        self.out.flush()
    }

    fn begin(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.begun, true) {
            true => write!(self.out, ",\n    "),
            false => write!(self.out, "{{\n  \"{}\": [\n    ", self.name),
        }
    }
}
