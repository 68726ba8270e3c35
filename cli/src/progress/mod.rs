//! How far the work is: a bar on a terminal, plain lines elsewhere.

mod bar;
mod lines;
mod phase;

use std::sync::Arc;

use engine::progress::Observer;

pub(crate) use bar::above_bar;

use crate::logging;

/// The right one for where standard error goes.
pub(crate) fn observer() -> Arc<dyn Observer> {
    if logging::shows_progress() {
        Arc::new(bar::Bar::new())
    } else {
        Arc::new(lines::Lines::new())
    }
}
