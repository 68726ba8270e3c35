//! `cargo xtask deny`: what deny.toml allows, checked against all dependencies by cargo-deny.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use super::{plugins, tools};

/// Which cargo-deny.
const VERSION: &str = "0.20.2";

/// What needs nothing but the tree.
const OFFLINE: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks licences, bans and sources, and advisories where their database can be had.
///
/// Errors: whatever deny.toml does not allow, and advisories that concern the tree.
pub(crate) fn run() -> Result<ExitCode> {
    let program = tools::bring("cargo-deny", VERSION)?;
    let outside = plugins::manifests()?;
    let mut trees = vec![None];
    trees.extend(outside.iter().map(|manifest| Some(manifest.as_path())));
    for tree in &trees {
        let passed = deny(&program, *tree).arg("check").args(OFFLINE).status();
        ensure!(
            passed.context("run cargo-deny")?.success(),
            "the dependencies{} break deny.toml",
            of(*tree)
        );
    }
    let Some(database) = advisories(&program)? else {
        println!("INCOMPLETE: advisories were not checked: their database cannot be had");
        return Ok(ExitCode::SUCCESS);
    };
    for tree in &trees {
        let checked = deny(&program, *tree)
            .args(["check", "--disable-fetch", "advisories"])
            .status()
            .context("run cargo-deny")?;
        ensure!(
            checked.success(),
            "an advisory of {} concerns the dependencies{}",
            database.display(),
            of(*tree)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn of(manifest: Option<&Path>) -> String {
    manifest.map_or_else(String::new, |manifest| {
        format!(" of {}", manifest.display())
    })
}

/// Where the database of advisories is, once it was brought up to date. `None` if it cannot be fetched and
/// no earlier one is there.
fn advisories(program: &Path) -> Result<Option<PathBuf>> {
    let fetched = deny(program, None).args(["fetch", "db"]).status();
    let fetched = fetched.context("run cargo-deny")?.success();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let database = home.context("HOME is not set")?.join("advisory-dbs");
    // Beside its lock, which a fetch that failed leaves behind.
    let mut entries = database.read_dir().into_iter().flatten().flatten();
    let is_there = entries.any(|entry| entry.path().is_dir());
    match (fetched, is_there) {
        (true, _) => Ok(Some(database)),
        (false, true) => {
            println!(
                "INCOMPLETE: advisories are as old as {}",
                database.display()
            );
            Ok(Some(database))
        }
        (false, false) => Ok(None),
    }
}

/// cargo-deny on this workspace, or on what `manifest` describes outside of it, by the same deny.toml.
fn deny(program: &Path, manifest: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    command.args(["--workspace", "--all-features", "--locked"]);
    if let Some(manifest) = manifest {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("deny.toml");
        command.arg("--manifest-path").arg(manifest);
        command.arg("--config").arg(rules);
    }
    command
}
