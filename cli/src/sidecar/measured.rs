use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::snapshot::taking::Notice;
use engine::verify::{Error as Unproven, Proven, Result as VerifyResult};
use engine::{defragment, gc};
use server::metrics::{Outcome, Phase, Requirement, What};
use server::{Kind, Latest, Metrics, TakenSnapshot};
use snapstore::clock::Clock;

use super::snapshot_view::of_key;

/// Counts what happens, for Prometheus.
pub(super) struct Measured {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    full_began: Option<Instant>,
    full_opened: Option<Instant>,
    delta_sent: Option<Instant>,
    /// The first revision of the deltas since the newest full, and how many there are.
    chain: (Option<i64>, usize),
}

impl Measured {
    pub(super) fn new(metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self {
            metrics,
            clock,
            state: Mutex::default(),
        }
    }

    /// What the store held when the member began to lead.
    pub(super) fn found(&self, latest: &Latest) {
        let deltas = latest.delta_snapshots.as_deref().unwrap_or_default();
        let first = deltas.first().map(|delta| delta.start_revision);
        self.with(|state| state.chain = (first, deltas.len()));
        let last = deltas.last().map(|delta| delta.last_revision);
        self.chain(last);
        for found in latest.full_snapshot.iter().chain(deltas.last()) {
            self.metrics.snapshot_found(found);
        }
    }

    /// No snapshotter runs, and alerts must know that something is due.
    pub(super) fn has_ended(&self) {
        self.metrics.failed(What::Snapshotter);
        for kind in [Kind::Full, Kind::Delta] {
            self.metrics.snapshot_required(kind, Requirement::Due);
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn since(&self, begun: Option<Instant>) -> Duration {
        let now = self.clock.now();
        begun.map_or(Duration::ZERO, |begun| now.saturating_duration_since(begun))
    }

    fn chain(&self, last: Option<i64>) {
        let (first, count) = self.with(|state| state.chain);
        let span = first
            .zip(last)
            .map_or(0, |(first, last)| last.saturating_sub(first));
        self.metrics.chain(count, u64::try_from(span).unwrap_or(0));
    }

    pub(super) fn notice(&self, notice: &Notice<'_>) {
        let now = self.clock.now();
        match notice {
            Notice::FullBegan { .. } => {
                self.with(|state| (state.full_began, state.full_opened) = (Some(now), None));
                self.metrics.snapshot_required(Kind::Full, Requirement::Due);
            }
            Notice::FullOpened { .. } => {
                let began = self.with(|state| {
                    state.full_opened = Some(now);
                    state.full_began
                });
                self.metrics.phase(Phase::FullOpen, self.since(began));
            }
            Notice::FullTaken(full) => {
                let (began, opened) = self.with(|state| {
                    state.chain = (None, 0);
                    (state.full_began.take(), state.full_opened.take())
                });
                self.metrics.phase(Phase::FullTransfer, self.since(opened));
                let sizes = (full.raw_size, full.stored_size);
                self.taken(full.key.as_str(), self.since(began), sizes);
                self.chain(None);
            }
            Notice::FullFailed(_) => {
                let began = self.with(|state| state.full_began.take());
                self.metrics.snapshot_failed(Kind::Full, self.since(began));
            }
            Notice::Continues { .. } => {
                self.metrics
                    .snapshot_required(Kind::Full, Requirement::NotDue);
            }
            Notice::DeltaSent => {
                self.with(|state| state.delta_sent = Some(now));
                self.metrics
                    .snapshot_required(Kind::Delta, Requirement::Due);
            }
            Notice::DeltaTaken(delta) => {
                let name = &delta.name;
                let sent = self.with(|state| {
                    state.chain.0.get_or_insert(name.first);
                    state.chain.1 += 1;
                    state.delta_sent.take()
                });
                self.metrics.phase(Phase::DeltaTransfer, self.since(sent));
                let sizes = (
                    delta.json + delta.json_sha256.len() as u64,
                    delta.object.len() as u64,
                );
                self.taken(&name.to_string(), self.since(sent), sizes);
                self.chain(Some(name.last));
            }
            Notice::DeltaFailed { .. } => {
                let sent = self.with(|state| state.delta_sent.take());
                self.metrics.snapshot_failed(Kind::Delta, self.since(sent));
            }
            Notice::Stands { head, read } => {
                let lag = u64::try_from(head.saturating_sub(*read)).unwrap_or(0);
                self.metrics.watch_lag(Some(lag));
            }
            Notice::Unwatched => self.metrics.watch_lag(None),
            Notice::WatchEnded { .. } | Notice::EventsMissing { .. } => {
                self.metrics.failed(What::Watch);
            }
            _ => {}
        }
    }

    fn taken(&self, key: &str, took: Duration, (raw, stored): (u64, u64)) {
        // Its name was made by us.
        let taken: Option<TakenSnapshot> = of_key(key).ok();
        if let Some(taken) = taken {
            self.metrics.snapshot_taken(&taken, took, raw, stored);
        }
    }

    pub(super) fn proven(&self, proven: &VerifyResult<Proven>) {
        match proven {
            Ok(_) | Err(Unproven::Nothing(_) | Unproven::Interrupted) => {}
            Err(error) if error.refutes() => self.metrics.failed(What::Proof),
            Err(_) => self.metrics.failed(What::Unproven),
        }
    }

    pub(super) fn collected(&self, collected: &gc::Result<gc::Report>, took: Duration) {
        self.metrics.phase(Phase::Collection, took);
        let Ok(report) = collected else {
            return self.metrics.failed(What::Collection);
        };
        let tallies = [
            (
                Kind::Full,
                "Full-",
                gc::Outcome::Deleted,
                Outcome::Succeeded,
            ),
            (Kind::Full, "Full-", gc::Outcome::Failed, Outcome::Failed),
            (
                Kind::Delta,
                "Incr-",
                gc::Outcome::Deleted,
                Outcome::Succeeded,
            ),
            (Kind::Delta, "Incr-", gc::Outcome::Failed, Outcome::Failed),
        ];
        for (kind, word, outcome, told) in tallies {
            let is_it = |line: &&gc::Line| line.key.contains(word) && line.outcome == outcome;
            let count = report.objects.iter().filter(is_it).count();
            self.metrics.collected(kind, told, count);
        }
        for (kind, word) in [(Kind::Full, "Full-"), (Kind::Delta, "Incr-")] {
            let is_there = |line: &&gc::Line| {
                line.key.contains(word)
                    && line.key.starts_with('v')
                    && line.outcome != gc::Outcome::Deleted
            };
            let there: Vec<u64> = report
                .objects
                .iter()
                .filter(is_there)
                .map(|line| line.bytes)
                .collect();
            self.metrics.stored(kind, there.len(), there.iter().sum());
        }
    }

    pub(super) fn defragmented(&self, done: &defragment::Result<defragment::Report>) {
        let report = match done {
            Ok(report) => Some(report),
            Err(error) => error.done(),
        };
        let members = report.iter().flat_map(|report| &report.members);
        for line in members {
            if let Some(took) = line.took {
                self.metrics
                    .defragmented(&line.endpoint, Outcome::Succeeded, took);
            }
        }
        if done.is_err() {
            // It may be of the cluster as a whole.
            self.metrics
                .defragmented("", Outcome::Failed, Duration::ZERO);
        }
    }
}
