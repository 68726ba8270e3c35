use std::time::Duration;

use clap::Args;
use client::{Config, Endpoint};
use engine::defragment::{MinGain, Mode, Request};
use engine::schedule::Schedule;

use super::LoginArgs;
use super::byte_size::byte_size;
use super::time::above_zero;

/// Flags of `defragment`.
#[derive(Debug, Args)]
pub(crate) struct DefragmentArgs {
    /// Members of the cluster, separated by commas: one is enough, the others are asked where it says they are
    #[arg(
        long,
        short = 'e',
        env = "ETCDBRCTL_ENDPOINTS",
        value_name = "URLS",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:2379",
        help_heading = "Etcd"
    )]
    endpoints: Vec<String>,
    #[command(flatten)]
    login: LoginArgs,
    #[command(flatten)]
    how: HowArgs,
    /// Defragment nothing; print what would be done
    #[arg(long, help_heading = "Defragmentation")]
    dry_run: bool,
}

/// How members are defragmented
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Defragmentation")]
pub(crate) struct HowArgs {
    /// How long one member may take
    #[arg(long, value_name = "DURATION", default_value = "8m", value_parser = above_zero)]
    etcd_defrag_timeout: Duration,
    /// What must be free in a member's database, in bytes (100MiB) or as a part of it (10%; and 1MiB then)
    #[arg(long, value_name = "SIZE", default_value = "10%", value_parser = min_gain)]
    min_gain: MinGain,
}

impl HowArgs {
    pub(crate) fn request(&self, endpoints: Vec<Endpoint>, mode: Mode) -> Request {
        Request {
            min_gain: self.min_gain,
            within: self.etcd_defrag_timeout,
            endpoints,
            mode,
        }
    }
}

impl DefragmentArgs {
    pub(crate) fn config(&self) -> Result<Config, String> {
        self.login.config(&self.endpoints)
    }

    pub(crate) fn request(&self, endpoints: Vec<Endpoint>) -> Request {
        let mode = match self.dry_run {
            true => Mode::DryRun,
            false => Mode::Defragment,
        };
        self.how.request(endpoints, mode)
    }
}

/// When members are defragmented
#[derive(Debug, Args)]
#[command(next_help_heading = "Defragmentation")]
pub(crate) struct DefragmentationArgs {
    /// When the members of etcd are defragmented, never while a full is taken (default: never)
    #[arg(long, value_name = "CRON", value_parser = Schedule::parse)]
    defragmentation_schedule: Option<Schedule>,
    #[command(flatten)]
    how: HowArgs,
}

impl DefragmentationArgs {
    /// When, and how; `None`: never.
    pub(crate) fn request(&self, endpoints: Vec<Endpoint>) -> Option<(Schedule, Request)> {
        let schedule = self.defragmentation_schedule.clone()?;
        Some((schedule, self.how.request(endpoints, Mode::Defragment)))
    }
}

/// Bytes with or without a unit, or hundredths.
fn min_gain(text: &str) -> Result<MinGain, String> {
    let wrong = || "it is written 100MiB, 1GiB, 5000 (bytes) or 10%".to_owned();
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.parse().ok().filter(|percent| *percent <= 100);
        return percent.map(MinGain::Percent).ok_or_else(wrong);
    }
    byte_size(text).map(MinGain::Bytes).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_is_a_size_or_a_part() {
        for (text, meant) in [
            ("0", MinGain::Bytes(0)),
            ("5000", MinGain::Bytes(5000)),
            ("100MiB", MinGain::Bytes(100 << 20)),
            ("2 Gi", MinGain::Bytes(2 << 30)),
            ("10%", MinGain::Percent(10)),
            ("100%", MinGain::Percent(100)),
        ] {
            assert_eq!(min_gain(text), Ok(meant), "{text}");
        }
        for text in ["", "%", "101%", "-1", "1.5GiB", "10 MB", "99999999999GiB"] {
            assert!(min_gain(text).unwrap_err().contains("100MiB"), "{text}");
        }
    }
}
