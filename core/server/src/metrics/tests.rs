use super::names::{ALL, Name, SNAPSHOT_DURATION};
use super::registry::combinations;
use super::*;
use crate::ports::{Backups, Kind, Newest, Proof, Restorable, TakenSnapshot};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const NOW: i64 = 1_795_338_849;

fn metrics() -> Metrics {
    Metrics::new(Arc::new(|| Timestamp::from_second(NOW).unwrap())).unwrap()
}

/// What Prometheus reads, by series.
fn scraped(metrics: &Metrics, backups: &Backups) -> BTreeMap<String, f64> {
    let text = metrics.scrape(backups).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let series = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        (series.to_owned(), value.parse().unwrap())
    });
    series.collect()
}

fn kinds(text: &str) -> BTreeMap<&str, &str> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.map(|line| line.split_once(' ').unwrap()).collect()
}

/// Of the reference, by its sources: name, kind, labels. What alerts and dashboards of gardener look at.
const OF_THE_REFERENCE: [(&str, &str, &[&str]); 19] = [
    (
        "etcdbr_snapshot_duration_seconds",
        "histogram",
        &["kind", "succeeded"],
    ),
    (
        "etcdbr_snapshot_gc_total",
        "counter",
        &["kind", "succeeded"],
    ),
    ("etcdbr_snapshot_latest_revision", "gauge", &["kind"]),
    ("etcdbr_snapshot_latest_timestamp", "gauge", &["kind"]),
    ("etcdbr_snapshot_required", "gauge", &["kind"]),
    (
        "etcdbr_validation_duration_seconds",
        "histogram",
        &["succeeded"],
    ),
    (
        "etcdbr_restoration_duration_seconds",
        "histogram",
        &["restore", "succeeded"],
    ),
    (
        "etcdbr_defragmentation_duration_seconds",
        "histogram",
        &["succeeded", "endpoint"],
    ),
    ("etcdbr_snapstore_latest_deltas_total", "gauge", &[]),
    (
        "etcdbr_snapstore_latest_deltas_revisions_total",
        "gauge",
        &[],
    ),
    ("etcdbr_snapshotter_failure", "counter", &["error"]),
    ("etcdbr_cluster_size", "gauge", &[]),
    ("etcdbr_is_learner", "gauge", &[]),
    ("etcdbr_is_learner_count_total", "counter", &["succeeded"]),
    (
        "etcdbr_add_learner_duration_seconds",
        "histogram",
        &["succeeded"],
    ),
    (
        "etcdbr_member_remove_duration_seconds",
        "histogram",
        &["succeeded"],
    ),
    (
        "etcdbr_member_promote_duration_seconds",
        "histogram",
        &["succeeded"],
    ),
    ("etcdbr_network_transmitted_bytes", "counter", &[]),
    ("etcdbr_network_received_bytes", "counter", &[]),
];

/// Alerts multiply `etcdbr_snapshot_latest_timestamp` by `etcdbr_snapshot_required`: one label more, or a series that
/// is not there yet, and they are silent.
#[test]
fn the_names_of_the_reference_are_there_with_its_labels() {
    let text = metrics().scrape(&Backups::default()).unwrap();
    let kinds = kinds(&text);
    let table: BTreeMap<&str, &Name> = ALL.iter().map(|name| (name.name, name)).collect();
    for (name, kind, labels) in OF_THE_REFERENCE {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
        let has: Vec<_> = table[name].labels.iter().map(|label| label.name).collect();
        assert_eq!(has, labels, "{name}");
    }
    for name in ["process_resident_memory_bytes", "process_cpu_seconds_total"] {
        assert!(kinds.contains_key(name), "{name}");
    }
}

#[test]
fn every_series_is_at_zero_before_anything_happened() {
    let series = scraped(&metrics(), &Backups::default());
    for name in ALL
        .iter()
        .filter(|name| !name.name.starts_with("etcdbr_network"))
    {
        for values in combinations(name.labels) {
            // The text format sorts labels by name.
            let pairs = name.labels.iter().zip(&values);
            let mut pairs: Vec<_> = pairs
                .map(|(label, value)| format!("{}=\"{value}\"", label.name))
                .collect();
            pairs.sort();
            let labels = if pairs.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", pairs.join(","))
            };
            let plain = format!("{}{labels}", name.name);
            let count = format!("{}_count{labels}", name.name);
            let value = series.get(&plain).or_else(|| series.get(&count));
            let value = value.unwrap_or_else(|| panic!("{plain} is not there"));
            assert!(
                *value == 0.0 || value.is_nan() || *value == f64::INFINITY,
                "{plain} {value}"
            );
        }
    }
}

/// No name is written but in the table.
#[test]
fn nothing_is_told_that_is_not_in_the_table() {
    let text = metrics().scrape(&Backups::default()).unwrap();
    let told: BTreeSet<&str> = kinds(&text)
        .into_keys()
        .filter(|name| name.starts_with("etcdbr_"))
        .collect();
    let table: BTreeSet<&str> = ALL.iter().map(|name| name.name).collect();
    assert_eq!(told, table);
    assert_eq!(table.len(), ALL.len(), "a name is there twice");
    for name in ALL {
        assert!(
            text.contains(&format!("# HELP {} {}", name.name, name.help)),
            "{}",
            name.name
        );
    }
}

