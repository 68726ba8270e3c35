use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};

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
        let given = given::<Self>(matches)?;
        Some(format!(
            "without effect here, since no etcd runs during a restore: {given}"
        ))
    }
}

/// Those of the flags in `A` that stand on the command line, for a message; `None` where none does.
pub(super) fn given<A: Args>(matches: &ArgMatches) -> Option<String> {
    let flags = A::augment_args(Command::new("flags"));
    let ids = flags.get_arguments().map(|arg| arg.get_id().as_str());
    let is_given = |flag: &&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let given: Vec<String> = ids
        .filter(is_given)
        .map(|flag| format!("--{}", flag.replace('_', "-")))
        .collect();
    (!given.is_empty()).then(|| given.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notice that finds no flag would be silent for ever.
    #[test]
    fn what_is_given_is_named() {
        let of = |words: &[&str]| {
            let command = Inert::augment_args(Command::new("restore"));
            let words = [&["restore"], words].concat();
            given::<Inert>(&command.get_matches_from(words))
        };
        let told = of(&["--max-txn-ops", "5", "--min-chunk-size=1"]).unwrap();
        assert_eq!(told, "--max-txn-ops, --min-chunk-size");
        assert_eq!(of(&[]), None);
    }
}
