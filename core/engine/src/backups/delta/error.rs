/// What is wrong with a delta, and where.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// The object could not be read or decompressed.
    #[error("{0}")]
    Read(#[from] std::io::Error),
    /// The content is not a list of events.
    #[error("at byte {offset} of its content: {what}")]
    Malformed {
        /// Bytes from the beginning of the decompressed content.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The content is not what was written.
    #[error(
        "the SHA-256 of its content ({actual}) is not the one at its end ({recorded}): it was \
         changed after it was written"
    )]
    Hash {
        /// Computed.
        actual: String,
        /// Found after the content.
        recorded: String,
    },
    /// There is no hash.
    #[error("the 32 bytes of SHA-256 at its end are missing: the object is truncated")]
    HashMissing,
    /// The name says other revisions than the content.
    #[error("its name says revisions {first} to {last}, but {what}")]
    Name {
        /// The first revision by the name.
        first: i64,
        /// The last revision by the name.
        last: i64,
        /// What the content says.
        what: String,
    },
}
