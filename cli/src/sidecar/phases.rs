use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use engine::progress::{Event, Observer, Phase};
use server::Metrics;
use server::metrics::Phase as Counted;
use snapstore::clock::Clock;

/// Counts how long the parts of a restore take, and shows its progress as elsewhere.
pub(super) struct Phases {
    shown: Arc<dyn Observer>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    /// What is under way, and since when.
    now: Mutex<Option<(Phase, Instant)>>,
}

impl Phases {
    pub(super) fn new(
        shown: Arc<dyn Observer>,
        metrics: Arc<Metrics>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            shown,
            metrics,
            clock,
            now: Mutex::default(),
        }
    }

    /// Nothing is under way any more.
    pub(super) fn end(&self) {
        self.begin(None);
    }

    fn begin(&self, phase: Option<Phase>) {
        let now = self.clock.now();
        let next = phase.map(|phase| (phase, now));
        let before = {
            let mut current = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, next)
        };
        if let Some((phase, begun)) = before
            && let Some(counted) = counted(phase)
        {
            self.metrics
                .phase(counted, now.saturating_duration_since(begun));
        }
    }
}

fn counted(phase: Phase) -> Option<Counted> {
    match phase {
        Phase::Restoring => Some(Counted::RestoreReplay),
        Phase::Flushing => Some(Counted::RestoreFlush),
        Phase::Checking => Some(Counted::RestoreCheck),
        _ => None,
    }
}

impl Observer for Phases {
    fn event(&self, event: Event<'_>) {
        if let Event::Phase(phase) = event {
            self.begin(Some(phase));
        }
        self.shown.event(event);
    }
}
