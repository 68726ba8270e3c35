use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::restore::ReadingArgs;
use super::{Format, StoreArgs, TargetArgs};

/// The flag that names a store of somebody else's, where this build has it.
const PLUGIN: &str = match cfg!(feature = "plugins") {
    true => "plugin",
    false => "storage_provider",
};

/// Flags of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// A directory, in the place of --storage-provider Local --store-container DIR
    #[arg(value_name = "DIR", conflicts_with_all = ["storage_provider", PLUGIN])]
    pub(crate) directory: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// Only the newest chains, so many of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// Only chains that hold something from this time on, RFC 3339: 2026-11-22T09:13:06Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// How to print
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}

impl ListArgs {
    pub(crate) fn last(&self) -> Option<usize> {
        self.last
            .map(|last| usize::try_from(last).unwrap_or(usize::MAX))
    }

    /// The store that is named, in whatever way.
    pub(crate) fn store(&self) -> StoreArgs {
        match &self.directory {
            Some(directory) => self.store.clone().of_directory(directory),
            None => self.store.clone(),
        }
    }
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people, within 80 columns
    #[default]
    Table,
    /// The same with the names of objects
    Wide,
    /// For programs: one JSON document on standard output
    Json,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Where the full snapshot is unpacked, into a file without a name that is gone afterwards
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    pub(crate) temp_dir: PathBuf,
    /// How to print
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
}
