use clap::{ArgMatches, Args};

use super::inert::given;

/// Flags of the reference that have nothing to steer in a copy.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for compatibility, without effect")]
pub(crate) struct InertOfCopy {
    #[arg(long, value_name = "DIR", help = "There are no temporary files")]
    snapstore_temp_directory: Option<String>,
    #[arg(long, value_name = "DIR", help = "There are no temporary files")]
    source_snapstore_temp_directory: Option<String>,
    #[arg(long, value_name = "N", help = "Nothing is uploaded to the source")]
    source_max_parallel_chunk_uploads: Option<u64>,
    #[arg(long, value_name = "BYTES", help = "Nothing is uploaded to the source")]
    source_min_chunk_size: Option<i64>,
}

impl InertOfCopy {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!(
            "without effect here, since nothing is kept in between: {given}"
        ))
    }
}
