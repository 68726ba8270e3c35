//! What is printed, with everything escaped that a terminal would obey or hide: names of members, objects
//! and servers come from somebody else.

use std::io::{self, IsTerminal, Stderr, Stdout, Write};

use snapstore::printable;

use crate::args::Format;
use crate::broken::broken;
use crate::progress::above_bar;

/// Whether colours may be written there: to a terminal that has some, unless the operator wants none
/// (<https://no-color.org>).
pub(crate) fn is_coloured(to: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    obeys(to) && !unwanted
}

/// Whether there is a terminal that obeys escape sequences.
pub(crate) fn obeys(to: &impl IsTerminal) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    to.is_terminal() && !is_dumb
}

/// How wide a text is at a terminal: what a terminal has unless somebody changed it, and what can be read.
const COLUMNS: usize = 80;

/// Standard output, for people.
pub(crate) struct Screen {
    out: Stdout,
    columns: Option<usize>,
}

/// Standard output. In a pipe a sentence stays on its line, where `grep` finds it whole; so it does for whom
/// asks for wide lines.
pub(crate) fn screen(format: Format) -> Screen {
    let out = io::stdout();
    let is_broken = format != Format::Wide && out.is_terminal();
    Screen {
        out,
        columns: is_broken.then_some(COLUMNS),
    }
}

impl Screen {
    /// How many columns a line has at most; none where lines are not broken.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// One line, as it is.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{}", printable(line))
    }

    /// A text after a label or after nothing, broken where the screen ends.
    pub(crate) fn text(&mut self, label: &str, text: impl AsRef<str>) -> io::Result<()> {
        let (label, text) = (printable(label), printable(text.as_ref()));
        let lines = broken(&label, &text, self.columns.unwrap_or(usize::MAX));
        lines.iter().try_for_each(|line| self.line(line))
    }
}

/// Standard error, for log lines.
pub(crate) struct Log {
    to: Stderr,
    safe: fn(&str) -> String,
}

/// Standard error in colours, which are escape sequences of ours: those in messages are escaped before.
pub(crate) fn coloured_log() -> Log {
    Log {
        to: io::stderr(),
        safe: |line| escaped(line, "\n\u{1b}"),
    }
}

/// Standard error without any.
pub(crate) fn plain_log() -> Log {
    Log {
        to: io::stderr(),
        safe: |line| escaped(line, "\n"),
    }
}

/// Standard error, a JSON document for each line.
pub(crate) fn json_log() -> Log {
    Log {
        to: io::stderr(),
        safe: escaped_json,
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let safe = (self.safe)(&String::from_utf8_lossy(bytes));
        above_bar(|| self.to.write_all(safe.as_bytes())).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// `text` safe to print, but for the characters in `kept`.
fn escaped(text: &str, kept: &str) -> String {
    let pieces = text.split_inclusive(|c| kept.contains(c));
    pieces
        .map(|piece| match piece.char_indices().next_back() {
            Some((at, last)) if kept.contains(last) => {
                format!("{}{last}", printable(&piece[..at]))
            }
            _ => printable(piece),
        })
        .collect()
}

/// Bytes as a text with everything escaped that a terminal would obey or hide; lines and tabs stay.
pub(crate) fn shown_bytes(bytes: &[u8]) -> String {
    let chunks = bytes.utf8_chunks();
    let shown = chunks.map(|chunk| {
        let invalid = chunk.invalid().escape_ascii();
        format!("{}{invalid}", escaped(chunk.valid(), "\n\t"))
    });
    shown.collect()
}

/// The same on one line.
pub(crate) fn shown_key(bytes: &[u8]) -> String {
    let quoted = quoted_bytes(bytes);
    quoted[1..quoted.len() - 1].to_owned()
}

/// The same on one line, between quotes.
pub(crate) fn quoted_bytes(bytes: &[u8]) -> String {
    let chunks = bytes.utf8_chunks();
    let quoted = chunks.map(|chunk| {
        let valid = chunk.valid().replace('\\', "\\\\").replace('"', "\\\"");
        format!("{}{}", printable(&valid), chunk.invalid().escape_ascii())
    });
    format!("\"{}\"", quoted.collect::<String>())
}

/// A JSON document that means the same, and in which nothing commands a terminal: such characters are
/// only in its strings, where they may be written as numbers (RFC 8259, section 7).
pub(crate) fn escaped_json(document: &str) -> String {
    let mut safe = String::with_capacity(document.len());
    for c in document.chars() {
        let mut buffer = [0; 4];
        let text = c.encode_utf8(&mut buffer);
        match c == '\n' || printable(text) == *text {
            true => safe.push(c),
            false => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    safe.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_kept() {
        assert_eq!(
            escaped("a\u{1b}[31mb\nc\u{202e}d\n", "\n"),
            "a\\u{1b}[31mb\nc\\u{202e}d\n"
        );
        assert_eq!(
            escaped("\u{1b}[31mred\u{7}", "\n\u{1b}"),
            "\u{1b}[31mred\\u{7}"
        );
        assert_eq!(escaped("ü本\n\n", "\n"), "ü本\n\n");
    }

    #[test]
    fn a_document_means_the_same() {
        let value = serde_json::json!({"name\u{202e}": "a\u{9b}31m\u{e0001}\n\t\u{1b}ü"});
        let text = escaped_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(text.is_ascii() || !text.contains(['\u{202e}', '\u{9b}', '\u{e0001}']));
        assert!(text.contains("\\u202e") && text.contains("\\udb40\\udc01"));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }
}
