use bytes::Bytes;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// All of it was written, at this revision.
    At(i64),
    /// Nothing was: at least one key is not at the revision that was demanded of it. Each key, and the revision that
    /// last wrote it; 0 of one that does not exist.
    NotAsDemanded(Vec<(Bytes, i64)>),
}
