//! The metrics that the chart's alert rules ask for.

use std::fs;
use std::path::Path;

use crate::rendered::{objects, only};
use crate::settings;

/// A rule over a name that nobody exports is never true.
#[test]
fn each_rule_asks_for_metrics_that_there_are() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/server/src/metrics/names.rs");
    let table = fs::read_to_string(table).unwrap();
    let rendered = objects(&settings::everything());
    let rule = only(&rendered, "PrometheusRule");
    let rules = rule["spec"]["groups"][0]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 4);
    for rule in rules {
        let expression = rule["expr"].as_str().unwrap();
        let begin = expression.find("etcdbr_").unwrap();
        let named = expression[begin..].split('{').next().unwrap();
        assert!(table.contains(&format!("\"{named}\"")), "{expression}");
        // One etcd alone, whatever else is scraped.
        let selected = "namespace=\"garden\",service=\"main-etcd-client\"";
        assert!(expression.contains(selected), "{expression}");
    }
}
