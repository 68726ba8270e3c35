//! Log lines go to standard error; results to standard output.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use clap::{ArgMatches, FromArgMatches};
use jiff::Timestamp;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{LogArgs, LogFormat};
use crate::error::Error;
use crate::logfmt::Logrus;
use crate::screen::{coloured_log, is_coloured, json_log, obeys, plain_log};

/// How lines are written.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Begins to log as the flags of the command say.
pub(crate) fn start(matches: &ArgMatches) -> Result<(), clap::Error> {
    let args = LogArgs::from_arg_matches(innermost(matches))?;
    begin(args.log_format, args.level());
    Ok(())
}

/// Begins to log in this form, from this level on.
pub(crate) fn begin(format: LogFormat, level: Level) {
    let format = *FORMAT.get_or_init(|| format);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => Box::new(
            tracing_subscriber::fmt::layer()
                .with_writer(match colours() {
                    true => coloured_log,
                    false => plain_log,
                })
                .with_timer(When)
                .with_ansi(colours())
                .with_target(false),
        ),
        LogFormat::Logfmt => Box::new(
            tracing_logfmt::builder()
                .with_target(false)
                .with_timestamp(false)
                .layer()
                .map_event_format(|lines| Logrus { lines, timer: When })
                .with_writer(plain_log),
        ),
        LogFormat::Json => Box::new(
            tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_timer(When)
                .with_target(false)
                .with_writer(json_log),
        ),
    };
    // Libraries log requests whole, with their headers; what went wrong comes back as an error.
    let ours = ["etcdbrctl", "engine", "server", "snapstore"].map(|name| (name, level));
    let ours = Targets::new().with_targets(ours);
    // A second subscriber would be a mistake of ours; the first goes on.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(ours)
        .try_init();
}

fn innermost(matches: &ArgMatches) -> &ArgMatches {
    match matches.subcommand() {
        Some((_, inner)) => innermost(inner),
        None => matches,
    }
}

/// Whether a person reads along, and has not asked for silence.
pub(crate) fn shows_progress() -> bool {
    is_text() && obeys(&std::io::stderr()) && tracing::enabled!(Level::INFO)
}

fn is_text() -> bool {
    matches!(FORMAT.get(), None | Some(LogFormat::Text))
}

fn colours() -> bool {
    is_coloured(&std::io::stderr())
}

/// The last line of a run that failed; for people as clap says that a flag is wrong.
pub(crate) fn failed(error: &Error) {
    if !is_text() {
        tracing::error!("{error}");
        return;
    }
    // Where nobody hears it any more, nothing can be done about it.
    let _ = match colours() {
        true => writeln!(coloured_log(), "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m {error}"),
        false => writeln!(plain_log(), "error: {error}"),
    };
}

/// When a line is written: the time of day for whoever reads along, all of it for a file.
struct When;

impl FormatTime for When {
    fn format_time(&self, to: &mut Writer<'_>) -> fmt::Result {
        #[expect(clippy::disallowed_methods, reason = "a log says when it was written")]
        let now = Timestamp::now();
        let shape = match is_text() && std::io::stderr().is_terminal() {
            true => "%H:%M:%S",
            false => "%Y-%m-%dT%H:%M:%S.%3fZ",
        };
        write!(to, "{}", now.strftime(shape))
    }
}
