//! Every metric: its name, what it means, its labels and all values that they take. Nothing else writes a name.
//!
//! Those up to [`NETWORK_RECEIVED`] are of the reference (its `pkg/metrics/metrics.go`), in name, help and labels.
//! Alerts join `etcdbr_snapshot_*` by their labels: one more of them silences the alerts.

use super::initialized::Refused;

/// A label, and the values that are there from the first scrape on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) name: &'static str,
    pub(super) values: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) labels: &'static [Label],
}

/// Upper bounds in seconds. Up to ten those of the reference, at which dashboards look; a full or a restore may take
/// hours.
pub(super) const SECONDS: [f64; 19] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    1800.0, 7200.0, 14400.0,
];

const fn label(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values }
}

const KIND: Label = label("kind", &["Full", "Incr", "Chunk"]);
const SUCCEEDED: Label = label("succeeded", &["false", "true"]);

const REFUSED: Label = label("reason", Refused::VALUES);

macro_rules! names {
    ($($id:ident: $name:literal $labels:expr, $help:literal;)*) => {
        $(pub(super) const $id: Name = Name {
            name: $name,
            help: $help,
            labels: &$labels,
        };)*
        /// All of them.
        #[cfg(test)]
        pub(super) const ALL: &[Name] = &[$($id),*];
    };
}

names! {
    SNAPSHOT_DURATION: "etcdbr_snapshot_duration_seconds" [KIND, SUCCEEDED],
        "Total latency distribution of saving snapshot to object store.";
    SNAPSHOT_GC: "etcdbr_snapshot_gc_total" [KIND, SUCCEEDED],
        "Total number of garbage collected snapshots.";
    SNAPSHOT_LATEST_REVISION: "etcdbr_snapshot_latest_revision" [KIND],
        "Revision number of latest snapshot taken.";
    SNAPSHOT_LATEST_TIMESTAMP: "etcdbr_snapshot_latest_timestamp" [KIND],
        "Timestamp of latest snapshot taken.";
    SNAPSHOT_REQUIRED: "etcdbr_snapshot_required" [KIND],
        "Indicates whether a snapshot is required to be taken.";
    VALIDATION_DURATION: "etcdbr_validation_duration_seconds" [SUCCEEDED],
        "Total latency distribution of validating data directory.";
    RESTORATION_DURATION: "etcdbr_restoration_duration_seconds"
        [label("restore", &["single_member", "single_node"]), SUCCEEDED],
        "Total latency distribution required to restore the etcd member.";
    DEFRAGMENTATION_DURATION: "etcdbr_defragmentation_duration_seconds"
        [SUCCEEDED, label("endpoint", &[""])],
        "Total latency distribution of defragmentation of each etcd cluster member.";
    LATEST_DELTAS: "etcdbr_snapstore_latest_deltas_total" [],
        "Total number of delta snapshots taken since the latest full snapshot.";
    LATEST_DELTAS_REVISIONS: "etcdbr_snapstore_latest_deltas_revisions_total" [],
        "Total number of revisions stored in delta snapshots taken since the latest full snapshot.";
    SNAPSHOTTER_FAILURE: "etcdbr_snapshotter_failure"
        [label("error", &["", "full", "delta", "watch", "collection", "proof", "unproven", "snapshotter"])],
        "Total number of snapshotter errors.";
    CLUSTER_SIZE: "etcdbr_cluster_size" [],
        "Current Etcd cluster size.";
    IS_LEARNER: "etcdbr_is_learner" [],
        "Whether or not this member is a learner. 1 if is, 0 otherwise";
    IS_LEARNER_COUNT: "etcdbr_is_learner_count_total" [SUCCEEDED],
        "Total count when etcd member added as a learner.";
    ADD_LEARNER_DURATION: "etcdbr_add_learner_duration_seconds" [SUCCEEDED],
        "Total latency to add the etcd member as a learner to the cluster.";
    MEMBER_REMOVE_DURATION: "etcdbr_member_remove_duration_seconds" [SUCCEEDED],
        "Total latency to remove the etcd member from the cluster.";
    MEMBER_PROMOTE_DURATION: "etcdbr_member_promote_duration_seconds" [SUCCEEDED],
        "Total latency to promote the learner to the voting member.";
    NETWORK_TRANSMITTED: "etcdbr_network_transmitted_bytes" [],
        "The total number of bytes transmitted over network.";
    NETWORK_RECEIVED: "etcdbr_network_received_bytes" [],
        "The total number of bytes received over network.";

    RESTORABLE_REVISION: "etcdbr_restorable_revision" [],
        "Revision that a restore of the newest backups leads to: by what was stored, or by the newest listing where that lacks it. NaN where it is not known.";
    RESTORABLE_AGE: "etcdbr_restorable_age_seconds" [],
        "Seconds since the backups held all that etcd had, by what was stored, or by the newest listing where that lacks it. NaN where it is not known.";
    LOSS_SECONDS: "etcdbr_loss_seconds" [],
        "Seconds of writes that would be lost with etcd's disk now. NaN where it is not known.";
    LOSS_REVISIONS: "etcdbr_loss_revisions" [],
        "Revisions that would be lost with etcd's disk now, as far as etcd has told. NaN where it is not known.";
    PROOF_AGE: "etcdbr_proof_age_seconds" [label("tier", &["1", "2", "3", "4"])],
        "Seconds since the last proof of a tier that backups lead to what etcd had. +Inf where there was none.";
    BACKUPS_MISSING: "etcdbr_backups_missing" [],
        "1 where the newest listing of the store lacks what this sidecar had stored there, 0 where it does not. NaN where there is no listing yet, or another takes the backups.";
    INITIALIZATION_REFUSED: "etcdbr_initialization_refused" [REFUSED],
        "1 where the last initialization did not make the data directory one that etcd can start on, for this reason, 0 otherwise.";
    LOST_REVISIONS: "etcdbr_initialization_lost_revisions" [],
        "Revisions that the last restore of the data directory could not bring back, of those that anything told of; 0 where none was needed. NaN where it is not known.";
    LOST_SECONDS: "etcdbr_initialization_lost_seconds" [],
        "Seconds of writes that the last restore of the data directory could not bring back; 0 where none was needed. NaN where it is not known.";
    STORE_OBJECTS: "etcdbr_store_objects" [label("kind", &["Full", "Incr"])],
        "Snapshots in the store.";
    STORE_BYTES: "etcdbr_store_bytes" [label("kind", &["Full", "Incr"])],
        "Bytes of the snapshots in the store.";
    TAKEN_BYTES: "etcdbr_taken_bytes_total"
        [label("kind", &["Full", "Incr"]), label("form", &["raw", "stored"])],
        "Bytes of snapshots taken, before and after compression.";
    PHASE_DURATION: "etcdbr_phase_duration_seconds"
        [label("phase", &[
            "full_open", "full_transfer", "delta_transfer", "collection",
            "restore_replay", "restore_flush", "restore_check",
        ])],
        "Seconds that a part of the work took.";
    WATCH_LAG: "etcdbr_watch_lag_revisions" [],
        "Revisions of etcd that the watch has not brought yet. NaN where it is not known.";
    STORE_CALLS: "etcdbr_store_calls_total"
        [label("call", &["put", "start_upload", "put_part", "complete", "abort", "copy", "get", "head", "list", "delete", "sweep"]), SUCCEEDED],
        "Calls of the store.";
}
