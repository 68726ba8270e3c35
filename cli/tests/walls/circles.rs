//! Two files that take names of each other are one file in two: neither can be read, tested or moved alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::modules::{Modules, Taken};
use crate::{metadata, ours, text};

#[test]
fn no_file_takes_names_in_a_circle() {
    let mut told = String::new();
    for package in ours(&metadata()) {
        let (name, manifest) = (text(package, "name"), text(package, "manifest_path"));
        let dir = Path::new(manifest).parent().unwrap();
        let modules = Modules::read(dir);
        assert!(modules.files().len() > 2, "{name} has few files");
        for circle in circles(&modules.taken()) {
            writeln!(told, "{name}:").unwrap();
            for (from, to, names) in circle {
                let below = dir.join("src");
                let shown = |path: &Path| path.strip_prefix(&below).unwrap().display().to_string();
                writeln!(told, "  {} takes {names} from {}", shown(&from), shown(&to)).unwrap();
            }
        }
    }
    assert!(told.is_empty(), "\n{told}");
}

type Edge = (PathBuf, PathBuf, String);

/// The edges on circles, by circle.
fn circles(taken: &Taken) -> Vec<Vec<Edge>> {
    let mut ahead: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for (from, to) in taken.keys() {
        ahead.entry(from).or_default().insert(to);
    }
    let reached: BTreeMap<_, _> = ahead
        .keys()
        .map(|from| (*from, reach(&ahead, from)))
        .collect();
    let mut circles: BTreeMap<BTreeSet<&Path>, Vec<Edge>> = BTreeMap::new();
    for ((from, to), names) in taken {
        let leads_back = |way: &BTreeSet<&Path>| way.contains(from.as_path());
        if !reached.get(to.as_path()).is_some_and(leads_back) {
            continue;
        }
        // Two files are of one circle when each is reached from the other.
        let all = reached[from.as_path()].iter().copied();
        let on = all
            .filter(|file| reached.get(file).is_some_and(leads_back))
            .collect();
        let names: Vec<_> = names.iter().cloned().collect();
        let edge = (from.clone(), to.clone(), names.join(", "));
        circles.entry(on).or_default().push(edge);
    }
    circles.into_values().collect()
}

fn reach<'a>(ahead: &BTreeMap<&'a Path, BTreeSet<&'a Path>>, from: &Path) -> BTreeSet<&'a Path> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(at) = next.pop() {
        for to in ahead.get(at).into_iter().flatten() {
            if reached.insert(*to) {
                next.push(to);
            }
        }
    }
    reached
}

/// The test of the test: each way in which a file may take a name of another closes a circle.
#[test]
fn each_way_to_a_name_is_seen() {
    for (one, other) in [
        (
            "#[error(\"{}\", crate::b::b())]\npub struct A;",
            "pub fn b() -> crate::a::A { crate::a::A }",
        ),
        (
            "use super::b::B;\npub struct A;",
            "pub struct B(super::a::A);",
        ),
        (
            "pub fn a() { super::b::b() }",
            "pub fn b() { crate::a::a() }",
        ),
        (
            "pub fn a() { print!(\"{}\", crate::b::b()) }",
            "use crate::a;\npub fn b() { a::a() }",
        ),
        (
            "use crate::*;\npub fn a() { b::b() }",
            "use super::a as it;\npub fn b() { it::a() }",
        ),
        (
            "use crate::Handed;\npub struct A(Handed);",
            "pub struct Handed(crate::a::A);",
        ),
    ] {
        let found = found_in(one, other);
        assert_eq!(found.len(), 1, "{one}\n{other}\n{found:?}");
        assert_eq!(found[0].len(), 2, "{found:?}");
    }
    let tests_only = "#[cfg(test)]\nmod tests { use crate::a::A; }\npub struct B;";
    assert_eq!(
        found_in("pub struct A(crate::b::B);", tests_only),
        Vec::<Vec<Edge>>::new()
    );
}

fn found_in(one: &str, other: &str) -> Vec<Vec<Edge>> {
    let dir = tempfile::tempdir().unwrap();
    let src = dir.path().join("src");
    fs::create_dir(&src).unwrap();
    let handed = if other.contains("Handed") {
        "pub use b::Handed;"
    } else {
        ""
    };
    fs::write(src.join("lib.rs"), format!("mod a;\nmod b;\n{handed}")).unwrap();
    fs::write(src.join("a.rs"), one).unwrap();
    fs::write(src.join("b.rs"), other).unwrap();
    circles(&Modules::read(dir.path()).taken())
}
