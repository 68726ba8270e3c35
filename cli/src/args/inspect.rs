use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(subcommand)]
    pub(crate) what: Inspected,
}

/// Which files.
#[derive(Debug, Subcommand)]
pub(crate) enum Inspected {
    /// Inspect a write-ahead log: a segment, its directory, or a data directory
    Wal(PathArgs),
    /// Inspect raft snapshots: a file, their directory, or a data directory
    Snap(PathArgs),
    /// Inspect a database: its file, a snapshot of it, or a data directory
    Db(PathArgs),
}

/// What to read.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// Path to inspect
    pub(crate) path: PathBuf,
}
