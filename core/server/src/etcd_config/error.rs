use snapstore::printable;

/// Why etcd's configuration is of no use. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read etcd's configuration: {path}: {why}. Set ETCD_CONF to its path")]
    Read {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// It is no YAML, or no mapping.
    #[error("etcd's configuration is no mapping in YAML: {why}")]
    Syntax {
        /// Why, and where.
        why: String,
    },
    /// A key is missing.
    #[error("etcd's configuration has no {key}")]
    Missing {
        /// Which.
        key: String,
    },
    /// A key holds something else than it should.
    #[error("etcd's configuration: line {line}: {key}: {why}")]
    Key {
        /// Where its value stands.
        line: u64,
        /// Which.
        key: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    pub(super) fn key(line: u64, key: &str, why: impl Into<String>) -> Self {
        Self::Key {
            line,
            key: printable(key),
            why: why.into(),
        }
    }
}
