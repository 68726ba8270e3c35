//! The alerts and the dashboard, by promtool, over what a real sidecar tells.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::oracles;

use crate::alert_troubles::TROUBLES;
use crate::pod::Cluster;
use crate::support::Site;

/// A sample each half minute, over four hours.
const SAMPLES: usize = 480;

pub(crate) fn monitoring(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../charts/etcdbrctl/files")
        .join(name)
}

/// A line of a scrape, as Prometheus keeps it.
pub(crate) struct Series {
    /// `name{label="value"}`, its labels in the order of the scrape.
    pub(crate) told: String,
    value: f64,
}

/// What a sidecar tells that has taken a full and waits for writes.
pub(crate) fn scraped() -> Vec<Series> {
    let site = Site::new();
    let pod = Cluster::of(&site, "3.6.16").leading();
    pod.body("POST", "/snapshot/full");
    pod.until("nothing is to be stored", |pod| {
        pod.body("GET", "/metrics")
            .contains("etcdbr_snapshot_required{kind=\"Incr\"} 0")
    });
    let text = pod.body("GET", "/metrics");
    #[expect(
        clippy::disallowed_methods,
        reason = "the sidecar tells times of this machine"
    )]
    let now = jiff::Timestamp::now().as_second() as f64;
    let samples = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let series = samples.map(|line| {
        let (told, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        // Tests of promtool begin at 1970.
        let value = match told.contains("_timestamp") {
            true => value - now,
            false => value,
        };
        Series {
            told: told.to_owned(),
            value,
        }
    });
    series.collect()
}

/// With the labels that Prometheus adds.
fn labelled(told: &str) -> String {
    let added = "namespace=\"shop\",job=\"etcd\",pod=\"etcd-0\"";
    match told.strip_suffix('}') {
        Some(begin) => format!("{begin},{added}}}"),
        None => format!("{told}{{{added}}}"),
    }
}

/// One value all the time. What is no number cannot be multiplied there.
fn always(value: f64) -> String {
    match value {
        value if value.is_nan() => vec!["NaN"; SAMPLES + 1].join(" "),
        value if value.is_infinite() => vec!["Inf"; SAMPLES + 1].join(" "),
        value => format!("{value}x{SAMPLES}"),
    }
}

/// The series of a sidecar that works, but for those of a trouble.
fn input(scraped: &[Series], trouble: &[(&str, &str)]) -> Vec<Value> {
    let mut input = Vec::new();
    let mut used = BTreeSet::new();
    for series in scraped {
        let name = series.told.split('{').next().unwrap();
        let other = trouble
            .iter()
            .find(|(of, _)| *of == series.told || *of == name);
        let values = match other {
            Some((of, "")) => {
                used.insert(*of);
                continue;
            }
            Some((of, values)) => {
                used.insert(*of);
                match *values {
                    "NaN" => always(f64::NAN),
                    values => values.to_owned(),
                }
            }
            None => always(series.value),
        };
        input.push(json!({"series": labelled(&series.told), "values": values}));
    }
    let wanted: BTreeSet<_> = trouble.iter().map(|(of, _)| *of).collect();
    assert_eq!(used, wanted, "a sidecar tells nothing that is called so");
    input
}

/// Whether these queries give what is expected of them (`None`: nothing), at these times.
fn judged(room: &Path, tests: &[(Vec<Value>, String, &str, Option<f64>)]) {
    let tests: Vec<_> = tests
        .iter()
        .map(|(input, expr, at, expected)| {
            let samples: Vec<_> = expected
                .iter()
                .map(|value| json!({"labels": "{}", "value": value}))
                .collect();
            json!({
                "interval": "30s",
                "input_series": input,
                "promql_expr_test": [{"expr": expr, "eval_time": at, "exp_samples": samples}],
            })
        })
        .collect();
    let file = json!({
        "rule_files": [monitoring("alerts.yaml").canonicalize().unwrap()],
        "evaluation_interval": "30s",
        "tests": tests,
    });
    let path = room.join("tests.json");
    fs::write(&path, file.to_string()).unwrap();
    promtool(&["test", "rules", path.to_str().unwrap()]);
}

pub(crate) fn promtool(words: &[&str]) {
    let run = Command::new(oracles::promtool().unwrap().path())
        .args(words)
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{out}{err}");
}

/// The names of the alerts, in the order of the file.
fn alerts() -> Vec<String> {
    let rules = fs::read_to_string(monitoring("alerts.yaml")).unwrap();
    let names = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    names.map(str::to_owned).collect()
}

#[test]
fn each_alert_fires_for_its_trouble_and_none_for_a_sidecar_that_works() {
    let names: Vec<&str> = TROUBLES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(alerts(), names, "an alert without a trouble that shows it");
    promtool(&[
        "check",
        "rules",
        monitoring("alerts.yaml").to_str().unwrap(),
    ]);
    let scraped = scraped();
    let room = tempfile::tempdir().unwrap();
    let quiet = "count(ALERTS)".to_owned();
    let mut tests = vec![
        (input(&scraped, &[]), quiet.clone(), "30m", None),
        (input(&scraped, &[]), quiet, "65m", None),
    ];
    for (name, trouble, at) in TROUBLES {
        let fires = format!("count(ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}})");
        tests.push((input(&scraped, trouble), fires, at, Some(1.0)));
    }
    judged(room.path(), &tests);
}

