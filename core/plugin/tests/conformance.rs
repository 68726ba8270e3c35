//! Both example plugins, the one in Rust and the one in C, keep every promise of the contract.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod built;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance_tests::Target;
use snapstore::StoreConfig;
use snapstore_plugin::{Options, load};

fn main() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let pile = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pile.c");
    let pile = built::compile(&pile, dir.path());
    conformance_tests::run(vec![
        target("plugin-rust", shelf()),
        target("plugin-c", pile),
    ])
}

fn target(name: &str, path: PathBuf) -> Target {
    Target::new(name, move || {
        let path = path.clone();
        async move { load(&path, &StoreConfig::default(), Options::default()).await }
    })
}

/// Cargo builds the examples of a package before it runs the package's tests.
fn shelf() -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let dir = deps.parent().unwrap().parent().unwrap().join("examples");
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    dir.join(format!("{prefix}shelf{suffix}"))
}