fn taken(kind: Kind) -> TakenSnapshot {
    TakenSnapshot {
        created_on: Timestamp::from_second(NOW - 60).unwrap(),
        immutability_expiry_time: None,
        version_id: None,
        kind,
        snap_dir: String::new(),
        snap_name: "x".to_owned(),
        prefix: String::new(),
        compression_suffix: ".gz".to_owned(),
        start_revision: 0,
        last_revision: 812_345,
        is_chunk: false,
        is_final: false,
    }
}

/// Each method writes the series that it is for: a wrong number of labels would write none.
#[test]
fn what_happened_is_told() {
    let metrics = metrics();
    let second = Duration::from_secs(1);
    metrics.snapshot_required(Kind::Full, Requirement::Due);
    metrics.snapshot_required(Kind::Delta, Requirement::Due);
    metrics.snapshot_taken(&taken(Kind::Full), second, 1000, 300);
    metrics.snapshot_failed(Kind::Delta, second);
    metrics.failed(What::Watch);
    metrics.chain(3, 44);
    metrics.collected(Kind::Delta, Outcome::Succeeded, 5);
    metrics.collected(Kind::Full, Outcome::Failed, 1);
    metrics.validated(Outcome::Succeeded, second);
    metrics.restored(RestoredAs::SingleNode, Outcome::Failed, second);
    metrics.cluster_size(3);
    metrics.member(Member::Learner);
    metrics.learner_added(Outcome::Succeeded, second);
    metrics.member_removed(Outcome::Failed, second);
    metrics.member_promoted(Outcome::Succeeded, second);
    metrics.stored(Kind::Full, 7, 900);
    metrics.phase(Phase::FullTransfer, Duration::from_secs(7000));
    metrics.watch_lag(Some(9));
    metrics.store_called(Call::PutPart, Outcome::Failed);
    let series = scraped(&metrics, &Backups::default());
    for (name, value) in [
        ("etcdbr_snapshot_required{kind=\"Full\"}", 0.0),
        ("etcdbr_snapshot_required{kind=\"Incr\"}", 0.0),
        ("etcdbr_snapshot_latest_revision{kind=\"Full\"}", 812_345.0),
        (
            "etcdbr_snapshot_latest_timestamp{kind=\"Full\"}",
            (NOW - 60) as f64,
        ),
        ("etcdbr_snapshot_latest_timestamp{kind=\"Incr\"}", 0.0),
        (
            "etcdbr_snapshot_duration_seconds_count{kind=\"Full\",succeeded=\"true\"}",
            1.0,
        ),
        (
            "etcdbr_snapshot_duration_seconds_count{kind=\"Incr\",succeeded=\"false\"}",
            1.0,
        ),
        ("etcdbr_snapshotter_failure{error=\"delta\"}", 1.0),
        ("etcdbr_snapshotter_failure{error=\"watch\"}", 1.0),
        ("etcdbr_snapstore_latest_deltas_total", 3.0),
        ("etcdbr_snapstore_latest_deltas_revisions_total", 44.0),
        (
            "etcdbr_snapshot_gc_total{kind=\"Incr\",succeeded=\"true\"}",
            5.0,
        ),
        (
            "etcdbr_snapshot_gc_total{kind=\"Full\",succeeded=\"false\"}",
            1.0,
        ),
        (
            "etcdbr_validation_duration_seconds_count{succeeded=\"true\"}",
            1.0,
        ),
        (
            "etcdbr_restoration_duration_seconds_count{restore=\"single_node\",succeeded=\"false\"}",
            1.0,
        ),
        ("etcdbr_cluster_size", 3.0),
        ("etcdbr_is_learner", 1.0),
        ("etcdbr_is_learner_count_total{succeeded=\"true\"}", 1.0),
        (
            "etcdbr_add_learner_duration_seconds_sum{succeeded=\"true\"}",
            1.0,
        ),
        (
            "etcdbr_member_remove_duration_seconds_sum{succeeded=\"false\"}",
            1.0,
        ),
        (
            "etcdbr_member_promote_duration_seconds_sum{succeeded=\"true\"}",
            1.0,
        ),
        ("etcdbr_store_objects{kind=\"Full\"}", 7.0),
        ("etcdbr_store_bytes{kind=\"Full\"}", 900.0),
        (
            "etcdbr_taken_bytes_total{form=\"raw\",kind=\"Full\"}",
            1000.0,
        ),
        (
            "etcdbr_taken_bytes_total{form=\"stored\",kind=\"Full\"}",
            300.0,
        ),
        // Buckets reach hours: the reference tells nothing of what takes more than ten seconds.
        (
            "etcdbr_phase_duration_seconds_bucket{phase=\"full_transfer\",le=\"1800\"}",
            0.0,
        ),
        (
            "etcdbr_phase_duration_seconds_bucket{phase=\"full_transfer\",le=\"7200\"}",
            1.0,
        ),
        ("etcdbr_watch_lag_revisions", 9.0),
        (
            "etcdbr_store_calls_total{call=\"put_part\",succeeded=\"false\"}",
            1.0,
        ),
    ] {
        assert_eq!(series.get(name), Some(&value), "{name}");
    }
}

