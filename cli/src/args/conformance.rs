use clap::Args;

use super::{Format, StoreArgs};

/// Flags of `conformance`.
#[derive(Debug, Args)]
pub(crate) struct ConformanceArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only the cases whose names contain this: put, list::, create_new
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "FILTER"
    )]
    pub(crate) case: String,
    /// Say what would be tried and where; write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
}
