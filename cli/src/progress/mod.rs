//! How far the work is. Each way to show it is an `Observer` of the engine: a bar on a terminal (`bar.rs`), log lines
//! elsewhere (`log_lines.rs`), as text, logfmt or JSON as all log lines (`crate::logging`).

mod bar;
mod log_lines;
mod phase_names;

use std::sync::Arc;

use engine::progress::Observer;

pub(crate) use bar::above_bar;

use crate::logging;

/// The observer for where standard error goes.
pub(crate) fn observer() -> Arc<dyn Observer> {
    if logging::shows_progress() {
        Arc::new(bar::Bar::new())
    } else {
        Arc::new(log_lines::LogLines::new())
    }
}
