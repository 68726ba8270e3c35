use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use testkit::oracles;

use crate::support::{Run, Site};

/// A stock etcd.
pub(crate) fn etcd(version: &str) -> String {
    let binary = oracles::etcd(version).unwrap();
    binary.path().display().to_string()
}

/// A drill, with a directory of its own for what it restores.
pub(crate) fn command(site: &Site, words: &[&str]) -> Command {
    let scratch = scratch(site);
    fs::create_dir_all(&scratch).unwrap();
    let mut command = site.command("drill", words);
    command.arg("--scratch-dir").arg(scratch);
    command.current_dir(site.path());
    command
}

pub(crate) fn scratch(site: &Site) -> PathBuf {
    site.path().join("scratch")
}

/// One that ends with this exit code, says so in its report, and leaves nothing.
pub(crate) fn drilled(site: &Site, words: &[&str], code: i32) -> Value {
    let run = Run::of(command(site, &[&["-o", "json"], words].concat()));
    assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
    assert_eq!(fs::read_dir(scratch(site)).unwrap().count(), 0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// What a report says of a check.
pub(crate) fn outcomes<'a>(report: &'a Value, what: &str, with: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().unwrap().iter();
    let such = checks.filter(|check| {
        let text = |name: &str| check[name].as_str().unwrap();
        text("what") == what && text("with").contains(with)
    });
    such.map(|check| check["outcome"].as_str().unwrap())
        .collect()
}

/// A program that stands for etcd.
pub(crate) fn script(site: &Site, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = site.path().join("an-etcd");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// The objects below a directory of the store whose names begin so.
pub(crate) fn objects(site: &Site, below: &str, begin: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.store().join(below)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = |path: &Path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(begin)
    };
    let mut paths: Vec<_> = paths.filter(|path| named(path)).collect();
    paths.sort();
    paths
}
