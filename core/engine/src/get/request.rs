use std::path::PathBuf;

use crate::backups::branches::Wanted;
use crate::backups::{Reading, Target};

/// What to read.
#[derive(Debug, Clone)]
pub struct Request {
    /// The state that is meant.
    pub target: Target,
    /// The lineage that it is taken from.
    pub lineage: Wanted,
    /// How objects are read.
    pub reading: Reading,
    /// The full is unpacked here, into a file without a name.
    pub temp_dir: PathBuf,
    /// Which keys.
    pub keys: Keys,
    /// Which of their versions.
    pub span: Span,
    /// What of them.
    pub detail: Detail,
    /// Bytes that what is found may take in memory, keys and values.
    pub memory: usize,
}

/// A key, or a range of them in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// This one.
    One(Vec<u8>),
    /// Those that begin so: all of them where it is empty.
    Prefix(Vec<u8>),
    /// From this one on.
    From(Vec<u8>),
    /// From this one up to another, which is not one of them.
    Range(Vec<u8>, Vec<u8>),
}

/// Which versions of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The one that it has in the state, if it has one.
    State,
    /// All puts and deletions up to the state that the chain still holds.
    History,
}

/// What of each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    Whole,
    /// All but its value.
    WithoutValue,
}

impl Keys {
    /// Whether `key` is one of them.
    pub fn has(&self, key: &[u8]) -> bool {
        match self {
            Self::One(one) => key == one,
            Self::Prefix(prefix) => key.starts_with(prefix),
            Self::From(first) => key >= first.as_slice(),
            Self::Range(first, end) => key >= first.as_slice() && key < end.as_slice(),
        }
    }
}
