use std::path::PathBuf;

use crate::backups::branches::Wanted;
use crate::backups::{Reading, Target};

/// A state of backups, and how it is read.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The state that is meant.
    pub target: Target,
    /// The lineage that it is taken from.
    pub lineage: Wanted,
    /// How objects are read.
    pub reading: Reading,
    /// The full is unpacked here, into a file without a name.
    pub temp_dir: PathBuf,
}
