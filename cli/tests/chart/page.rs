//! docs/chart.md: the values that it shows are ones that the chart takes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::rendered::{objects, of_kind};

#[test]
fn values_of_the_page_are_taken() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/chart.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```yaml\n").skip(1);
    let kinds: Vec<(usize, usize)> = blocks
        .map(|rest| {
            let block = rest.split("```").next().unwrap();
            let values: Value = serde_saphyr::from_str(block).unwrap();
            let rendered = objects(&values);
            let count = |kind| of_kind(&rendered, kind).len();
            (count("StatefulSet"), count("CronJob"))
        })
        .collect();
    assert_eq!(kinds, [(1, 0), (0, 2)]);
}
