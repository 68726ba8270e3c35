//! `cargo xtask plugins`: the plugins of this repository, which are outside of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use super::own_program::OwnProgram;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only look at the sources: formatting and lints
    #[arg(long)]
    lint: bool,
    /// For the test programs, after `--`: the name of a test, flags of `cargo test`
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Formats, lints and tests each of them, with an etcdbrctl that loads them.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    for manifest in manifests()? {
        let plugin = Plugin { manifest };
        plugin.cargo("fmt", &["--check"], |_| {})?;
        let lints = ["--locked", "--all-targets", "--all-features"];
        let lints = [&lints[..], &["--", "-D", "warnings"]].concat();
        plugin.cargo("clippy", &lints, |_| {})?;
        if args.lint {
            continue;
        }
        let program = OwnProgram::build()?;
        let rest = args.rest.iter().map(String::as_str);
        let tests: Vec<_> = ["--locked", "--"].into_iter().chain(rest).collect();
        plugin.cargo("test", &tests, |test| {
            test.env("ETCDBRCTL", program.path());
            // The servers go with the tests.
            test.env("CONFORMANCE_LEAVE", "1");
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where each plugin is described to cargo.
pub(super) fn manifests() -> Result<Vec<PathBuf>> {
    let shelf = root()?.join("plugins");
    let entries = shelf
        .read_dir()
        .with_context(|| format!("read {}", shelf.display()))?;
    let mut manifests = Vec::new();
    for entry in entries {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.exists() {
            manifests.push(manifest);
        }
    }
    ensure!(
        !manifests.is_empty(),
        "there is no plugin in {}",
        shelf.display()
    );
    manifests.sort();
    Ok(manifests)
}

fn root() -> Result<&'static Path> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().context("xtask is in no workspace")
}

struct Plugin {
    manifest: PathBuf,
}

impl Plugin {
    /// `cargo COMMAND ARGS` on it. Its dependencies have features of their own, so that it has a target directory of its
    /// own, beside what the workspace compiles.
    fn cargo(
        &self,
        command: &str,
        args: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Result<()> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.map_or_else(|| Ok(root()?.join("target")), anyhow::Ok)?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([command, "--manifest-path"])
            .arg(&self.manifest)
            .args(args)
            .env("CARGO_TARGET_DIR", target.join("plugins"));
        prepare(&mut cargo);
        let status = cargo
            .status()
            .with_context(|| format!("run cargo {command}"))?;
        let manifest = self.manifest.display();
        ensure!(status.success(), "cargo {command} of {manifest} failed");
        Ok(())
    }
}
