use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

/// The machine that what is published runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Machine {
    #[value(name = "x86_64-unknown-linux-gnu")]
    X86_64,
    #[value(name = "aarch64-unknown-linux-gnu")]
    Aarch64,
}

impl Machine {
    /// That of this process; `None` for one of which nothing is published.
    pub(super) fn here() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Aarch64),
            _ => None,
        }
    }

    /// As Rust names it.
    pub(super) fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// As `uname -m` names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// As Go names it, and so the specification of images.
    pub(super) fn of_images(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Aarch64 => "arm64",
        }
    }

    /// Its number in an ELF file (`e_machine`; System V ABI, processor supplements).
    pub(super) fn of_elf(self) -> u64 {
        match self {
            Self::X86_64 => 62,
            Self::Aarch64 => 183,
        }
    }

    /// The C compiler for it, as Debian names it; `None` on that machine itself.
    pub(super) fn compiler(self) -> Option<String> {
        let is_here = Self::here() == Some(self);
        (!is_here).then(|| format!("{}-linux-gnu-gcc", self.name()))
    }

    /// What runs its programs here, in one file that needs no other; `None` on that machine itself.
    ///
    /// Errors: it is not installed.
    pub(super) fn emulator(self) -> Result<Option<PathBuf>> {
        if Self::here() == Some(self) {
            return Ok(None);
        }
        let name = format!("qemu-{}-static", self.name());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|dir| dir.join(&name));
        let found = found.into_iter().find(|path| Path::exists(path));
        found.map(Some).with_context(|| {
            format!(
                "`{name}` is not here, and without it no program for {self} runs on this machine: install \
                 qemu-user-static"
            )
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
