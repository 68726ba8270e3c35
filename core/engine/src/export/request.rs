use std::path::PathBuf;

use etcd::lease::LONGEST_TTL;

use super::error::{Error, Result};
use crate::backups::branches::Wanted;
use crate::backups::{Reading, Target};

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// The state that is meant.
    pub target: Target,
    /// The lineage that it is taken from.
    pub lineage: Wanted,
    /// How objects are read.
    pub reading: Reading,
    /// Seconds for a lease of which nothing but the name is known.
    pub unknown_lease_ttl: i64,
    /// Where it is made.
    pub place: Place,
}

/// Where a snapshot is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This file, in whose directory it is made under another name.
    File(PathBuf, Existing),
    /// A stream gets it; it is made in this directory, in a file without a name.
    Stream(PathBuf),
}

/// What becomes of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is exported.
    Kept,
    /// The new one takes its name.
    Replaced,
}

impl Request {
    pub(super) fn check(&self) -> Result<()> {
        match (1..=LONGEST_TTL).contains(&self.unknown_lease_ttl) {
            true => Ok(()),
            false => Err(Error::LeaseTtl),
        }
    }
}
