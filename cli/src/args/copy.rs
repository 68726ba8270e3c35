use std::num::NonZero;
use std::time::Duration;

use clap::{ArgAction, Args};
use engine::copy::{ContentCheck, Filter, Mode, Passage, Request, Waiting};
use engine::snapshot::Arrival;
use jiff::Timestamp;
use snapstore::Sending;

use super::StoreArgs;
use super::byte_size::byte_size;
use super::inert_of_copy::InertOfCopy;
use super::number::at_least;
use super::restore::go_bool;
use super::source::SourceArgs;
use super::time::not_negative;

/// Flags of `copy`.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    pub(crate) destination: StoreArgs,
    #[command(flatten)]
    what: WhatArgs,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    _inert: InertOfCopy,
}

/// What is copied
#[derive(Debug, Args)]
#[command(next_help_heading = "What is copied")]
struct WhatArgs {
    /// Newest chains (a full and its deltas) to copy; 0: none, -1: all
    #[arg(long, value_name = "N", default_value_t = -1, allow_negative_numbers = true, value_parser = |text: &str| at_least(text, -1_i64))]
    max_backups_to_copy: i64,
    /// Days since the full of a chain was begun, at most; -1: any
    #[arg(long, value_name = "N", default_value_t = -1, allow_negative_numbers = true, value_parser = |text: &str| at_least(text, -1_i64))]
    max_backup_age: i64,
    /// Wait until one of the four newest fulls of the source is final, looking every 15s
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    wait_for_final_snapshot: bool,
    /// How long is waited for it at most, and then copied all the same; 0: for ever
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = not_negative)]
    wait_for_final_snapshot_timeout: Duration,
    /// Copy too what has a wrong SHA-256 at its end, or none, where no metadata tells that of the object
    #[arg(long)]
    skip_hash_check: bool,
    /// Print what would be copied, and why the rest would not; copy nothing
    #[arg(long)]
    dry_run: bool,
}

/// How it is copied
#[derive(Debug, Args)]
#[command(next_help_heading = "How it is copied")]
struct HowArgs {
    /// Snapshots on their way at once, as far as 64 MiB of memory hold their parts
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = |text: &str| at_least(text, 1_u16))]
    max_parallel_copy_operations: u16,
    /// Parts of a snapshot in memory and on their way at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = |text: &str| at_least(text, 1_u16))]
    max_parallel_chunk_uploads: u16,
    /// Bytes of a part, at least 5242880
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 20, value_parser = |text: &str| at_least(text, 5_u64 << 20))]
    min_chunk_size: u64,
    /// Bytes a second at most, all snapshots together: 10MiB, 500Ki (default: no limit)
    #[arg(long, value_name = "SIZE", value_parser = rate)]
    bandwidth_limit: Option<NonZero<u64>>,
    /// Send every snapshot through this machine, also where the service of both stores could copy it by itself
    #[arg(long)]
    stream: bool,
    /// Read back what was copied before it counts, and read and compare what is there already
    #[arg(long)]
    read_back: bool,
}

impl CopyArgs {
    /// The store that is read.
    pub(crate) fn source(&self) -> StoreArgs {
        self.source.store(&self.destination)
    }

    /// What is asked for.
    pub(crate) fn request(&self, now: Timestamp) -> Request {
        let (what, how) = (&self.what, &self.how);
        let parallel = NonZero::new(usize::from(how.max_parallel_copy_operations));
        Request {
            filter: Filter {
                most: usize::try_from(what.max_backups_to_copy).ok(),
                within_days: u64::try_from(what.max_backup_age)
                    .ok()
                    .map(|days| u32::try_from(days).unwrap_or(u32::MAX)),
            },
            parallel: parallel.unwrap_or(NonZero::<usize>::MIN),
            sending: Sending {
                part_size: how.min_chunk_size,
                parallel: how.max_parallel_chunk_uploads.into(),
                ..Sending::default()
            },
            arrival: match how.read_back {
                true => Arrival::ReadBack,
                false => Arrival::Size,
            },
            passage: match how.stream {
                true => Passage::Streamed,
                false => Passage::ByService,
            },
            content: match what.skip_hash_check {
                true => ContentCheck::Skipped,
                false => ContentCheck::TrailingHash,
            },
            rate: how.bandwidth_limit,
            waiting: what.wait_for_final_snapshot.then_some(Waiting {
                at_most: Some(what.wait_for_final_snapshot_timeout)
                    .filter(|timeout| !timeout.is_zero()),
            }),
            mode: match what.dry_run {
                true => Mode::DryRun,
                false => Mode::Copy,
            },
            now,
        }
    }
}

fn rate(text: &str) -> Result<NonZero<u64>, String> {
    byte_size(text)
        .and_then(NonZero::new)
        .ok_or_else(|| "it is written 10MiB, 500Ki or 5000 (bytes a second), above 0".to_owned())
}