/// A restore is over before the first scrape of a pod that is new: a counter that begins at 1 has never increased.
#[test]
fn a_restore_before_the_first_scrape_is_told() {
    let scraped = scraped();
    let room = tempfile::tempdir().unwrap();
    let restored =
        "etcdbr_restoration_duration_seconds_count{restore=\"single_node\",succeeded=\"true\"}";
    let failed = restored.replace("\"true\"", "\"false\"");
    let fires = |name: &str| format!("count(ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}})");
    let tests = [
        (
            input(&scraped, &[(restored, "1x480")]),
            fires("EtcdMemberRestored"),
            "5m",
            Some(1.0),
        ),
        (
            input(&scraped, &[(restored, "1x480")]),
            fires("EtcdMemberRestored"),
            "40m",
            None,
        ),
        (
            input(&scraped, &[(failed.as_str(), "1x480")]),
            fires("EtcdRestoreFailed"),
            "5m",
            Some(1.0),
        ),
    ];
    judged(room.path(), &tests);
}

/// `absent` says nothing of one release that vanishes while others tell something.
#[test]
fn one_release_of_several_that_vanishes_is_told() {
    let scraped = scraped();
    let room = tempfile::tempdir().unwrap();
    let two_releases = || {
        let mut all = input(&scraped, &[]);
        let vanishes = scraped.iter().map(|series| {
            let series = labelled(&series.told).replace("\"etcd\"", "\"other\"");
            json!({"series": series, "values": "0x60 _x420"})
        });
        all.extend(vanishes);
        all
    };
    let fires = |name: &str, labels: &str| {
        format!("count(ALERTS{{alertname=\"{name}\",alertstate=\"firing\"{labels}}})")
    };
    let tests = [
        (
            two_releases(),
            fires("EtcdSidecarVanished", ""),
            "25m",
            None,
        ),
        (
            two_releases(),
            fires("EtcdSidecarVanished", ",job=\"other\""),
            "80m",
            Some(1.0),
        ),
        (
            two_releases(),
            fires("EtcdSidecarVanished", ",job=\"etcd\""),
            "80m",
            None,
        ),
        (two_releases(), fires("EtcdBackupsUnseen", ""), "80m", None),
        // Of one that was taken away on purpose it is silent after an hour.
        (
            two_releases(),
            fires("EtcdSidecarVanished", ""),
            "110m",
            None,
        ),
    ];
    judged(room.path(), &tests);
}

/// The same of followers, which know nothing of backups: only the leader's word counts.
#[test]
fn a_follower_beside_a_leader_is_no_trouble() {
    let scraped = scraped();
    let room = tempfile::tempdir().unwrap();
    let follower = |told: &str, value: f64| {
        let series = labelled(told).replace("etcd-0", "etcd-1");
        json!({"series": series, "values": always(value)})
    };
    let mut all = input(&scraped, &[]);
    all.push(follower("etcdbr_loss_seconds", f64::NAN));
    all.push(follower("etcdbr_snapshot_required{kind=\"Incr\"}", 0.0));
    all.push(follower(
        "etcdbr_snapshot_latest_timestamp{kind=\"Full\"}",
        -1_000_000.0,
    ));
    all.push(follower(
        "etcdbr_snapshot_latest_timestamp{kind=\"Incr\"}",
        -1_000_000.0,
    ));
    judged(
        room.path(),
        &[(all, "count(ALERTS)".to_owned(), "65m", None)],
    );
}

/// gardener joins by pod and role what etcd-backup-restore tells. One label more on either side, or a second series of one kind, and its alerts
/// are silent or an error.
#[test]
fn alerts_that_were_written_for_the_reference_go_on_working() {
    let scraped = scraped();
    let room = tempfile::tempdir().unwrap();
    let tests: Vec<_> = ["Incr", "Full"]
        .into_iter()
        .map(|kind| {
            let due = format!("etcdbr_snapshot_required{{kind=\"{kind}\"}}");
            let taken = format!("etcdbr_snapshot_latest_timestamp{{kind=\"{kind}\"}}");
            let fires =
                format!("count(((time() - {taken} > bool 900) + on (pod, role) {due}) == 2)");
            let trouble = [(due.as_str(), "1x480"), (taken.as_str(), "0x480")];
            (input(&scraped, &trouble), fires, "20m", Some(1.0))
        })
        .collect();
    judged(room.path(), &tests);
}

/// At three in the morning the link of the alert must lead to what to do.
#[test]
fn each_alert_has_a_page() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/alerts.md"))
        .unwrap();
    let rules = fs::read_to_string(monitoring("alerts.yaml")).unwrap();
    for alert in alerts() {
        assert!(
            page.contains(&format!("\n## {alert}\n")),
            "{alert} has no page"
        );
        let link = format!("runbook: docs/alerts.md#{}", alert.to_lowercase());
        assert!(rules.contains(&link), "{alert} has no link");
    }
}
