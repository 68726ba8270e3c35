use std::path::PathBuf;

use etcd::replay::Servers;

use super::facts::Guard;
use super::safe_guard::SafeGuard;

/// How closely to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// At every byte that an etcd may read.
    #[default]
    Full,
    /// At the structure and the revision only.
    Sanity,
}

/// What to judge.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The data directory.
    pub data_dir: PathBuf,
    /// How closely to look.
    pub mode: Mode,
    /// Who should own the volume; `None` when nobody asks.
    pub guard: Option<SafeGuard>,
    /// Which etcd will start on it.
    pub servers: Servers,
}

impl Validation {
    /// Whether nothing may be done to the volume, whatever is on it.
    pub(crate) fn is_of_another(&self) -> bool {
        let guard = self.guard.as_ref().map(SafeGuard::read);
        matches!(guard, Some(Guard::Of(_) | Guard::Unreadable(_)))
    }
}
