use clap::{ArgAction, ArgMatches, Args};

use super::inert::given;
use super::restore::go_bool;

/// Flags of the reference that steered its embedded etcd, or the member that it restored.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for compatibility, without effect")]
pub(crate) struct InertOfCompact {
    #[arg(long, short, value_name = "DIR", help = "No data directory is made")]
    data_dir: Option<String>,
    #[arg(long, value_name = "DIR", help = "There are no temporary copies")]
    restoration_temp_snapshots_dir: Option<String>,
    #[arg(long, value_name = "NAME", help = "No member is made")]
    name: Option<String>,
    #[arg(long, value_name = "MEMBERS", help = "No member is made")]
    initial_cluster: Option<String>,
    #[arg(long, value_name = "TOKEN", help = "No member is made")]
    initial_cluster_token: Option<String>,
    #[arg(long, value_name = "URL", help = "No member is made")]
    initial_advertise_peer_urls: Vec<String>,
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true, help = "The full is always written without free pages")]
    defragment: bool,
    #[arg(long, value_name = "DURATION", help = "No etcd is involved")]
    etcd_snapshot_timeout: Option<String>,
    #[arg(long, value_name = "DURATION", help = "No etcd is involved")]
    etcd_defrag_timeout: Option<String>,
    #[arg(long, value_name = "BYTES", help = "No gRPC is involved")]
    max_call_send_message_size: Option<i64>,
    #[arg(long, value_name = "BYTES", help = "No etcd is involved")]
    max_request_bytes: Option<u64>,
    #[arg(long, value_name = "N", help = "No etcd is involved")]
    max_txn_ops: Option<u64>,
    #[arg(long, value_name = "BYTES", help = "No etcd is involved")]
    embedded_etcd_quota_bytes: Option<i64>,
    #[arg(long, value_name = "MODE", help = "No etcd is involved")]
    auto_compaction_mode: Option<String>,
    #[arg(long, value_name = "RETENTION", help = "No etcd is involved")]
    auto_compaction_retention: Option<String>,
}

impl InertOfCompact {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!(
            "without effect here, since no etcd runs during a compaction: {given}"
        ))
    }
}
