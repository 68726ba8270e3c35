//! ARCHITECTURE.md and CONTRIBUTING.md against the tree: the arrows of the picture, and the files that they name.

use std::collections::BTreeSet;
use std::fs;

use crate::{MAY_USE, root};

type Edges = BTreeSet<(String, String)>;

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The name of the package in a directory.
fn package(directory: &str) -> String {
    match directory.rsplit('/').next().unwrap() {
        "cli" => "etcdbrctl".to_owned(),
        part @ ("cloud" | "plugin") => format!("snapstore-{part}"),
        part if directory.starts_with("backends/") => format!("snapstore-{part}"),
        part => part.to_owned(),
    }
}

/// The directories that a line of the picture names, up to the gap before what it says of them.
fn directories(names: &str) -> Vec<String> {
    let (names, without_local) = match names.split_once(" (not local)") {
        Some((names, _)) => (names, true),
        None => (names.split("  ").next().unwrap(), false),
    };
    let each = |name: &str| match name.strip_suffix("/*") {
        None => vec![name.to_owned()],
        Some(above) => {
            let entries = fs::read_dir(root().join(above)).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let names = names.filter(|name| !without_local || name != "local");
            names.map(|name| format!("{above}/{name}")).collect()
        }
    };
    names.trim().split(", ").flat_map(each).collect()
}

/// The arrows of the picture.
fn drawn() -> Edges {
    let text = page("ARCHITECTURE.md");
    let picture = text.split("```").nth(1).unwrap();
    let mut edges = Edges::new();
    let mut above: Vec<(usize, Vec<String>)> = Vec::new();
    for line in picture
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
    {
        let (column, names) = match line.split_once("─▶ ") {
            Some((before, names)) => (before.chars().count(), names),
            None => (0, line.trim_start()),
        };
        above.retain(|(left, _)| *left < column);
        let targets = directories(names);
        let users = above.last().map_or(&[][..], |(_, users)| users);
        let users = users.iter().filter(|user| {
            let is_spared = line.contains("(local needs none of it)");
            !is_spared || *user != "backends/local"
        });
        for user in users {
            edges.extend(targets.iter().map(|to| (package(user), package(to))));
        }
        above.push((column, targets));
    }
    edges
}

/// The picture said that every allowed arrow is drawn. That from the command line to the client of etcd, with
/// which it takes snapshots, was not.
#[test]
fn every_arrow_that_is_allowed_is_drawn_and_no_other() {
    let allowed: Edges = MAY_USE
        .iter()
        .flat_map(|(user, used)| used.iter().map(|to| ((*user).to_owned(), (*to).to_owned())))
        .collect();
    let drawn = drawn();
    let missing: Vec<_> = allowed.difference(&drawn).collect();
    let too_many: Vec<_> = drawn.difference(&allowed).collect();
    assert!(missing.is_empty(), "not drawn: {missing:?}");
    assert!(too_many.is_empty(), "not allowed: {too_many:?}");
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_there(path: &str) -> bool {
    let path = path.replace("/X/", "/s3/").replace("/*/", "/etcd/");
    root().join(&path).exists() || root().join(format!("{path}.rs")).exists()
}

/// The tables name files as somebody looks for them: below the directory of their section, below the root, or
/// beside the one named before. Two of them stood one floor above the place that was said.
#[test]
fn each_file_in_a_table_is_where_it_is_said_to_be() {
    let text = page("ARCHITECTURE.md");
    let (mut base, mut column, mut checked) = (String::new(), None, 0);
    for line in text.lines() {
        if line.starts_with("## ") {
            base.clear();
        }
        if let Some((_, below)) = line.split_once("Paths are below `") {
            base = format!("{}/", below.split('`').next().unwrap());
        }
        let cells: Vec<&str> = line.split('|').collect();
        if !line.starts_with('|') {
            column = None;
        } else if let Some(at) = cells.iter().position(|cell| cell.trim() == "where") {
            column = Some(at);
        } else if let Some(cell) = column.and_then(|at| cells.get(at)) {
            let mut beside = String::new();
            for name in quoted(cell) {
                let is_path = name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || "X_/.-3".contains(c));
                if !is_path {
                    continue;
                }
                let found = [&base, &beside, &String::new()]
                    .map(|above| format!("{above}{name}"))
                    .into_iter()
                    .find(|path| is_there(path));
                let found = found.unwrap_or_else(|| panic!("no file is named {name}: {line}"));
                let above = found.rfind('/').map_or(0, |at| at + 1);
                beside = found[..above].to_owned();
                checked += 1;
            }
        }
    }
    assert!(checked > 60, "only {checked} names were looked at");
}

/// So it is with whatever names a file from the root on.
#[test]
fn each_path_from_the_root_is_there() {
    let roots = [
        "cli/",
        "core/",
        "backends/",
        "testkit/",
        "conformance-tests/",
        "xtask/",
        "docs/",
    ];
    let mut checked = 0;
    for name in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "STYLE.md",
        "README.md",
    ] {
        let text = page(name);
        for path in quoted(&text.replace("```", "")) {
            let is_path = roots.iter().any(|root| path.starts_with(root));
            if is_path && !path.contains(['N', ' ', '<', '…']) {
                assert!(is_there(path), "{name}: there is no {path}");
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "only {checked} paths were looked at");
}
