//! Log lines go to standard error; results to standard output.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::error::Error;

pub(crate) fn start() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::INFO)
        .with_writer(std::io::stderr)
        .with_ansi(colours())
        .with_target(false)
        .with_span_events(FmtSpan::NONE);
    // A second subscriber would be a mistake of ours; the first goes on.
    let _ = subscriber.try_init();
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
