use std::convert::Infallible;
use std::str::FromStr;

use clap::{ArgMatches, Args};

use super::inert::given;

/// A value that nobody looks at. One of them is a password, which is dropped as it is read.
#[derive(Debug, Clone, Copy)]
struct Dropped;

impl FromStr for Dropped {
    type Err = Infallible;

    fn from_str(_: &str) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// Flags of the reference about a running cluster, which it asks to replace a member by a new one.
/// Here a member of several is refused, so there is nobody to ask.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "A running cluster (accepted for compatibility, without effect)")]
pub(crate) struct Connection {
    #[arg(long, short = 'e', value_name = "URLS", help = "No etcd is asked")]
    endpoints: Option<Dropped>,
    #[arg(long, value_name = "URLS", help = "No etcd is asked")]
    service_endpoints: Option<Dropped>,
    #[arg(long, value_name = "NAME", help = "No etcd is asked")]
    etcd_username: Option<Dropped>,
    #[arg(long, value_name = "PASSWORD", help = "No etcd is asked")]
    etcd_password: Option<Dropped>,
    #[arg(long, value_name = "DURATION", help = "No etcd is asked")]
    etcd_connection_timeout: Option<Dropped>,
    #[arg(long, value_name = "DURATION", help = "No etcd is asked")]
    etcd_snapshot_timeout: Option<Dropped>,
    #[arg(long, value_name = "DURATION", help = "No etcd is asked")]
    etcd_defrag_timeout: Option<Dropped>,
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help = "No etcd is asked")]
    insecure_transport: Option<Dropped>,
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help = "No etcd is asked")]
    insecure_skip_tls_verify: Option<Dropped>,
    #[arg(long, value_name = "FILE", help = "No etcd is asked")]
    cert: Option<Dropped>,
    #[arg(long, value_name = "FILE", help = "No etcd is asked")]
    key: Option<Dropped>,
    #[arg(long, value_name = "FILE", help = "No etcd is asked")]
    cacert: Option<Dropped>,
}

impl Connection {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!(
            "without effect here, since no running etcd is asked: {given}"
        ))
    }
}
