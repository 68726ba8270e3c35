use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server does not start, or does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is taken, or cannot be had.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        why: std::io::Error,
    },
    /// Certificate, key or CA cannot be used.
    #[error("cannot set up TLS: {}: {why}", .path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why; never a part of a key.
        why: String,
    },
    /// Settings that exclude each other.
    #[error("invalid configuration: {0}")]
    Config(String),
    /// The table of metrics contradicts itself.
    #[error("cannot register the metrics: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
