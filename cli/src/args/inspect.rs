use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(subcommand)]
    pub(crate) what: Inspected,
}

/// Which files.
#[derive(Debug, Subcommand)]
pub(crate) enum Inspected {
    /// The write-ahead log: a file of it, its directory, or a data directory
    Wal(PathArgs),
    /// Raft snapshots: a file, their directory, or a data directory
    Snap(PathArgs),
    /// The database: its file, a snapshot of it, or a data directory
    Db(PathArgs),
}

/// What to read, and how to print it.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// Where it lies; it is only read
    pub(crate) path: PathBuf,
    /// How to print
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
}
