//! A source that is a plugin.

use std::path::{Path, PathBuf};

use crate::pair::{Pair, objects};
use crate::support::{Run, Site, contents};

/// The shared library of an example of `core/plugin`. Cargo builds it with the tests of that package.
fn example(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = program.parent().unwrap().join("examples");
    let path = path.join(format!("{prefix}{name}{suffix}"));
    assert!(
        path.exists(),
        "{} is not built: cargo build -p snapstore-plugin --examples",
        path.display()
    );
    path
}

/// What only a plugin can read comes into a directory, as it is; and a plugin that takes nothing is no destination.
#[test]
fn what_a_plugin_holds_is_copied() {
    let pair = Pair::from(Site::with_backup("e35-gzip"));
    let drawer = example("drawer");
    let drawer = drawer.to_str().unwrap();
    let before = contents(&pair.source.store());
    let mut command = pair.command(&["-o", "json", "--source-plugin", drawer]);
    command.args(["--source-storage-provider", "Drawer"]);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["copied_by_service"], 0);
    assert_eq!(pair.there(), objects(&pair.source.store()));
    assert_eq!(contents(&pair.source.store()), before, "the source changed");
    let hash = pair.source.restored_hash(&[]);
    assert_eq!(pair.destination.restored_hash(&[]), hash);

    // The other way round it is asked, and says what it does not do.
    let empty = Site::new();
    let store = empty.store();
    let mut command = pair.command(&["--plugin", drawer, "--storage-provider", "Drawer"]);
    command.arg("--store-container").arg(&store);
    let run = Run::of(command);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("only looked into"), "{}", run.stdout);
    assert!(objects(&store).is_empty());
}
