//! The alerts and the dashboard of the chart are the files that `cli/tests/server/alerts.rs` judges.

use std::fs;

use serde_json::Value;

use crate::rendered::{chart, name, objects, of_kind, only};
use crate::settings;

/// Their texts have braces in them as a template has: what Helm made of those would be no text any more.
#[test]
fn they_are_as_they_were_judged() {
    let file = |name: &str| fs::read_to_string(chart().join("files").join(name)).unwrap();
    let rendered = objects(&settings::everything());
    let rules: Value = serde_saphyr::from_str(&file("alerts.yaml")).unwrap();
    assert_eq!(only(&rendered, "PrometheusRule")["spec"], rules);
    let maps = of_kind(&rendered, "ConfigMap");
    let dashboard = maps
        .into_iter()
        .find(|map| name(map) == "main-etcd-dashboard");
    let dashboard = &dashboard.unwrap()["data"]["etcdbrctl.json"];
    assert_eq!(dashboard, &Value::String(file("dashboard.json")));
}
