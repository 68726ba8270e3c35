//! Runs of the program, and snapshots to run it on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::support::{Run, Site, contents, program};

/// `etcdbrctl` in the directory of the site.
pub(crate) fn etcdbrctl(site: &Site, words: &[&str]) -> Run {
    let mut command = Command::new(program());
    command.env_clear().env("HOME", site.path());
    command.current_dir(site.path()).args(words);
    Run::of(command)
}

pub(crate) fn succeeded(run: &Run) -> &Run {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run
}

pub(crate) fn json(run: &Run) -> Value {
    serde_json::from_str(&succeeded(run).stdout).unwrap()
}

/// What a verification says of a file.
pub(crate) fn verified(site: &Site, file: &str) -> Value {
    json(&etcdbrctl(
        site,
        &["verify", "--from-file", file, "-o", "json"],
    ))
}

/// A snapshot as etcd sent it, its hash included, in the file `my.db`; and its bytes.
pub(crate) fn snapshot(site: &Site) -> (PathBuf, Vec<u8>) {
    let backups = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip/v2");
    let full = fs::read_dir(backups)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.display().to_string().contains("/Full"));
    let path = site.path().join("my.db");
    let full = fs::File::open(full.unwrap()).unwrap();
    std::io::copy(
        &mut MultiGzDecoder::new(full),
        &mut fs::File::create(&path).unwrap(),
    )
    .unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

/// The objects of the store, but for what uploads leave empty.
pub(crate) fn objects(site: &Site) -> Vec<String> {
    let below = |path: PathBuf| {
        let below = path.strip_prefix(site.store()).unwrap();
        below.display().to_string()
    };
    let files = contents(&site.store()).into_keys();
    let files = files.filter(|path| path.is_file()).map(below);
    files.filter(|path| !path.starts_with('.')).collect()
}
