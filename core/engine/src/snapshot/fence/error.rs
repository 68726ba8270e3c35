use snapstore::Key;

/// The result of asking who writes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why it is not known who writes deltas.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store did not answer, or refused.
    #[error(
        "cannot say which snapshotter writes deltas: {0}; the credentials must allow to list, read and write fence/ \
         beside v2/"
    )]
    Store(#[from] snapstore::Error),
    /// Others take it all the time.
    #[error("other snapshotters took the place of this one {0} times: how many of them run?")]
    Lost(u32),
    /// There is no epoch after this.
    #[error("{0} is no place for an epoch")]
    Key(String),
    /// Where an epoch stands is something else.
    #[error("{key} is not what a snapshotter writes: {why}; if no snapshotter runs, remove it")]
    Unreadable {
        /// Where.
        key: Key,
        /// Why.
        why: String,
    },
    /// Somebody asked to stop.
    #[error("interrupted before it was known which snapshotter writes")]
    Interrupted,
}

impl From<snapstore::KeyError> for Error {
    fn from(error: snapstore::KeyError) -> Self {
        Self::Key(error.to_string())
    }
}
