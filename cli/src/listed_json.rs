//! One JSON document on standard output with a list in it, whose items are printed as they come: they need not fit into memory.

use std::io::{self, BufWriter, Stdout, Write};

use serde::Serialize;

use crate::screen::escaped_json;

/// The document. Where it was begun it is one in any case: of one that is dropped before its end, `complete` is false.
pub(crate) struct ListedJson<W: Write = BufWriter<Stdout>> {
    out: W,
    /// What the list is called.
    name: &'static str,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    Begun,
    Ended,
}

impl ListedJson {
    /// Nothing is printed yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self::to(BufWriter::new(io::stdout()), name)
    }
}

impl<W: Write> ListedJson<W> {
    fn to(out: W, name: &'static str) -> Self {
        Self {
            out,
            name,
            state: State::Empty,
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
        if self.state == State::Empty {
            write!(self.out, "{{\n  \"{}\": [", self.name)?;
        }
        self.state = State::Ended;
        writeln!(self.out, "\n  ],\n  \"complete\": true,{fields}")?;
        self.out.flush()
    }

    fn begin(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.state, State::Begun) {
            State::Empty => write!(self.out, "{{\n  \"{}\": [\n    ", self.name),
            State::Begun | State::Ended => write!(self.out, ",\n    "),
        }
    }
}

impl<W: Write> Drop for ListedJson<W> {
    fn drop(&mut self) {
        if self.state == State::Begun {
            // Whoever reads it is told why it failed by the error and the exit code.
            let _ = writeln!(self.out, "\n  ],\n  \"complete\": false\n}}");
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parsed(out: &[u8]) -> Value {
        serde_json::from_slice(out).unwrap()
    }

    /// Of a comparison that was stopped there was half a document, which no parser took: nobody could tell what an `extract`
    /// had written.
    #[test]
    fn what_is_dropped_before_its_end_is_a_document() {
        let mut out = Vec::new();
        let mut document = ListedJson::to(&mut out, "keys");
        document.item(&"a").unwrap();
        document.item(&"b").unwrap();
        drop(document);
        assert_eq!(parsed(&out), json!({"keys": ["a", "b"], "complete": false}));

        let mut out = Vec::new();
        drop(ListedJson::to(&mut out, "keys"));
        assert_eq!(out, b"");
    }

    #[test]
    fn what_is_whole_says_so() {
        let mut out = Vec::new();
        let mut document = ListedJson::to(&mut out, "keys");
        document.item(&1).unwrap();
        document.finish(&json!({"counts": 1})).unwrap();
        assert_eq!(
            parsed(&out),
            json!({"keys": [1], "complete": true, "counts": 1})
        );

        let mut out = Vec::new();
        let empty = ListedJson::to(&mut out, "keys");
        empty.finish(&json!({"counts": 0})).unwrap();
        assert_eq!(
            parsed(&out),
            json!({"keys": [], "complete": true, "counts": 0})
        );
    }
}
