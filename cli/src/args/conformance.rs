use clap::Args;
use clap::builder::Resettable::Reset;

use super::StoreArgs;

/// Flags of `conformance`.
#[derive(Debug, Args)]
pub(crate) struct ConformanceArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only cases whose names contain this: put, list::, create_new
    #[arg(
        long,
        help_heading = Reset,
        default_value = "",
        hide_default_value = true,
        value_name = "FILTER"
    )]
    pub(crate) case: String,
    /// Print which cases would run and where, and write nothing
    #[arg(long, help_heading = Reset)]
    pub(crate) dry_run: bool,
}
