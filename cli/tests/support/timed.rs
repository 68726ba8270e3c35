//! How long a run takes, and the moment of a kill within it.
#![expect(
    clippy::disallowed_methods,
    reason = "what is measured is real, and the moment of a kill is what is tried"
)]

use std::time::{Duration, Instant};

pub(crate) fn took(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

pub(crate) fn wait(delay: Duration) {
    std::thread::sleep(delay);
}
