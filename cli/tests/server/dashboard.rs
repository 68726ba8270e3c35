//! The dashboard, by promtool and what a real sidecar tells.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::alerts::{monitoring, promtool, scraped};

/// A panel over a metric that no sidecar tells is empty for ever.
#[test]
fn each_panel_reads_what_a_sidecar_tells() {
    let dashboard = fs::read_to_string(monitoring("dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let targets = dashboard["panels"].as_array().unwrap().iter();
    let targets = targets.flat_map(|panel| panel["targets"].as_array().unwrap());
    let exprs: Vec<&str> = targets
        .map(|target| target["expr"].as_str().unwrap())
        .collect();
    assert!(exprs.len() > 12, "{exprs:?}");
    let told: BTreeSet<String> = scraped()
        .into_iter()
        .map(|one| one.told.split('{').next().unwrap().to_owned())
        .collect();
    let room = tempfile::tempdir().unwrap();
    let rules: Vec<_> = exprs
        .iter()
        .enumerate()
        .map(|(at, expr)| json!({"record": format!("panel:{at}"), "expr": expr}))
        .collect();
    let file = json!({"groups": [{"name": "panels", "rules": rules}]});
    let path = room.path().join("panels.json");
    fs::write(&path, file.to_string()).unwrap();
    promtool(&["check", "rules", path.to_str().unwrap()]);
    for expr in exprs {
        let words = expr.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let metrics =
            words.filter(|word| word.starts_with("etcdbr_") || word.starts_with("process_"));
        for metric in metrics {
            assert!(
                told.contains(metric),
                "{metric} of {expr} is told by no sidecar"
            );
        }
    }
}
