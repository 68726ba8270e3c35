use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::builder::Resettable::Reset;
use clap::{ArgAction, Args};
use engine::backups::Compression;
use engine::backups::branches::Wanted;
use engine::backups::encoder::Level;
use engine::compact::Request;
use engine::compact::levels::{Leveling, Mode};
use engine::snapshot::Arrival;
use jiff::{SignedDuration, Timestamp};
use snapstore::Sending;

use super::compression::PolicyName;
use super::inert_of_compact::InertOfCompact;
use super::leases::SnapshotLeaseArgs;
use super::number::at_least;
use super::restore::{ReadingArgs, go_bool};
use super::time::{duration, not_negative};
use super::{EncryptionArgs, StoreArgs};

/// Flags of `compact`.
#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    full: FullArgs,
    /// Lineage to compact, where `etcdbrctl list` shows several: its id or the beginning of that [default: the newest]
    #[arg(long, help_heading = Reset, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    lineage: Option<String>,
    /// Merge the deltas of all chains but the newest into fewer, larger ones instead, and delete what was merged
    #[arg(long, help_heading = Reset)]
    pub(crate) levels: bool,
    /// Bytes in the store that --levels merges into one delta (64 MiB of JSON at most)
    #[arg(long, help_heading = Reset, value_name = "BYTES", default_value_t = 8 << 20, value_parser = |text: &str| at_least(text, 1_u64))]
    level_size: u64,
    /// Print what would be done, and change nothing
    #[arg(long, help_heading = Reset)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) encryption: EncryptionArgs,
    #[command(flatten)]
    pub(crate) leases: SnapshotLeaseArgs,
    #[arg(long, env = "POD_NAMESPACE", hide = true)]
    pub(crate) pod_namespace: Option<String>,
    #[command(flatten)]
    _inert: InertOfCompact,
}

/// The new full
#[derive(Debug, Args)]
#[command(next_help_heading = "The new full")]
struct FullArgs {
    /// Compress it (default: as the last delta is)
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL")]
    compress_snapshots: Option<bool>,
    /// How it is compressed (default: as the last delta is)
    #[arg(long, value_enum, value_name = "POLICY")]
    compression_policy: Option<PolicyName>,
    /// How hard gzip, zlib and zstd try, from 1 (fast) to 9 (small)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    compression_level: u32,
    /// Read it back before it counts as stored
    #[arg(long)]
    read_back: bool,
    /// Parts of it in memory and on their way at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = |text: &str| at_least(text, 1_u16))]
    max_parallel_chunk_uploads: u16,
    /// Bytes of a part, at least 5242880
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 20, value_parser = |text: &str| at_least(text, 5_u64 << 20))]
    min_chunk_size: u64,
    /// Time to live of a lease of which the backup holds nothing but the id
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration, allow_hyphen_values = true)]
    unknown_lease_ttl: SignedDuration,
    /// Directory for the unpacked chain, in a temporary file without a name; made if it is not there
    #[arg(
        long,
        visible_alias = "temp-dir",
        value_name = "DIR",
        env = "TMPDIR",
        default_value = "/tmp"
    )]
    snapstore_temp_directory: PathBuf,
    /// Wait this long at the end, so that metrics can be read; SIGTERM ends it
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = not_negative)]
    metrics_scrape_wait_duration: Duration,
}

impl CompactArgs {
    /// What is asked for. `threads`: for what can be compressed on several.
    pub(crate) fn request(&self, threads: usize, now: Timestamp) -> Request {
        let full = &self.full;
        Request {
            lineage: self.wanted(),
            reading: self.reading.reading(),
            unknown_lease_ttl: full.unknown_lease_ttl.as_secs(),
            temp_dir: full.snapstore_temp_directory.clone(),
            compression: full.compression(),
            level: Level::new(full.compression_level).unwrap_or_default(),
            threads,
            sending: Sending {
                part_size: full.min_chunk_size,
                parallel: full.max_parallel_chunk_uploads.into(),
                ..Sending::default()
            },
            arrival: match full.read_back {
                true => Arrival::ReadBack,
                false => Arrival::Size,
            },
            now,
            tool: format!("etcdbrctl {}", env!("CARGO_PKG_VERSION")),
        }
    }

    /// What `--levels` asks for.
    pub(crate) fn leveling(&self, now: Timestamp) -> Leveling {
        Leveling {
            lineage: self.wanted(),
            size: self.level_size,
            compression: self.full.compression(),
            level: Level::new(self.full.compression_level).unwrap_or_default(),
            now,
            mode: match self.dry_run {
                true => Mode::DryRun,
                false => Mode::Merge,
            },
        }
    }

    fn wanted(&self) -> Wanted {
        match &self.lineage {
            Some(id) => Wanted::Named(id.clone()),
            None => Wanted::Newest,
        }
    }

    /// How long is waited at the end.
    pub(crate) fn wait(&self) -> Duration {
        self.full.metrics_scrape_wait_duration
    }

    /// What is asked for and not done, each a sentence.
    pub(crate) fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        #[cfg(not(feature = "kubernetes"))]
        notices.extend(super::leases::not_built_in(
            self.leases.enable_snapshot_lease_renewal,
        ));
        if self.full.compression() == Some(Compression::Zstd) {
            notices.push(
                "what is written now is compressed with zstd: etcd-backup-restore cannot read it, nor restore a store in which \
                 it is the newest"
                    .to_owned(),
            );
        }
        if self.reading.skips_hash_check() {
            notices.push(
                "--skip-hash-check is without effect here: the new full has a hash of its own, so that what was damaged would \
                 pass for whole"
                    .to_owned(),
            );
        }
        notices
    }
}

impl FullArgs {
    fn compression(&self) -> Option<Compression> {
        match (self.compress_snapshots, self.compression_policy) {
            (Some(false), _) => Some(Compression::None),
            (_, Some(policy)) => Some(policy.compression()),
            (Some(true), None) => Some(PolicyName::default().compression()),
            (None, None) => None,
        }
    }
}
