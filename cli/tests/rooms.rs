//! Six backends on one plan: who knows one knows six.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The rooms of a backend, and what each has in it that no other file of the crate has.
const ROOMS: [(&str, &str); 11] = [
    ("config", "struct Settings "),
    ("credentials", "struct Origin"),
    ("client", "struct Client "),
    ("bucket", "struct Bucket "),
    ("store", "impl Snapstore for "),
    ("read", "-> Result<Download>"),
    ("list", "ObjectMeta"),
    ("upload", "impl Upload for "),
    ("copy", "-> Result<Copied>"),
    ("sweep", "fn sweep("),
    ("error", "Error"),
];

/// What others have too: every file speaks of errors, `Snapstore::get` returns a download, a store a copy, and a page
/// of a listing is read from a list of objects.
const EVERYWHERE: [&str; 5] = ["read", "list", "copy", "sweep", "error"];

/// Rooms that a backend has no use for, and why.
const ABSENT: [(&str, &[&str], &str); 1] = [(
    "local",
    &["credentials", "client"],
    "a directory has no server that would want to know who asks",
)];

/// Each backend's files: their names without `.rs`, and their texts.
fn backends() -> BTreeMap<String, BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dirs = fs::read_dir(root.join("backends")).unwrap();
    let dirs = dirs.map(|dir| dir.unwrap().path());
    let backends: BTreeMap<_, _> = dirs
        .map(|dir| {
            let files = fs::read_dir(dir.join("src")).unwrap();
            let files = files.map(|file| {
                let path = file.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(&path).unwrap())
            });
            let name = dir.file_name().unwrap().to_str().unwrap().to_owned();
            (name, files.collect())
        })
        .collect();
    assert!(backends.len() >= 6, "{:?}", backends.keys());
    backends
}

fn rooms(backend: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let absent = ABSENT.iter().find(|(name, ..)| *name == backend);
    let absent = absent.map_or(&[][..], |(_, rooms, _)| rooms);
    ROOMS.iter().filter(move |(room, _)| !absent.contains(room))
}

/// Three backends had these files, and `config.rs` was a different thing in each of the others; what is
/// asked of a bucket at opening stood in `probe`, `bucket`, `container` and `store`.
#[test]
fn every_backend_has_the_same_rooms_with_the_same_in_them() {
    for (backend, files) in backends() {
        for (room, what) in rooms(&backend) {
            let text = files.get(*room);
            let text = text.unwrap_or_else(|| panic!("{backend} has no {room}.rs"));
            assert!(text.contains(what), "{backend}/{room}.rs has no {what:?}");
            if EVERYWHERE.contains(room) {
                continue;
            }
            let others = files.iter().filter(|(name, _)| name != room);
            let other = others.into_iter().find(|(_, text)| text.contains(what));
            let other = other.map(|(name, _)| name);
            assert_eq!(other, None, "{backend}: {what:?} belongs into {room}.rs");
        }
    }
}

#[test]
fn a_crate_names_the_rooms_first_and_then_what_it_alone_has() {
    for (backend, files) in backends() {
        let text = &files["lib"];
        let blocks = text.split("\n\n").map(|block| {
            let lines = block.lines();
            let names = lines.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
            names.collect::<Vec<_>>()
        });
        let blocks: Vec<_> = blocks.filter(|names| !names.is_empty()).collect();
        let mut expected: Vec<_> = rooms(&backend).map(|(room, _)| *room).collect();
        // As rustfmt sorts them.
        expected.sort_unstable();
        assert_eq!(blocks[0], expected, "{backend}/lib.rs");
        assert!(blocks.len() <= 2, "{backend}/lib.rs: {blocks:?}");
    }
}

/// A room that is left out for a reason that no longer holds.
#[test]
fn a_room_that_is_said_to_be_absent_is() {
    let backends = backends();
    for (backend, absent, why) in ABSENT {
        for room in absent {
            assert!(
                !backends[backend].contains_key(*room),
                "{backend}/{room}.rs: {why}"
            );
        }
    }
}

/// What CONTRIBUTING.md asks of whoever adds a provider.
#[test]
fn every_backend_has_its_feature_its_line_and_its_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let (manifest, stores) = (read("cli/Cargo.toml"), read("cli/src/stores.rs"));
    let targets = read("conformance-tests/tests/conformance.rs");
    for (backend, _) in backends() {
        let feature = format!("{backend} = [\"dep:snapstore-{backend}\"]");
        assert!(manifest.contains(&feature), "cli/Cargo.toml: {feature}");
        let line = format!("\"{backend}\" => snapstore_{backend} {{");
        assert_eq!(stores.matches(&line).count(), 1, "stores.rs: {line}");
        let (own, target) = (format!("stores::{backend}::"), format!("\"{backend}\""));
        let tried = targets.contains(&own) || targets.contains(&target);
        assert!(tried, "conformance.rs tries {backend}");
        assert!(
            root.join(format!("backends/{backend}/README.md")).exists(),
            "{backend}"
        );
    }
}