/// The reference labels failures with the text of the error: a series for each text, without end.
#[test]
fn series_have_an_end() {
    let metrics = metrics();
    for number in 0..100 {
        let endpoint = format!("http://etcd-{number}:2379");
        metrics.defragmented(&endpoint, Outcome::Succeeded, Duration::from_secs(1));
    }
    let series = scraped(&metrics, &Backups::default());
    let counts = series
        .keys()
        .filter(|name| name.starts_with("etcdbr_defragmentation_duration_seconds_count"));
    // Both of before, sixteen, and all the others.
    assert_eq!(counts.count(), 2 + 16 + 1);
    let others =
        "etcdbr_defragmentation_duration_seconds_count{endpoint=\"other\",succeeded=\"true\"}";
    assert_eq!(series[others], 84.0);
    let every = |kind: Kind| [metrics.snapshot_failed(kind, Duration::ZERO)];
    every(Kind::Full);
    let table: usize = combinations(SNAPSHOT_DURATION.labels).len();
    let now = scraped(&metrics, &Backups::default());
    let counts = now
        .keys()
        .filter(|name| name.starts_with("etcdbr_snapshot_duration_seconds_count"));
    assert_eq!(counts.count(), table);
}

/// Nothing known is not nothing lost.
#[test]
fn what_is_not_known_is_no_number() {
    let metrics = metrics();
    let at = |before: i64| Timestamp::from_second(NOW - before).unwrap();
    let mut backups = Backups::default();
    let value = |backups: &Backups, name: &str| scraped(&metrics, backups)[name];
    assert!(value(&backups, "etcdbr_loss_seconds").is_nan());
    assert!(value(&backups, "etcdbr_restorable_revision").is_nan());
    assert_eq!(
        value(&backups, "etcdbr_proof_age_seconds{tier=\"2\"}"),
        f64::INFINITY
    );
    backups.restorable = Some(Restorable {
        revision: 90,
        complete_until: at(12),
    });
    assert_eq!(value(&backups, "etcdbr_restorable_age_seconds"), 12.0);
    assert!(
        value(&backups, "etcdbr_loss_revisions").is_nan(),
        "etcd was not asked"
    );
    backups.newest = Some(Newest {
        revision: 100,
        read_at: at(2),
    });
    assert_eq!(value(&backups, "etcdbr_loss_revisions"), 10.0);
    assert_eq!(value(&backups, "etcdbr_loss_seconds"), 12.0);
    let proof = |before, tier| Proof {
        tier,
        made_at: at(before),
        revision: 80,
    };
    backups.proofs = vec![proof(500, 2), proof(100, 2), proof(7, 3)];
    assert_eq!(
        value(&backups, "etcdbr_proof_age_seconds{tier=\"2\"}"),
        100.0
    );
    // The clock was set back, and etcd was restored from an older backup: no negative loss.
    backups.restorable = Some(Restorable {
        revision: 900,
        complete_until: at(-3600),
    });
    assert_eq!(value(&backups, "etcdbr_loss_seconds"), 0.0);
    assert_eq!(value(&backups, "etcdbr_loss_revisions"), 0.0);
    // It is known no more.
    assert!(value(&Backups::default(), "etcdbr_restorable_revision").is_nan());
}

/// A restore that lost an hour of writes was told by nothing but the log, and one that was refused for doubt by nothing for half an hour.
#[test]
fn what_came_of_an_initialization_is_told() {
    let metrics = metrics();
    let told = |name: &str| scraped(&metrics, &Backups::default())[name];
    let lost = || {
        (
            told("etcdbr_initialization_lost_revisions"),
            told("etcdbr_initialization_lost_seconds"),
        )
    };
    let doubt = "etcdbr_initialization_refused{reason=\"doubt\"}";
    let in_use = "etcdbr_initialization_refused{reason=\"in_use\"}";
    assert!(lost().0.is_nan() && lost().1.is_nan());
    metrics.initialization_refused(Refused::Doubt);
    assert_eq!((told(doubt), told(in_use)), (1.0, 0.0));
    assert!(lost().0.is_nan());
    metrics.initialization_refused(Refused::InUse);
    assert_eq!((told(doubt), told(in_use)), (0.0, 1.0));
    metrics.initialized(Initialized::Untouched);
    assert_eq!(lost(), (0.0, 0.0));
    assert_eq!((told(doubt), told(in_use)), (0.0, 0.0));
    metrics.initialized(Initialized::Made(Some(Lost {
        revisions: 7,
        seconds: 3600,
    })));
    // It is started again a moment later, and what was lost is lost still.
    metrics.initialized(Initialized::Untouched);
    assert_eq!(lost(), (7.0, 3600.0));
    metrics.initialized(Initialized::Made(None));
    assert!(lost().0.is_nan() && lost().1.is_nan());
}
