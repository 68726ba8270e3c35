use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::phase_names::named;
use engine::progress::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

const STYLE: &str =
    "{spinner} {msg}  {wide_bar} {binary_bytes} of {binary_total_bytes}  {eta} left";

/// As long as nobody knows how much will be fetched: a bar of nothing is a full one.
const WAITING: &str = "{spinner} {msg}";

/// The bar on the terminal, if there is one: log lines are written above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes to the terminal while the bar is out of the way.
pub(crate) fn above_bar<T>(write: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

pub(super) struct Bar {
    bar: ProgressBar,
    revision: AtomicI64,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0).with_style(style(WAITING));
        show(Some(bar.clone()));
        Self {
            bar,
            revision: AtomicI64::new(0),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn show(bar: Option<ProgressBar>) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

impl Observer for Bar {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Planned { bytes, .. } => {
                self.revision.store(0, Ordering::Relaxed);
                self.bar.reset();
                self.bar.set_length(bytes);
                self.bar.set_style(style(STYLE));
            }
            Event::Fetched(bytes) => self.bar.inc(bytes),
            Event::Reached(revision) => {
                self.revision.store(revision, Ordering::Relaxed);
                self.bar.set_message(format!("revision {revision}"));
            }
            Event::Phase(phase) => match self.revision.load(Ordering::Relaxed) {
                0 => self.bar.set_message(named(phase)),
                revision => self
                    .bar
                    .set_message(format!("{}, revision {revision}", named(phase))),
            },
            // It is not known here how many there are.
            Event::Streamed(_) => {}
            Event::Warning(warning) => tracing::warn!("{warning}"),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        show(None);
        self.bar.finish_and_clear();
    }
}
