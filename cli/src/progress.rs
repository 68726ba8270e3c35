//! How far the work is: a bar on a terminal, plain lines elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use engine::progress::{Event, Observer, Phase};
use engine::size::counted;
use indicatif::{ProgressBar, ProgressStyle};

use crate::logging;

const STYLE: &str =
    "{spinner} {msg}  {wide_bar} {binary_bytes} of {binary_total_bytes}  {eta} left";

/// The right one for where standard error goes.
pub(crate) fn observer() -> Arc<dyn Observer> {
    if logging::shows_progress() {
        Arc::new(Bar::new())
    } else {
        Arc::new(Lines::default())
    }
}

struct Bar {
    bar: ProgressBar,
    revision: AtomicI64,
}

impl Bar {
    fn new() -> Self {
        let style =
            ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: ProgressBar::new(0).with_style(style),
            revision: AtomicI64::new(0),
        }
    }
}

impl Observer for Bar {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Planned { bytes, .. } => {
                self.bar.reset();
                self.bar.set_length(bytes);
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
            Event::Warning(warning) => self.bar.suspend(|| tracing::warn!("{warning}")),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn named(phase: Phase) -> &'static str {
    match phase {
        Phase::Restoring => "restoring",
        Phase::Verifying => "verifying",
        Phase::Flushing => "flushing to disk",
        Phase::Checking => "checking",
        Phase::Compacting => "compacting",
        Phase::Comparing => "comparing with the old member",
        _ => "working",
    }
}

/// A line for each tenth of the way.
#[derive(Default)]
struct Lines {
    total: AtomicU64,
    fetched: AtomicU64,
    revision: AtomicI64,
}

impl Observer for Lines {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Planned { objects, bytes } => {
                self.total.store(bytes, Ordering::Relaxed);
                self.fetched.store(0, Ordering::Relaxed);
                let objects = counted(objects, "object", "objects");
                tracing::info!("{objects}, {} to fetch", engine::size::bytes(bytes));
            }
            Event::Fetched(bytes) => self.fetched(bytes),
            Event::Reached(revision) => self.revision.store(revision, Ordering::Relaxed),
            Event::Phase(phase) => tracing::info!("{}", named(phase)),
            Event::Warning(warning) => tracing::warn!("{warning}"),
        }
    }
}

impl Lines {
    fn fetched(&self, bytes: u64) {
        let total = self.total.load(Ordering::Relaxed).max(1);
        let before = self.fetched.fetch_add(bytes, Ordering::Relaxed);
        let (from, to) = (before * 10 / total, (before + bytes) * 10 / total);
        if to > from && to < 10 {
            let revision = self.revision.load(Ordering::Relaxed);
            tracing::info!("{} % fetched, revision {revision}", to * 10);
        }
    }
}
