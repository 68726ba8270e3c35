use std::path::PathBuf;

use clap::Args;

use super::restore::ReadingArgs;
use super::{Format, StoreArgs, TargetArgs};

/// Flags of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// How to print
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
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
