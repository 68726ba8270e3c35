use std::path::PathBuf;

use clap::builder::Resettable::Reset;
use clap::{Args, Command, ValueEnum};
use engine::get::{Detail, Request, Span};
use engine::keyspace::Asked;

use super::restore::ReadingArgs;
use super::{KeysArgs, LineageArgs, StoreArgs, TargetArgs};

/// What is found may take so much memory, in bytes.
pub(crate) const MEMORY: usize = 64 << 20;

/// Flags of `get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    keys: KeysArgs,
    /// Every put and deletion in the chain that leads to the state, oldest first: what its full holds and its deltas add
    #[arg(long, help_heading = Reset)]
    pub(crate) history: bool,
    /// Without values
    #[arg(long, help_heading = Reset)]
    pub(crate) keys_only: bool,
    /// Print only how many there are
    #[arg(long, visible_alias = "count", help_heading = Reset)]
    pub(crate) count_only: bool,
    /// Print only values
    #[arg(long, help_heading = Reset, conflicts_with_all = ["keys_only", "count_only", "history"])]
    pub(crate) print_value_only: bool,
    /// Print at most N
    #[arg(long, help_heading = Reset, value_name = "N", value_parser = |text: &str| super::number::at_least(text, 1_usize))]
    pub(crate) limit: Option<usize>,
    /// Say what Kubernetes wrote instead of printing it: kind, namespace and name
    #[arg(long, help_heading = Reset)]
    pub(crate) decode: bool,
    /// Format, as etcdctl has it
    #[arg(long, short, help_heading = Reset, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) write_out: WriteOut,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    lineage: LineageArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Directory for the unpacked full snapshot, in a temporary file without a name
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    temp_dir: PathBuf,
}

/// How what is found is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WriteOut {
    /// A key and its value, a line each
    #[default]
    Simple,
    /// One JSON document; keys and values in base64
    Json,
    /// A line for each field
    Fields,
}

impl GetArgs {
    pub(crate) fn request(&self) -> Request {
        Request {
            asked: Asked {
                target: self.target.target(),
                lineage: self.lineage.wanted(),
                reading: self.reading.reading_of(&self.target),
                temp_dir: self.temp_dir.clone(),
            },
            keys: self.keys.keys(),
            span: match self.history {
                true => Span::History,
                false => Span::State,
            },
            detail: match self.keys_only || self.count_only {
                true => Detail::WithoutValue,
                false => Detail::Whole,
            },
            memory: MEMORY,
        }
    }
}

/// A command that reads keys, with its own names of the flags that say which state is meant: etcdctl's `--rev` among them.
pub(super) fn with_own_names(command: Command) -> Command {
    command
        .mut_arg("to_revision", |arg| {
            arg.long("at-revision")
                .visible_alias("rev")
                .alias("to-revision")
        })
        .mut_arg("to_time", |arg| arg.long("at-time").alias("to-time"))
}
