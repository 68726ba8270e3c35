use std::convert::Infallible;
use std::str::FromStr;

use clap::{ArgMatches, Args};

use super::inert::given;

/// A value that nobody looks at.
#[derive(Debug, Clone, Copy)]
struct Dropped;

impl FromStr for Dropped {
    type Err = Infallible;

    fn from_str(_: &str) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// Flags of the reference about the etcd beside it, which does not run while its directory is initialized.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The etcd itself (accepted for compatibility, without effect)")]
pub(crate) struct Connection {
    #[arg(
        long,
        short = 'e',
        value_name = "URLS",
        help = "It does not run meanwhile"
    )]
    endpoints: Option<Dropped>,
    #[arg(long, value_name = "DURATION", help = "It does not run meanwhile")]
    etcd_snapshot_timeout: Option<Dropped>,
    #[arg(long, value_name = "DURATION", help = "It does not run meanwhile")]
    etcd_defrag_timeout: Option<Dropped>,
}

impl Connection {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!(
            "without effect here, since the etcd of this directory does not run: {given}"
        ))
    }
}
