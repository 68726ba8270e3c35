//! Lines of logfmt as logrus writes them, with which the reference logs: `time="…" level=… msg="…" key=value`. What collects
//! the logs of its pods takes them apart by that (gardener: `^time="…T…" level=… msg="…"`).

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Lines of the library, whose words are others, and a time.
pub(crate) struct Logrus<F, T> {
    pub(crate) lines: F,
    pub(crate) timer: T,
}

impl<S, N, F, T> FormatEvent<S, N> for Logrus<F, T>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
    T: FormatTime,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.lines
            .format_event(context, Writer::new(&mut line), event)?;
        write!(to, "time=\"")?;
        self.timer.format_time(&mut to)?;
        write!(to, "\" {}", reworded(&line))
    }
}

/// A line of the library with logrus's words.
fn reworded(line: &str) -> String {
    let line = line.replacen("level=warn ", "level=warning ", 1);
    let line = without_escaped_apostrophes(&line);
    let Some((before, after)) = line.split_once(" message=") else {
        return line;
    };
    // A message of one word has no quotation marks there.
    match after.starts_with('"') {
        true => format!("{before} msg={after}"),
        false => {
            let end = after.find([' ', '\n']).unwrap_or(after.len());
            let (message, rest) = after.split_at(end);
            format!("{before} msg=\"{message}\"{rest}")
        }
    }
}

/// An apostrophe needs no backslash between quotation marks; the library writes one.
fn without_escaped_apostrophes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('\\', Some('\'')) => {}
            ('\\', Some(_)) => {
                plain.push(character);
                plain.extend(rest.next());
            }
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_logrus() {
        for (line, expected) in [
            (
                "level=info message=listens\n",
                "level=info msg=\"listens\"\n",
            ),
            (
                "level=warn message=\"took \\\"it\\\"\" revision=3\n",
                "level=warning msg=\"took \\\"it\\\"\" revision=3\n",
            ),
            (
                "level=error message=no revision=3\n",
                "level=error msg=\"no\" revision=3\n",
            ),
            ("level=info revision=3\n", "level=info revision=3\n"),
            (
                "level=info message=\"etcd\\'s own \\\\\"\n",
                "level=info msg=\"etcd's own \\\\\"\n",
            ),
        ] {
            assert_eq!(reworded(line), expected);
        }
    }
}
