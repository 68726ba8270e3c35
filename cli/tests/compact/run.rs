//! Runs of the command, and what they have left in the store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Site, contents};

/// A compaction that must succeed: its report.
pub(crate) fn compacted(site: &Site, args: &[&str]) -> Value {
    let run = site.run("compact", &[&["-o", "json"], args].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// One that must be refused, and change nothing.
pub(crate) fn refused(site: &Site, args: &[&str], words: &[&str]) {
    let before = contents(&site.store());
    site.run("compact", args).failed_with(words);
    assert_eq!(contents(&site.store()), before, "the store was changed");
}

/// What is there now and was not there before, but for what uploads leave empty; all else is as it was.
pub(crate) fn added(site: &Site, before: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut after = contents(&site.store());
    for (path, bytes) in before {
        assert_eq!(after.remove(path).as_ref(), Some(bytes), "{path:?}");
    }
    let below = |path: PathBuf| {
        path.strip_prefix(site.store())
            .unwrap()
            .display()
            .to_string()
    };
    let is_object = |path: &String| !path.starts_with(".etcdbr-staging");
    after.into_keys().map(below).filter(is_object).collect()
}

pub(crate) fn file_name(report: &Value) -> String {
    let key = report["snapshot"].as_str().unwrap();
    key.strip_prefix("v2/").unwrap().to_owned()
}
