use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args};
use engine::backups::Compression;
use engine::backups::encoder::Level;
use engine::schedule::Schedule;
use engine::snapshot::Arrival;
use engine::snapshot::machine::Policy;
use snapstore::Sending;

use super::compression::PolicyName;
use super::number::at_least;
use super::restore::go_bool;
use super::time::{above_zero, not_negative};

/// When and how snapshots are taken
#[derive(Debug, Args)]
#[command(next_help_heading = "Snapshots")]
pub(crate) struct TakingArgs {
    /// When fulls are taken: minute, hour, day of month, month, day of week; or @every 1h30m, @daily
    #[arg(long, short, value_name = "CRON", default_value = "0 */1 * * *", value_parser = Schedule::parse)]
    schedule: Schedule,
    /// How long after its first event a delta is stored; below 1s there are no deltas
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = not_negative)]
    delta_snapshot_period: Duration,
    /// JSON of a delta after which it is stored, in bytes; below 1 it is 10485760
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 10_485_760,
        allow_negative_numbers = true
    )]
    delta_snapshot_memory_limit: i64,
    /// How long after a new full older backups are collected; up to 1s: never
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = not_negative)]
    garbage_collection_period: Duration,
    /// Compress snapshots
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL")]
    compress_snapshots: bool,
    /// How they are compressed
    #[arg(long, value_enum, value_name = "POLICY", default_value_t)]
    compression_policy: PolicyName,
    /// How hard gzip, zlib and zstd try, from 1 (fast) to 9 (small)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    compression_level: u32,
    /// Read every snapshot back before it counts as taken
    #[arg(long)]
    read_back: bool,
    /// Parts of a full in memory and on their way at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = |text: &str| at_least(text, 1_u16))]
    max_parallel_chunk_uploads: u16,
    /// Bytes of a part, at least 5242880
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 20, value_parser = |text: &str| at_least(text, 5_u64 << 20))]
    min_chunk_size: u64,
    /// Prove this often that the backups are what etcd had; a proof that fails takes a full (default: never)
    #[arg(long, value_name = "DURATION", value_parser = above_zero)]
    verify_every: Option<Duration>,
    /// Directory for what a proof unpacks, in temporary files without names
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    temp_dir: PathBuf,
    /// How long what is held may take to be stored after SIGTERM
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = not_negative)]
    stop_timeout: Duration,
}

impl TakingArgs {
    pub(crate) fn policy(&self) -> Policy {
        let least = Duration::from_secs(1);
        let limit = u64::try_from(self.delta_snapshot_memory_limit);
        let limit = limit.ok().filter(|limit| *limit > 0);
        let period = self.delta_snapshot_period;
        Policy {
            period: (period >= least).then_some(period),
            limit: limit.unwrap_or(10 << 20),
            ..Policy::default()
        }
    }

    pub(crate) fn schedule(&self) -> Schedule {
        self.schedule.clone()
    }

    pub(crate) fn compression(&self) -> (Compression, Level) {
        let compression = match self.compress_snapshots {
            false => Compression::None,
            true => self.compression_policy.compression(),
        };
        let level = Level::new(self.compression_level);
        (compression, level.unwrap_or_default())
    }

    pub(crate) fn sending(&self) -> Sending {
        Sending {
            part_size: self.min_chunk_size,
            parallel: self.max_parallel_chunk_uploads.into(),
            ..Sending::default()
        }
    }

    pub(crate) fn arrival(&self) -> Arrival {
        match self.read_back {
            true => Arrival::ReadBack,
            false => Arrival::Size,
        }
    }

    /// How often it is proven what the backups are; `None`: never.
    pub(crate) fn verify_every(&self) -> Option<Duration> {
        self.verify_every
    }

    /// Where a proof unpacks.
    pub(crate) fn temp_dir(&self) -> &Path {
        &self.temp_dir
    }

    pub(crate) fn stop_within(&self) -> Duration {
        self.stop_timeout
    }

    /// How long after a full backups are collected; `None`: never.
    pub(crate) fn collect_after(&self) -> Option<Duration> {
        let period = self.garbage_collection_period;
        (period > Duration::from_secs(1)).then_some(period)
    }
}
