use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

/// Flags of the reference that steered its embedded etcd or its uploads. Scripts pass them, so
/// they are taken; they have nothing to steer here.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for compatibility, without effect")]
pub(crate) struct Inert {
    #[arg(long, value_name = "DIR", help = "There are no temporary copies")]
    restoration_temp_snapshots_dir: Option<String>,
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
    #[arg(long, value_name = "N", help = "Nothing is uploaded")]
    max_parallel_chunk_uploads: Option<u64>,
    #[arg(long, value_name = "BYTES", help = "Nothing is uploaded")]
    min_chunk_size: Option<i64>,
    #[arg(long, value_name = "DIR", help = "There are no temporary copies")]
    snapstore_temp_directory: Option<String>,
}

const FLAGS: [&str; 10] = [
    "restoration_temp_snapshots_dir",
    "max_call_send_message_size",
    "max_request_bytes",
    "max_txn_ops",
    "embedded_etcd_quota_bytes",
    "auto_compaction_mode",
    "auto_compaction_retention",
    "max_parallel_chunk_uploads",
    "min_chunk_size",
    "snapstore_temp_directory",
];

impl Inert {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given(matches, &FLAGS)?;
        Some(format!(
            "without effect here, since no etcd runs during a restore: {given}"
        ))
    }
}

/// Those of the flags that stand on the command line, for a message; `None` where none does.
pub(super) fn given(matches: &ArgMatches, flags: &[&str]) -> Option<String> {
    let is_given = |flag: &&&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let given = flags.iter().filter(is_given);
    let given: Vec<String> = given
        .map(|flag| format!("--{}", flag.replace('_', "-")))
        .collect();
    (!given.is_empty()).then(|| given.join(", "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_inert_flag_is_named_in_the_notice() {
        let command = crate::args::command();
        let restore = command.find_subcommand("restore").unwrap();
        let inert: Vec<_> = restore
            .get_arguments()
            .filter(|arg| {
                arg.get_help_heading()
                    .is_some_and(|h| h.starts_with("Accepted"))
            })
            .map(|arg| arg.get_id().as_str())
            .collect();
        assert_eq!(inert, super::FLAGS);
    }
}
