use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use super::claimed::ClaimedHash;
use crate::endpoint::Endpoint;
use crate::error::Result;

/// A snapshot on its way.
#[async_trait]
pub trait SnapshotStream: fmt::Debug + Send {
    /// Bytes of the database, without the hash after it: known before the first of them is read.
    fn size(&self) -> u64;

    /// The version of what is stored, as `3.6.0`; `None` before 3.6, which does not say so, and from a cluster
    /// too young to have decided on it.
    fn storage_version(&self) -> Option<&str>;

    /// Who sends it. [`Etcd::at`](crate::Etcd::at) this asks the same member over the same connection.
    fn endpoint(&self) -> &Endpoint;

    /// What comes next. [`SnapshotPiece::End`] comes last, and only if as many bytes came as were to come; asking on
    /// after it, or after an error, is an error.
    ///
    /// Errors: `Protocol`, with a [`SnapshotFault`](super::SnapshotFault) as its source, for a stream that is no snapshot.
    async fn next(&mut self) -> Result<SnapshotPiece>;
}

/// A part of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotPiece {
    /// The next bytes of the database; at least one.
    Database(Bytes),
    /// The database is complete, if it has this hash.
    End {
        /// What it has to be.
        sha256: ClaimedHash,
    },
}
