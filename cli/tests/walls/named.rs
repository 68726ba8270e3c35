//! A file that no module names is compiled by nobody and read by everybody.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{root, sources};

/// `core/engine/src/snapshot/mod.rs` was left behind when its modules moved to `backups`, and stayed for
/// weeks: it compiled nowhere, so that no lint and no test saw it.
#[test]
fn every_source_file_is_named_by_a_module() {
    let mut told = String::new();
    for (path, _) in sources() {
        let shown = path.strip_prefix(root()).unwrap();
        if shown.iter().any(|part| part == "src") && !is_root(shown) && !is_named(&path) {
            told += &format!("{}\n", shown.display());
        }
    }
    assert!(told.is_empty(), "no module names\n{told}");
}

/// Programs beside the library are roots as well, and what the test of a seventh provider copies is no
/// part of this workspace.
fn is_root(shown: &Path) -> bool {
    let is_program = shown.parent().is_some_and(|dir| dir.ends_with("src/bin"));
    is_program || shown.ends_with("src/lib.rs") || shown.ends_with("src/main.rs")
}

/// Whether a file that may hold `path` as a module says so.
fn is_named(path: &Path) -> bool {
    let dir = path.parent().unwrap();
    let (module, above) = match path.ends_with("mod.rs") {
        true => (dir.file_name().unwrap(), dir.parent().unwrap()),
        false => (path.file_stem().unwrap(), dir),
    };
    let module = module.to_str().unwrap();
    let file = path.file_name().unwrap().to_str().unwrap();
    let named = |holder: &PathBuf| {
        let text = fs::read_to_string(holder).unwrap_or_default();
        text.lines().any(|line| {
            line.trim_end().ends_with(&format!("mod {module};"))
                || line.trim() == format!("#[path = \"{file}\"]")
        })
    };
    holders(above).iter().any(named)
}

/// The files in which modules that lie in `dir` can be named: its index, the file beside it, and, for one
/// that names the path itself, every file in it.
fn holders(dir: &Path) -> Vec<PathBuf> {
    let mut holders = vec![dir.with_extension("rs")];
    let inside = fs::read_dir(dir).unwrap();
    holders.extend(inside.map(|entry| entry.unwrap().path()));
    holders.retain(|path| path.is_file());
    holders
}

#[test]
fn a_file_that_nobody_names_is_seen() {
    let room = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = room.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    write("lib.rs", "mod a;\npub mod b;\n");
    for (name, named) in [
        ("a.rs", true),
        ("b/mod.rs", true),
        ("c.rs", false),
        ("d/mod.rs", false),
        ("b/inner.rs", false),
    ] {
        assert_eq!(is_named(&write(name, "")), named, "{name}");
    }
}
