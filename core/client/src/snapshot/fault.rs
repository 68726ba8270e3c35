use thiserror::Error;

/// Why a stream is no snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotFault {
    /// etcd does so for ever when it cannot read its database: it drops the error of that.
    #[error(
        "a message without bytes, {missing} bytes before the end: etcd cannot read its database"
    )]
    Empty {
        /// Bytes of the database that were still to come.
        missing: u64,
    },
    /// The size does not go down by what came.
    #[error("after {seen} bytes of {size} the message says that {remaining} are missing")]
    Miscounted {
        /// Bytes that came, with this message.
        seen: u64,
        /// Bytes of the database, by the first message.
        size: u64,
        /// What this message says.
        remaining: u64,
    },
    /// The database is longer than a number can say.
    #[error("the first message has {length} bytes and says that {remaining} are missing")]
    Oversized {
        /// Bytes of the first message.
        length: u64,
        /// What it says.
        remaining: u64,
    },
    /// The end came too early.
    #[error("the stream ends {missing} bytes before the end of the database")]
    Short {
        /// Bytes of the database that did not come.
        missing: u64,
    },
    /// The database came, its hash did not.
    #[error("the stream ends before the hash of the database")]
    NoHash,
    /// What should be the hash is none.
    #[error("{length} bytes come where the hash of the database (32 bytes) belongs")]
    NotAHash {
        /// How many bytes there are.
        length: usize,
    },
    /// What came is not what etcd hashed, or what became of it in this program.
    #[error("the database that came does not have the SHA-256 that etcd sent after it")]
    WrongHash,
    /// The stream goes on.
    #[error("the stream goes on after the hash of the database")]
    Long,
}
