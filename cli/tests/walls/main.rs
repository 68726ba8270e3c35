//! Who may know whom, what may enter the tree, and how large a file may grow. Here, since the
//! command line is the one crate that stands above all others.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod architecture;
mod circles;
mod flags;
mod floors;
mod modules;
mod named;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

type Table = [(&'static str, &'static [&'static str])];

/// What a crate may use. ARCHITECTURE.md draws these arrows.
const MAY_USE: &Table = &[
    ("snapstore", &[]),
    ("bolt", &[]),
    ("etcd", &["bolt"]),
    ("trust", &[]),
    ("client", &["snapstore", "trust"]),
    ("engine", &["bolt", "client", "etcd", "snapstore"]),
    ("snapstore-cloud", &["snapstore", "trust"]),
    ("snapstore-abs", &["snapstore", "snapstore-cloud"]),
    ("snapstore-gcs", &["snapstore", "snapstore-cloud"]),
    ("snapstore-local", &["snapstore"]),
    ("snapstore-oss", &["snapstore", "snapstore-cloud"]),
    ("snapstore-s3", &["snapstore", "snapstore-cloud"]),
    ("snapstore-swift", &["snapstore", "snapstore-cloud"]),
    ("snapstore-plugin", &["snapstore"]),
    ("page", &[]),
    ("server", &["page", "snapstore", "snapstore-cloud"]),
    ("kubernetes", &["snapstore-cloud"]),
    ("conformance-tests", &["snapstore"]),
    (
        "etcdbrctl",
        &[
            "client",
            "conformance-tests",
            "engine",
            "kubernetes",
            "page",
            "server",
            "snapstore",
            "snapstore-abs",
            "snapstore-gcs",
            "snapstore-local",
            "snapstore-oss",
            "snapstore-plugin",
            "snapstore-s3",
            "snapstore-swift",
        ],
    ),
    (
        "testkit",
        &[
            "bolt",
            "conformance-tests",
            "etcd",
            "snapstore",
            "snapstore-abs",
            "snapstore-cloud",
            "snapstore-gcs",
            "snapstore-oss",
            "snapstore-s3",
            "snapstore-swift",
        ],
    ),
    ("xtask", &["bolt", "etcd", "testkit"]),
];

/// What its tests may use besides.
const TESTS_MAY_USE: &Table = &[
    ("client", &["bolt", "client", "etcd", "testkit"]),
    ("engine", &["client", "snapstore-local", "testkit"]),
    ("page", &["testkit"]),
    ("server", &["testkit"]),
    ("kubernetes", &["testkit"]),
    (
        "conformance-tests",
        &[
            "snapstore-abs",
            "snapstore-cloud",
            "snapstore-gcs",
            "snapstore-local",
            "snapstore-oss",
            "snapstore-s3",
            "snapstore-swift",
            "testkit",
        ],
    ),
    ("testkit", &["testkit"]),
    ("snapstore-plugin", &["conformance-tests"]),
    (
        "etcdbrctl",
        &[
            "bolt",
            "conformance-tests",
            "etcd",
            "snapstore-cloud",
            "testkit",
        ],
    ),
];

const LONGEST_FILE: usize = 400;
const LONGEST_MEDIAN: usize = 150;

/// Drawers for anything.
const NAMES_THAT_SAY_NOTHING: [&str; 8] = [
    "util", "utils", "misc", "common", "types", "helper", "helpers", "manager",
];

/// Written in two pieces, or this file would be found itself.
const LEFT_FOR_LATER: [&str; 4] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[", "ignore"),
    concat!("cfg_attr(", "ignore"),
];

fn root() -> PathBuf {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR"));
    cli.parent().unwrap().to_owned()
}

/// What cargo knows of the tree, for this machine.
fn metadata() -> Value {
    let asked = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(["--filter-platform", &host()])
        .current_dir(root())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{complaint}");
    serde_json::from_slice(&asked.stdout).unwrap()
}

/// The packages that are really compiled, name and version. Metadata lists more: those that an
/// optional dependency of a dependency would bring if anybody asked for it.
fn tree() -> BTreeSet<String> {
    let asked = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--all-features", "--locked"])
        .args(["--edges", "normal,build,dev", "--target", &host()])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{complaint}");
    let lines = String::from_utf8(asked.stdout).unwrap();
    let packages = lines.lines().filter(|line| !line.is_empty());
    packages
        .map(|line| {
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// Those packages of the metadata that are compiled.
fn compiled(metadata: &Value) -> Vec<&Value> {
    let tree = tree();
    let name = |package: &Value| format!("{} v{}", text(package, "name"), text(package, "version"));
    let packages = array(metadata, "packages").iter();
    let compiled: Vec<_> = packages
        .filter(|package| tree.contains(&name(package)))
        .collect();
    assert_eq!(
        compiled.len(),
        tree.len(),
        "every package of the tree is known"
    );
    compiled
}

fn host() -> String {
    let said = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn array<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap()
}

/// The crates of this workspace.
fn ours(metadata: &Value) -> Vec<&Value> {
    let members = array(metadata, "workspace_members");
    let packages = array(metadata, "packages").iter();
    packages
        .filter(|package| members.contains(&package["id"]))
        .collect()
}

fn row(table: &Table, package: &str) -> &'static [&'static str] {
    let row = table.iter().find(|(name, _)| *name == package);
    row.map_or(&[], |(_, may)| may)
}

#[test]
fn every_dependency_inside_is_an_arrow_of_the_architecture() {
    let metadata = metadata();
    let ours = ours(&metadata);
    let names: BTreeSet<_> = ours.iter().map(|package| text(package, "name")).collect();
    let known: BTreeSet<_> = MAY_USE.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known, "every crate has a row in the table");
    for package in ours {
        let name = text(package, "name");
        for dependency in array(package, "dependencies") {
            let used = text(dependency, "name");
            let in_tests = dependency["kind"] == "dev" && row(TESTS_MAY_USE, name).contains(&used);
            let may = in_tests || row(MAY_USE, name).contains(&used);
            assert!(
                may || dependency["path"].is_null(),
                "{name} must not know {used}"
            );
        }
    }
}

/// gRPC is one crate's affair: the others ask an etcd through its port, and a fake stands in for it.
#[test]
fn only_the_client_knows_tonic() {
    let metadata = metadata();
    let mut knows = Vec::new();
    for package in ours(&metadata) {
        let used = array(package, "dependencies").iter();
        let mut used = used.map(|dependency| text(dependency, "name"));
        if used.any(|name| name.starts_with("tonic") || name == "prost-types") {
            knows.push(text(package, "name"));
        }
    }
    assert_eq!(knows, ["client"]);
}

fn deny() -> toml::Table {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    deny.parse().unwrap()
}

#[test]
fn what_is_banned_is_not_in_the_tree() {
    let deny = deny();
    let banned = deny["bans"]["deny"].as_array().unwrap();
    let banned: BTreeSet<_> = banned
        .iter()
        .map(|ban| ban["crate"].as_str().unwrap())
        .collect();
    let metadata = metadata();
    for package in compiled(&metadata) {
        let name = text(package, "name");
        assert!(!banned.contains(name), "{name} is in the tree");
        let source = package["source"].as_str();
        let crates_io = "registry+https://github.com/rust-lang/crates.io-index";
        let known = source.is_none_or(|source| source == crates_io);
        assert!(known, "{name} comes from {source:?}");
    }
}

#[test]
fn every_licence_is_one_that_is_meant() {
    let deny = deny();
    let allow = deny["licenses"]["allow"].as_array().unwrap();
    let allow: BTreeSet<_> = allow.iter().map(|id| id.as_str().unwrap()).collect();
    let metadata = metadata();
    let mut stated = String::new();
    for package in compiled(&metadata) {
        let (name, licence) = (text(package, "name"), text(package, "license"));
        let parsed = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX).unwrap();
        let meant = parsed.evaluate(|needed| {
            let id = needed.license.id().map_or("", |id| id.name);
            needed.addition.is_none() && allow.contains(id)
        });
        assert!(meant, "{name} is under {licence:?}");
        stated.push_str(licence);
    }
    for id in allow {
        assert!(
            stated.contains(id),
            "deny.toml allows {id}, which nobody needs"
        );
    }
}

#[test]
fn every_crate_is_under_the_lints_of_the_workspace() {
    // A C boundary cannot be crossed without `unsafe`, which the workspace forbids.
    let but_the_boundary = |package: &&Value| text(package, "name") != "snapstore-plugin";
    for package in ours(&metadata()).into_iter().filter(but_the_boundary) {
        let manifest = fs::read_to_string(text(package, "manifest_path")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        let under = lints.and_then(toml::Value::as_bool);
        assert_eq!(under, Some(true), "{}", text(package, "name"));
    }
}

/// Every source file of ours, and its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut dirs = vec![root()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                dirs.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    assert!(sources.len() > 100, "only {} sources found", sources.len());
    sources
}

#[test]
fn files_are_short() {
    let sources = sources().into_iter();
    let mut lengths: Vec<_> = sources
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    let path = path.display();
    assert!(*longest <= LONGEST_FILE, "{path} has {longest} lines");
    let median = lengths[lengths.len() / 2].0;
    assert!(
        median < LONGEST_MEDIAN,
        "the median file has {median} lines"
    );
}

#[test]
fn names_say_what_is_inside() {
    for (path, text) in sources() {
        let names = path.iter().filter_map(|name| name.to_str());
        let names = names.map(|name| name.trim_end_matches(".rs"));
        let inside = text.lines().filter_map(|line| line.split_once("mod "));
        let inside = inside.map(|(_, rest)| rest.trim_end_matches([';', '{', ' ']));
        // What stands above the workspace on this machine is not ours.
        for name in names.skip(root().iter().count()).chain(inside) {
            let says_nothing = NAMES_THAT_SAY_NOTHING.contains(&name);
            assert!(!says_nothing, "{}: {name}", path.display());
        }
    }
}

/// A test that is left out looks like one that passes, and so does code left for later.
#[test]
fn nothing_is_left_for_later() {
    for (path, text) in sources() {
        let left = LEFT_FOR_LATER.into_iter().find(|word| text.contains(word));
        assert_eq!(left, None, "{}", path.display());
    }
}
