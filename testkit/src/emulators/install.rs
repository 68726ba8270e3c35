//! Bringing a server into the user's cache, in the version that is pinned, with all it is made of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::python::Python;
use crate::cache::{Slot, Unfinished};
use crate::oracles::Brought;
use crate::program;

/// Where a server is installed from.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// A program of a Go module. Its own go.sum pins what it is built of.
    Go {
        /// The module, which is the package too.
        module: &'static str,
    },
    /// A package from PyPI.
    Pip {
        /// Whose version is the emulator's.
        package: &'static str,
        /// It and all below it, each with its version.
        requirements: &'static str,
    },
    /// A package from npm.
    Npm {
        /// Whose version is the emulator's.
        package: &'static str,
        /// package.json
        manifest: &'static str,
        /// package-lock.json, which pins all below it with its hashes.
        lock: &'static str,
    },
}

/// What is to be installed, in one version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Software {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) source: Source,
}

/// It, in the cache.
#[derive(Debug, Clone)]
pub struct Installed {
    dir: PathBuf,
    python: Option<Python>,
}

impl Installed {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A program that was built.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join("bin").join(name)
    }

    /// The Python it was installed with, which finds its packages.
    pub(super) fn python(&self) -> Result<Command> {
        let python = self.python.as_ref().context("it is not made of Python")?;
        Ok(python.command_with(&self.dir))
    }
}

pub(crate) fn fetch(software: Software) -> Result<(Brought, Installed)> {
    // Packages may hold machine code for one Python only.
    let (python, pinned) = match software.source {
        Source::Go { module } => (None, module.to_owned()),
        Source::Npm { lock, .. } => (None, lock.to_owned()),
        Source::Pip { requirements, .. } => {
            let python = Python::found()?;
            let pinned = format!("{} {requirements}", python.version());
            (Some(python), pinned)
        }
    };
    let digest = base16(&Sha256::digest(&pinned)[..4]);
    let name = format!("{}-{}-{digest}", software.name, software.version);
    let slot = Slot::on("emulators", name)?;
    let installed = Installed {
        dir: slot.dir(),
        python,
    };
    let _lock = slot.lock()?;
    if slot.dir().exists() {
        return Ok((Brought::WasThere, installed));
    }
    let unfinished = slot.begin()?;
    install(software, &installed, &unfinished)?;
    unfinished.publish(&slot)?;
    Ok((Brought::New, installed))
}

fn install(software: Software, installed: &Installed, room: &Unfinished) -> Result<()> {
    let version = match software.source {
        Source::Go { module } => go(module, software.version, room)?,
        Source::Npm {
            package,
            manifest,
            lock,
        } => npm(package, manifest, lock, room)?,
        Source::Pip {
            package,
            requirements,
        } => {
            let python = installed.python.as_ref().context("no Python was found")?;
            python.install(package, requirements, room)?
        }
    };
    ensure!(
        version == software.version,
        "{} {} was wanted and {version} came: the pinned versions contradict each other",
        software.name,
        software.version,
    );
    Ok(())
}

/// Returns the version that was built: the program itself may not know it.
fn go(module: &str, version: &str, room: &Unfinished) -> Result<String> {
    program::run(
        Command::new("go")
            .args(["install", "-trimpath", &format!("{module}@{version}")])
            .current_dir(room.scratch())
            .env("GOBIN", room.bin())
            .env("CGO_ENABLED", "0")
            .env_remove("GOFLAGS"),
    )
    .context("it is built from a Go module: install Go 1.26 or later (https://go.dev/dl)")?;
    let name = module.rsplit('/').next().unwrap_or(module);
    let program = room.bin().join(name);
    let said = program::run(Command::new("go").args(["version", "-m"]).arg(program))?;
    let built = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("mod"));
    let version = built.and_then(|built| built.split_whitespace().nth(1));
    Ok(version.context("its program says no version")?.to_owned())
}

fn npm(package: &str, manifest: &str, lock: &str, room: &Unfinished) -> Result<String> {
    fs::write(room.whole().join("package.json"), manifest)?;
    fs::write(room.whole().join("package-lock.json"), lock)?;
    program::run(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--omit=dev", "--silent"])
            .current_dir(room.whole()),
    )
    .context("it comes from npm: install Node 20 or later (https://nodejs.org)")?;
    let about = room.whole().join("node_modules").join(package);
    let about = fs::read(about.join("package.json"))?;
    let about: serde_json::Value = serde_json::from_slice(&about)?;
    Ok(about["version"].as_str().unwrap_or_default().to_owned())
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
