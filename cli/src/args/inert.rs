use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args};

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

impl Inert {
    /// One sentence on those that were given; `None` when none was.
    pub(crate) fn notice(matches: &ArgMatches) -> Option<String> {
        let given = given(matches, "restore", "Accepted")?;
        Some(format!(
            "without effect here, since no etcd runs during a restore: {given}"
        ))
    }
}

/// Those flags of a command, under headings that begin so, that stand on the command line, for a message; `None` where none does.
pub(super) fn given(matches: &ArgMatches, command: &str, heading: &str) -> Option<String> {
    let program = super::command();
    let is_one = |arg: &&Arg| {
        let under = arg.get_help_heading();
        under.is_some_and(|under| under.starts_with(heading))
    };
    let flags = program
        .find_subcommand(command)?
        .get_arguments()
        .filter(is_one)
        .map(|arg| arg.get_id().as_str());
    let is_given = |flag: &&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let given: Vec<String> = flags
        .filter(is_given)
        .map(|flag| format!("--{}", flag.replace('_', "-")))
        .collect();
    (!given.is_empty()).then(|| given.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notice that finds no flags would be silent for ever: each command that has such flags names one that is given.
    #[test]
    fn what_has_no_effect_is_named() {
        for (command, heading, flag) in [
            ("restore", "Accepted", "--max-txn-ops"),
            ("initialize", "A running", "--service-endpoints"),
            ("snapshot", "Accepted", "--backoff-multiplier"),
            ("compact", "Accepted", "--auto-compaction-mode"),
            ("copy", "Accepted", "--source-min-chunk-size"),
            ("server", "Accepted", "--backoff-attempt-limit"),
        ] {
            let words = ["etcdbrctl", command, flag, "5"];
            let matches = super::super::command().get_matches_from(words);
            let (_, matches) = matches.subcommand().unwrap();
            let told = given(matches, command, heading);
            assert_eq!(told.as_deref(), Some(flag), "{command}");
        }
    }
}
