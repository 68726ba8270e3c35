use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use engine::progress::{Event, Observer, Phase};
use page::work::Kind;
use server::Metrics;
use server::metrics::Phase as Counted;
use snapstore::clock::Clock;

use super::in_flight::InFlight;

/// Counts how long the parts of a restore take, and shows its progress as elsewhere, and on the page.
pub(super) struct Phases {
    shown: Arc<dyn Observer>,
    in_flight: Arc<InFlight>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    /// What is under way, and since when.
    now: Mutex<Option<(Phase, Instant)>>,
}

impl Phases {
    pub(super) fn new(
        shown: Arc<dyn Observer>,
        in_flight: Arc<InFlight>,
        (metrics, clock): (Arc<Metrics>, Arc<dyn Clock>),
    ) -> Self {
        in_flight.begin(Kind::Initialization);
        let shown = in_flight.observed(Kind::Initialization, shown);
        Self {
            shown: Arc::new(shown),
            in_flight,
            metrics,
            clock,
            now: Mutex::default(),
        }
    }

    /// Nothing is under way any more.
    pub(super) fn end(&self) {
        self.in_flight.end(Kind::Initialization);
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
