use clap::{ArgMatches, Args};

use super::inert::given;

/// Flags of the reference that have nothing to steer while snapshots are taken.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for compatibility, without effect")]
pub(crate) struct InertOfSnapshot {
    #[arg(long, value_name = "URLS", help = "--endpoints is asked")]
    service_endpoints: Option<String>,
    #[arg(long, value_name = "DIR", help = "There are no temporary files")]
    snapstore_temp_directory: Option<String>,
    #[arg(long, value_name = "N", help = "What fails is tried again after 2s")]
    backoff_multiplier: Option<String>,
    #[arg(long, value_name = "N", help = "What fails is tried until it succeeds")]
    backoff_attempt_limit: Option<String>,
    #[arg(
        long,
        value_name = "DURATION",
        help = "What fails is tried again after 2s"
    )]
    backoff_threshold_time: Option<String>,
}

impl InertOfSnapshot {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!("without effect here: {given}"))
    }
}
