use clap::Args;

use super::StoreArgs;

/// Flags of `keep`.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Name of the snapshot, or its key, as `list -o wide` shows it (`-o json`: of a delta)
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Remove the mark
    #[arg(long, help_heading = "Mark")]
    pub(crate) remove: bool,
}
