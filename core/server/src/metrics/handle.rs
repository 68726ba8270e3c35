use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus::{CounterVec, GaugeVec, HistogramVec, Registry, TextEncoder};

use super::derived::Derived;
use super::initialized::{Initialized, Lost, Refused};
use super::names as n;
use super::process::Process;
use super::registry::{counter, gauge, histogram};
use super::told::{Call, Member, Outcome, Phase, Requirement, RestoredAs, What, kind};
use crate::error::Result;
use crate::ports::{Backups, Kind, TakenSnapshot, WallClock};

/// A cluster has fewer members; what comes after them is told as `other`.
const MOST_ENDPOINTS: usize = 16;

/// What is told to Prometheus: methods say what happened.
pub struct Metrics {
    registry: Registry,
    now: WallClock,
    derived: Derived,
    snapshot_duration: HistogramVec,
    snapshot_gc: CounterVec,
    latest_revision: GaugeVec,
    latest_timestamp: GaugeVec,
    required: GaugeVec,
    validation: HistogramVec,
    restoration: HistogramVec,
    defragmentation: HistogramVec,
    endpoints: Mutex<BTreeSet<String>>,
    latest_deltas: GaugeVec,
    latest_deltas_revisions: GaugeVec,
    failure: CounterVec,
    cluster_size: GaugeVec,
    is_learner: GaugeVec,
    learner_count: CounterVec,
    add_learner: HistogramVec,
    member_remove: HistogramVec,
    member_promote: HistogramVec,
    refused: GaugeVec,
    lost_revisions: GaugeVec,
    lost_seconds: GaugeVec,
    store_objects: GaugeVec,
    store_bytes: GaugeVec,
    taken_bytes: CounterVec,
    phase: HistogramVec,
    watch_lag: GaugeVec,
    store_calls: CounterVec,
}

