//! Log lines go to standard error; results to standard output.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::Error;
use crate::screen::{coloured_log, plain_log};

pub(crate) fn start() {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(match colours() {
            true => coloured_log,
            false => plain_log,
        })
        .with_ansi(colours())
        .with_target(false);
    // Libraries log requests whole, with their headers; what went wrong comes back as an error.
    let ours = ["etcdbrctl", "engine", "snapstore"].map(|name| (name, Level::INFO));
    let ours = Targets::new().with_targets(ours);
    // A second subscriber would be a mistake of ours; the first goes on.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(ours)
        .try_init();
}

/// On a terminal, unless the operator wants none (<https://no-color.org>).
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    std::io::stderr().is_terminal() && !unwanted
}

/// The last line of a run that failed.
pub(crate) fn failed(error: &Error) {
    tracing::error!("{error}");
}
