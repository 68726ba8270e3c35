//! What makes each alert fire.

/// By how much a sample of a counter that goes on failing is larger than the one before.
const GROWS: &str = "0+1x480";

/// Series that are otherwise than those of a sidecar that works, and their values; without any, it is not told.
pub(crate) type Trouble = &'static [(&'static str, &'static str)];

/// What makes each alert fire: the series that are otherwise than those of a sidecar that works, and when it has fired.
pub(crate) const TROUBLES: [(&str, Trouble, &str); 19] = [
    (
        "EtcdBackupsUnseen",
        &[("etcdbr_snapshot_required", "")],
        "15m",
    ),
    (
        "EtcdSidecarVanished",
        &[("etcdbr_snapshot_required", "0x60 _x420")],
        "80m",
    ),
    (
        "EtcdWritesAtRisk",
        &[("etcdbr_loss_seconds", "1200+30x480")],
        "10m",
    ),
    ("EtcdRiskUnknown", &[("etcdbr_loss_seconds", "NaN")], "35m"),
    (
        "EtcdBackupsMissing",
        &[("etcdbr_backups_missing", "1x480")],
        "5m",
    ),
    (
        "EtcdDeltaOverdue",
        &[
            ("etcdbr_snapshot_required{kind=\"Incr\"}", "1x480"),
            ("etcdbr_snapshot_latest_timestamp{kind=\"Incr\"}", "0x480"),
        ],
        "40m",
    ),
    (
        "EtcdFullOverdue",
        &[(
            "etcdbr_snapshot_latest_timestamp{kind=\"Full\"}",
            "-130000x480",
        )],
        "35m",
    ),
    (
        "EtcdSnapshotsFail",
        &[("etcdbr_snapshotter_failure{error=\"delta\"}", GROWS)],
        "30m",
    ),
    (
        "EtcdBackupNotProven",
        &[("etcdbr_snapshotter_failure{error=\"proof\"}", "0x20 1x460")],
        "15m",
    ),
    (
        "EtcdProofStale",
        &[("etcdbr_proof_age_seconds{tier=\"3\"}", "172801+30x480")],
        "70m",
    ),
    (
        "EtcdRestoreFailed",
        &[(
            "etcdbr_restoration_duration_seconds_count{restore=\"single_node\",succeeded=\"false\"}",
            "0x20 1x460",
        )],
        "15m",
    ),
    (
        "EtcdInitializationRefused",
        &[(
            "etcdbr_initialization_refused{reason=\"doubt\"}",
            "0x20 1x460",
        )],
        "15m",
    ),
    (
        "EtcdMemberRestored",
        &[(
            "etcdbr_restoration_duration_seconds_count{restore=\"single_node\",succeeded=\"true\"}",
            "0x20 1x460",
        )],
        "15m",
    ),
    (
        "EtcdRestoreLost",
        &[("etcdbr_initialization_lost_revisions", "0x20 7x460")],
        "15m",
    ),
    (
        "EtcdRestoreLossUnknown",
        &[
            (
                "etcdbr_restoration_duration_seconds_count{restore=\"single_node\",succeeded=\"true\"}",
                "0x20 1x460",
            ),
            ("etcdbr_initialization_lost_revisions", "NaN"),
        ],
        "15m",
    ),
    (
        "EtcdStoreRefuses",
        &[(
            "etcdbr_store_calls_total{call=\"put\",succeeded=\"false\"}",
            GROWS,
        )],
        "35m",
    ),
    (
        "EtcdGarbageStays",
        &[("etcdbr_snapshotter_failure{error=\"collection\"}", GROWS)],
        "1h",
    ),
    (
        "EtcdDefragmentationFails",
        &[(
            "etcdbr_defragmentation_duration_seconds_count{endpoint=\"\",succeeded=\"false\"}",
            "0x20 1x460",
        )],
        "15m",
    ),
    ("EtcdStaysLearner", &[("etcdbr_is_learner", "1x480")], "35m"),
];
