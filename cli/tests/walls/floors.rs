//! The engine is built in floors: nouns below, verbs above, and no verb beside another.

use std::collections::BTreeSet;
use std::path::Path;

use crate::modules::Modules;
use crate::root;

/// What each floor may take names of. ARCHITECTURE.md says what they are. Each uses only rows above it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("size", &[]),
    ("hint", &[]),
    ("schedule", &[]),
    ("progress", &[]),
    ("remedy", &["size"]),
    ("error", &["remedy", "size"]),
    ("machine", &["error", "remedy"]),
    ("lock", &[]),
    ("data_dir", &["error", "lock"]),
    ("encryption", &[]),
    ("session", &["encryption", "error", "progress"]),
    (
        "backups",
        &[
            "encryption",
            "error",
            "hint",
            "lock",
            "machine",
            "progress",
            "remedy",
            "session",
            "size",
        ],
    ),
    ("retention", &["backups"]),
    ("chosen", &["backups", "error", "size"]),
    ("descent", &["backups", "error"]),
    (
        "history",
        &["backups", "error", "machine", "progress", "session", "size"],
    ),
    ("lineage", &["backups", "data_dir", "history", "session"]),
    ("inspect", &["backups", "data_dir", "error", "lock"]),
    (
        "validate",
        &[
            "backups", "chosen", "data_dir", "descent", "error", "hint", "lineage", "lock",
            "session", "size",
        ],
    ),
    (
        "verify",
        &["backups", "error", "hint", "history", "progress", "session"],
    ),
    (
        "keyspace",
        &[
            "backups", "error", "hint", "history", "progress", "session", "size",
        ],
    ),
    (
        "keys",
        &["backups", "encryption", "error", "hint", "session"],
    ),
    (
        "get",
        &["backups", "hint", "history", "keyspace", "session", "size"],
    ),
    ("diff", &["error", "hint", "keyspace"]),
    ("extract", &["error", "hint", "history", "keyspace", "size"]),
    (
        "restore",
        &[
            "backups", "chosen", "data_dir", "descent", "error", "hint", "history", "lineage",
            "progress", "session",
        ],
    ),
    (
        "export",
        &["backups", "error", "hint", "history", "progress", "session"],
    ),
    (
        "import",
        &[
            "backups",
            "encryption",
            "error",
            "hint",
            "history",
            "progress",
            "session",
        ],
    ),
    (
        "drill",
        &[
            "backups", "error", "hint", "history", "restore", "session", "size",
        ],
    ),
    (
        "gc",
        &["backups", "encryption", "hint", "retention", "session"],
    ),
    ("defragment", &["hint"]),
    (
        "compact",
        &[
            "backups",
            "encryption",
            "error",
            "hint",
            "history",
            "machine",
            "progress",
            "session",
        ],
    ),
    (
        "copy",
        &[
            "backups",
            "encryption",
            "error",
            "hint",
            "machine",
            "progress",
            "session",
            "size",
        ],
    ),
    (
        "snapshot",
        &[
            "backups",
            "encryption",
            "error",
            "hint",
            "schedule",
            "session",
        ],
    ),
    (
        "recover_quorum",
        &[
            "backups", "data_dir", "error", "hint", "lock", "restore", "session", "validate",
        ],
    ),
    (
        "initialize",
        &[
            "backups", "chosen", "data_dir", "descent", "error", "hint", "history", "lineage",
            "lock", "progress", "restore", "session", "size", "validate",
        ],
    ),
];

/// The floor that a file of the engine is on: the name of its first module.
fn floor(file: &Path) -> String {
    let below = file.strip_prefix(root().join("core/engine/src")).unwrap();
    let first = below.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn each_floor_of_the_engine_uses_those_below_it() {
    let modules = Modules::read(&root().join("core/engine"));
    let known: BTreeSet<_> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found: BTreeSet<_> = modules.files().into_iter().map(floor).collect();
    let found: BTreeSet<_> = found.into_iter().filter(|name| name != "lib").collect();
    assert_eq!(found, known, "every floor has a row in the table");
    let (mut used, mut told) = (BTreeSet::new(), String::new());
    for ((from, to), names) in modules.taken() {
        let (upper, lower) = (floor(&from), floor(&to));
        if upper == lower {
            continue;
        }
        let row = MAY_USE.iter().find(|(name, _)| *name == upper);
        let may = row.is_some_and(|(_, may)| may.contains(&lower.as_str()));
        if !may {
            let from = from.strip_prefix(root()).unwrap().display();
            told += &format!("{from} takes {names:?}: {upper} must not know {lower}\n");
        }
        used.insert((upper, lower));
    }
    for (upper, may) in MAY_USE {
        for lower in *may {
            if !used.contains(&((*upper).to_owned(), (*lower).to_owned())) {
                told += &format!("{upper} does not use {lower}: take it out of the row\n");
            }
        }
    }
    assert!(told.is_empty(), "\n{told}");
}

#[test]
fn each_row_uses_rows_above_it() {
    let mut above = BTreeSet::new();
    for (name, may) in MAY_USE {
        for lower in *may {
            assert!(
                above.contains(lower),
                "{name} uses {lower}, which is above it"
            );
        }
        above.insert(name);
    }
}
