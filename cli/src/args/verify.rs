use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use clap::builder::Resettable::Reset;
use jiff::Timestamp;

use super::number::at_least;
use super::restore::ReadingArgs;
use super::time::moment;
use super::{LineageArgs, LoginArgs, StoreArgs, TargetArgs};

/// Flags of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Directory with backups, short for --storage-provider Local --store-container DIR
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) directory: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Only the N newest chains
    #[arg(long, help_heading = Reset, value_name = "N", value_parser = |text: &str| at_least(text, 1_u32))]
    last: Option<u32>,
    /// Only chains that reach this time or later, RFC 3339 with an offset: 2026-11-22T09:13:06Z
    #[arg(long, help_heading = Reset, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,
    /// Only this lineage: its id or the beginning of that, or "unknown" for backups without metadata
    #[arg(long, help_heading = Reset, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) lineage: Option<String>,
}

impl ListArgs {
    pub(crate) fn last(&self) -> Option<usize> {
        self.last
            .map(|last| usize::try_from(last).unwrap_or(usize::MAX))
    }

    /// The store that is named, in whatever way.
    pub(crate) fn store(&self) -> StoreArgs {
        match &self.directory {
            Some(directory) => self.store.clone().of_directory(directory),
            None => self.store.clone(),
        }
    }
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) lineage: LineageArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Directory for the unpacked full snapshot, in a temporary file without a name
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    pub(crate) temp_dir: PathBuf,
    #[command(flatten)]
    pub(crate) proof: ProofArgs,
}

/// Proof that backups are what etcd had
#[derive(Debug, Args)]
#[command(next_help_heading = "Proof")]
pub(crate) struct ProofArgs {
    /// Compare with this etcd: with the hash that it remembers from its last compaction (etcd 3.5.5 and later; one that was
    /// restarted since reads its whole database for it, and the result says so)
    #[arg(long, value_name = "URLS", value_delimiter = ',', conflicts_with_all = ["fold", "from_file", "skip_hash_check"])]
    pub(crate) against: Vec<String>,
    /// Let etcd hash its database for --against. Writers wait while it does: name a follower
    #[arg(long, requires = "against")]
    pub(crate) scan: bool,
    /// Compare what leads up to the newest full with what was noted of that full when it was taken
    #[arg(long, conflicts_with_all = ["from_file", "skip_hash_check"])]
    pub(crate) fold: bool,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}
