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

const FLAGS: [&str; 4] = [
    "snapstore_temp_directory",
    "source_snapstore_temp_directory",
    "source_max_parallel_chunk_uploads",
    "source_min_chunk_size",
];

impl InertOfCopy {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given(matches, &FLAGS)?;
        Some(format!(
            "without effect here, since nothing is kept in between: {given}"
        ))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_inert_flag_is_named_in_the_notice() {
        let command = crate::args::command();
        let copy = command.find_subcommand("copy").unwrap();
        let is_inert = |arg: &&clap::Arg| {
            let heading = arg.get_help_heading();
            heading.is_some_and(|heading| heading.starts_with("Accepted"))
        };
        let inert = copy.get_arguments().filter(is_inert);
        let inert: Vec<_> = inert.map(|arg| arg.get_id().as_str()).collect();
        assert_eq!(inert, super::FLAGS);
    }
}
