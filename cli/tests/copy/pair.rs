//! Two stores, and the program between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Site, contents};

/// A source and a destination, each a directory.
pub(crate) struct Pair {
    pub(crate) source: Site,
    pub(crate) destination: Site,
}

impl Pair {
    /// From this store to an empty directory.
    pub(crate) fn from(source: Site) -> Self {
        let destination = Site::new();
        fs::remove_dir_all(destination.store()).unwrap();
        Self {
            source,
            destination,
        }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.destination.command("copy", args);
        let source = self.source.store();
        command.arg("--source-store-container").arg(source);
        command
    }

    /// A run after which the source is what it was.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let before = contents(&self.source.store());
        let run = Run::of(self.command(args));
        assert_eq!(contents(&self.source.store()), before, "the source changed");
        run
    }

    /// One that copies all that is asked for: its report.
    pub(crate) fn copied(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["-o", "json"], args].concat());
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// One that does not: what it prints, and what it says at its end.
    pub(crate) fn failed(&self, args: &[&str]) -> (Value, String) {
        let run = self.run(&[&["-o", "json"], args].concat());
        assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
        (serde_json::from_str(&run.stdout).unwrap(), run.stderr)
    }

    /// The objects of the destination, by their keys.
    pub(crate) fn there(&self) -> BTreeMap<String, Vec<u8>> {
        objects(&self.destination.store())
    }
}

/// The objects of a store, by their keys; what uploads keep meanwhile is none.
pub(crate) fn objects(store: &Path) -> BTreeMap<String, Vec<u8>> {
    if !store.exists() {
        return BTreeMap::new();
    }
    let below = |path: PathBuf| path.strip_prefix(store).unwrap().display().to_string();
    let files = contents(store)
        .into_iter()
        .filter(|(path, _)| path.is_file());
    let objects = files.map(|(path, bytes)| (below(path), bytes));
    objects
        .filter(|(key, _)| !key.starts_with(".etcdbr-staging"))
        .collect()
}

/// What became of the snapshot of this name.
pub(crate) fn line<'a>(report: &'a Value, name: &str) -> &'a Value {
    let lines = report["objects"].as_array().unwrap();
    let named = |line: &&Value| line["snapshot"].as_str().unwrap().ends_with(name);
    lines.iter().find(named).unwrap()
}

/// The outcomes, in order, each with how often it comes.
pub(crate) fn outcomes(report: &Value) -> BTreeMap<String, usize> {
    let mut outcomes = BTreeMap::new();
    for line in report["objects"].as_array().unwrap() {
        let outcome = line["outcome"].as_str().unwrap().to_owned();
        *outcomes.entry(outcome).or_default() += 1;
    }
    outcomes
}
