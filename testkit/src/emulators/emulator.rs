use std::fmt;
use std::process::Command;

use anyhow::Result;

use super::install::{Installed, Software, Source, fetch};
use super::place::Place;
use crate::oracles::Brought;

/// A server to have, in one version.
#[derive(Debug)]
pub struct Emulator {
    /// As it is called on the command line.
    pub name: &'static str,
    /// The version that is pinned.
    pub version: &'static str,
    /// The target of the conformance suite that needs it.
    pub target: &'static str,
    /// The variable that tells the suite where it is.
    pub variable: &'static str,
    /// Who may log in, for people.
    pub account: &'static str,
    pub(super) source: Source,
    /// How it is started.
    pub(super) command: fn(&Installed, &Place) -> Result<Command>,
    /// What to ask to see that it serves, and the status that it answers then.
    pub(super) ready: (&'static str, u16),
    /// What follows host and port in the variable.
    pub(super) path: &'static str,
}

impl fmt::Display for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Emulator {
    /// What follows host and port in the variable.
    pub fn path(&self) -> &'static str {
        self.path
    }
}

/// Sees to it that `emulator` is in the cache. One process at a time.
pub fn bring(emulator: &Emulator) -> Result<(Brought, Installed)> {
    fetch(Software {
        name: emulator.name,
        version: emulator.version,
        source: emulator.source,
    })
}
