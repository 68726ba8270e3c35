use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use clap::builder::Resettable::Reset;
use clap::{Args, Command, ValueEnum};
use engine::get::{Detail, Keys, Request, Span};

use super::restore::ReadingArgs;
use super::{LineageArgs, StoreArgs, TargetArgs};

/// What is found may take so much memory.
const MEMORY: usize = 64 << 20;

/// Flags of `get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Key, as etcd has it: /registry/pods/default/web
    #[arg(value_name = "KEY")]
    key: OsString,
    /// Keys from KEY up to this one, which is not one of them
    #[arg(value_name = "RANGE_END", conflicts_with_all = ["prefix", "from_key"])]
    range_end: Option<OsString>,
    /// All keys that begin with KEY; with an empty KEY all there are
    #[arg(long, help_heading = Reset)]
    prefix: bool,
    /// All keys from KEY on
    #[arg(long, help_heading = Reset, conflicts_with = "prefix")]
    from_key: bool,
    /// Every put and deletion that the backups hold, oldest first
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
            target: self.target.target(),
            lineage: self.lineage.wanted(),
            reading: self.reading.reading_of(&self.target),
            temp_dir: self.temp_dir.clone(),
            keys: self.keys(),
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

    fn keys(&self) -> Keys {
        let key = self.key.clone().into_vec();
        match (&self.range_end, self.prefix, self.from_key) {
            (Some(end), ..) => Keys::Range(key, end.clone().into_vec()),
            (None, true, _) => Keys::Prefix(key),
            (None, false, true) => Keys::From(key),
            (None, false, false) => Keys::One(key),
        }
    }
}

/// `get`, and what else reads a state and restores nothing, with its own names of the flags that say which state is meant: etcdctl's `--rev` among them.
pub(super) fn with_own_names(get: Command) -> Command {
    get.mut_arg("to_revision", |arg| {
        arg.long("at-revision")
            .visible_alias("rev")
            .alias("to-revision")
    })
    .mut_arg("to_time", |arg| arg.long("at-time").alias("to-time"))
}
