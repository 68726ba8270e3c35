use clap::{ArgMatches, Args};

use super::inert::given;

/// Flags of the reference, from 0.41 to 0.44, that have nothing to steer in a sidecar.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for compatibility, without effect")]
pub(crate) struct InertOfServer {
    #[arg(long, value_name = "DIR", help = "There are no temporary copies")]
    restoration_temp_snapshots_dir: Option<String>,
    #[arg(long, value_name = "DIR", help = "There are no temporary files")]
    snapstore_temp_directory: Option<String>,
    #[arg(long, value_name = "BYTES", help = "Messages of any size are read")]
    max_call_send_message_size: Option<i64>,
    #[arg(long, value_name = "BYTES", help = "No etcd is embedded")]
    max_request_bytes: Option<u64>,
    #[arg(long, value_name = "N", help = "No etcd is embedded")]
    max_txn_ops: Option<u64>,
    #[arg(long, value_name = "BYTES", help = "No etcd is embedded")]
    embedded_etcd_quota_bytes: Option<i64>,
    #[arg(long, value_name = "MODE", help = "No etcd is embedded")]
    auto_compaction_mode: Option<String>,
    #[arg(long, value_name = "RETENTION", help = "No etcd is embedded")]
    auto_compaction_retention: Option<String>,
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
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help = "There is no profiler")]
    enable_profiling: Option<String>,
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help = "A flag of 0.41 that its successors have not")]
    enable_etcd_member_gc: Option<String>,
    #[arg(
        long,
        value_name = "DURATION",
        help = "A flag of 0.41 that its successors have not"
    )]
    k8s_member_gc_duration: Option<String>,
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", help = "A flag of 0.41 that its successors have not")]
    next_cluster_version_compatible: Option<String>,
    #[arg(
        long,
        value_name = "REVISION",
        help = "A flag of 0.41 that its successors have not"
    )]
    experimental_fail_below_revision: Option<String>,
}

impl InertOfServer {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given::<Self>(matches)?;
        Some(format!("without effect here: {given}"))
    }
}