impl Metrics {
    /// All of them, at zero. `now`: by which ages are counted.
    ///
    /// Errors: [`crate::Error::Metrics`] where a name is there twice, which a test would have told.
    pub fn new(now: WallClock) -> Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(Process::new()?))?;
        let r = &registry;
        let metrics = Self {
            derived: Derived::new(r)?,
            snapshot_duration: histogram(r, &n::SNAPSHOT_DURATION)?,
            snapshot_gc: counter(r, &n::SNAPSHOT_GC)?,
            latest_revision: gauge(r, &n::SNAPSHOT_LATEST_REVISION)?,
            latest_timestamp: gauge(r, &n::SNAPSHOT_LATEST_TIMESTAMP)?,
            required: gauge(r, &n::SNAPSHOT_REQUIRED)?,
            validation: histogram(r, &n::VALIDATION_DURATION)?,
            restoration: histogram(r, &n::RESTORATION_DURATION)?,
            defragmentation: histogram(r, &n::DEFRAGMENTATION_DURATION)?,
            endpoints: Mutex::default(),
            latest_deltas: gauge(r, &n::LATEST_DELTAS)?,
            latest_deltas_revisions: gauge(r, &n::LATEST_DELTAS_REVISIONS)?,
            failure: counter(r, &n::SNAPSHOTTER_FAILURE)?,
            cluster_size: gauge(r, &n::CLUSTER_SIZE)?,
            is_learner: gauge(r, &n::IS_LEARNER)?,
            learner_count: counter(r, &n::IS_LEARNER_COUNT)?,
            add_learner: histogram(r, &n::ADD_LEARNER_DURATION)?,
            member_remove: histogram(r, &n::MEMBER_REMOVE_DURATION)?,
            member_promote: histogram(r, &n::MEMBER_PROMOTE_DURATION)?,
            refused: gauge(r, &n::INITIALIZATION_REFUSED)?,
            lost_revisions: gauge(r, &n::LOST_REVISIONS)?,
            lost_seconds: gauge(r, &n::LOST_SECONDS)?,
            store_objects: gauge(r, &n::STORE_OBJECTS)?,
            store_bytes: gauge(r, &n::STORE_BYTES)?,
            taken_bytes: counter(r, &n::TAKEN_BYTES)?,
            phase: histogram(r, &n::PHASE_DURATION)?,
            watch_lag: gauge(r, &n::WATCH_LAG)?,
            store_calls: counter(r, &n::STORE_CALLS)?,
            registry,
            now,
        };
        // It is not known before somebody watches, and before an initialization has ended.
        set(&metrics.watch_lag, &[], f64::NAN);
        metrics.lost(None);
        Ok(metrics)
    }

    /// The text for Prometheus.
    pub(crate) fn scrape(&self, backups: &Backups) -> Result<String> {
        self.derived.set(backups, (self.now)())?;
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }

    /// A snapshot is in the store. `raw`, `stored`: its bytes before and after compression.
    pub fn snapshot_taken(&self, taken: &TakenSnapshot, took: Duration, raw: u64, stored: u64) {
        let kind = kind(taken.kind);
        observe(&self.snapshot_duration, &[kind, "true"], took);
        self.snapshot_found(taken);
        self.snapshot_required(taken.kind, Requirement::NotDue);
        if taken.kind == Kind::Full {
            self.snapshot_required(Kind::Delta, Requirement::NotDue);
        }
        add(&self.taken_bytes, &[kind, "raw"], raw as f64);
        add(&self.taken_bytes, &[kind, "stored"], stored as f64);
    }

    /// A snapshot is in the store, by whomever it was taken.
    pub fn snapshot_found(&self, found: &TakenSnapshot) {
        let kind = kind(found.kind);
        set(&self.latest_revision, &[kind], found.last_revision as f64);
        set(
            &self.latest_timestamp,
            &[kind],
            found.created_on.as_second() as f64,
        );
    }

    /// A snapshot did not come about, after so long.
    pub fn snapshot_failed(&self, failed: Kind, took: Duration) {
        observe(&self.snapshot_duration, &[kind(failed), "false"], took);
        self.failed(match failed {
            Kind::Full => What::Full,
            Kind::Delta => What::Delta,
        });
    }

    /// Something of the snapshotter failed.
    pub fn failed(&self, what: What) {
        add(&self.failure, &[what.value()], 1.0);
    }

    /// Whether a snapshot is due.
    pub fn snapshot_required(&self, of: Kind, requirement: Requirement) {
        let value = f64::from(requirement == Requirement::Due);
        set(&self.required, &[kind(of)], value);
    }

    /// The deltas since the newest full, and the revisions that they span.
    pub fn chain(&self, deltas: usize, revisions: u64) {
        set(&self.latest_deltas, &[], deltas as f64);
        set(&self.latest_deltas_revisions, &[], revisions as f64);
    }

    /// So many snapshots were deleted, or could not be, since no rule of retention needs them.
    pub fn collected(&self, of: Kind, outcome: Outcome, count: usize) {
        add(
            &self.snapshot_gc,
            &[kind(of), outcome.value()],
            count as f64,
        );
    }

    /// A data directory was validated.
    pub fn validated(&self, outcome: Outcome, took: Duration) {
        observe(&self.validation, &[outcome.value()], took);
    }

    /// A data directory was restored.
    pub fn restored(&self, restored: RestoredAs, outcome: Outcome, took: Duration) {
        observe(
            &self.restoration,
            &[restored.value(), outcome.value()],
            took,
        );
    }

    /// etcd can start on its data directory.
    pub fn initialized(&self, how: Initialized) {
        self.refused_for(None);
        match how {
            Initialized::Made(lost) => self.lost(lost),
            Initialized::Untouched => {
                let known = self
                    .lost_revisions
                    .get_metric_with_label_values::<&str>(&[]);
                if known.is_ok_and(|known| known.get().is_nan()) {
                    self.lost(Some(Lost {
                        revisions: 0,
                        seconds: 0,
                    }));
                }
            }
        }
    }

    /// etcd cannot start on its data directory yet.
    pub fn initialization_refused(&self, why: Refused) {
        self.refused_for(Some(why));
    }

    fn refused_for(&self, why: Option<Refused>) {
        for reason in Refused::ALL {
            let value = f64::from(why == Some(*reason));
            set(&self.refused, &[reason.value()], value);
        }
    }

    fn lost(&self, lost: Option<Lost>) {
        let number = |of: fn(Lost) -> i64| lost.map_or(f64::NAN, |lost| of(lost) as f64);
        set(&self.lost_revisions, &[], number(|lost| lost.revisions));
        set(&self.lost_seconds, &[], number(|lost| lost.seconds));
    }

    /// The member at an endpoint was defragmented.
    pub fn defragmented(&self, endpoint: &str, outcome: Outcome, took: Duration) {
        let mut known = self
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_ENDPOINTS {
            known.insert(endpoint.to_owned());
        }
        let endpoint = known.get(endpoint).map_or("other", String::as_str);
        observe(&self.defragmentation, &[outcome.value(), endpoint], took);
    }

    /// How many members the cluster has.
    pub fn cluster_size(&self, members: usize) {
        set(&self.cluster_size, &[], members as f64);
    }

    /// What this etcd is in its cluster.
    pub fn member(&self, member: Member) {
        set(&self.is_learner, &[], f64::from(member == Member::Learner));
    }

    /// This member was added as a learner.
    pub fn learner_added(&self, outcome: Outcome, took: Duration) {
        add(&self.learner_count, &[outcome.value()], 1.0);
        observe(&self.add_learner, &[outcome.value()], took);
    }

    /// This member was removed from its cluster.
    pub fn member_removed(&self, outcome: Outcome, took: Duration) {
        observe(&self.member_remove, &[outcome.value()], took);
    }

    /// This learner was given a vote.
    pub fn member_promoted(&self, outcome: Outcome, took: Duration) {
        observe(&self.member_promote, &[outcome.value()], took);
    }

    /// How many snapshots of a kind are in the store, and their bytes.
    pub fn stored(&self, of: Kind, objects: usize, bytes: u64) {
        set(&self.store_objects, &[kind(of)], objects as f64);
        set(&self.store_bytes, &[kind(of)], bytes as f64);
    }

    /// How long a part of the work took.
    pub fn phase(&self, phase: Phase, took: Duration) {
        observe(&self.phase, &[phase.value()], took);
    }

    /// How many revisions of etcd the watch has not brought yet; `None` where it is not known.
    pub fn watch_lag(&self, revisions: Option<u64>) {
        let lag = revisions.map_or(f64::NAN, |revisions| revisions as f64);
        set(&self.watch_lag, &[], lag);
    }

    /// The store was called.
    pub fn store_called(&self, call: Call, outcome: Outcome) {
        add(&self.store_calls, &[call.value(), outcome.value()], 1.0);
    }
}

/// As many values as the table has labels: a test tells each method.
fn add(counter: &CounterVec, values: &[&str], by: f64) {
    if let Ok(counter) = counter.get_metric_with_label_values(values) {
        counter.inc_by(by);
    }
}

fn set(gauge: &GaugeVec, values: &[&str], to: f64) {
    if let Ok(gauge) = gauge.get_metric_with_label_values(values) {
        gauge.set(to);
    }
}

fn observe(histogram: &HistogramVec, values: &[&str], took: Duration) {
    if let Ok(histogram) = histogram.get_metric_with_label_values(values) {
        histogram.observe(took.as_secs_f64());
    }
}
