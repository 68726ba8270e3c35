use std::time::Duration;

use clap::{Args, ValueEnum};
use engine::retention::{Policy, ProofRule, Rules, Scope, Window};
use jiff::SignedDuration;

use super::StoreArgs;
use super::number::at_least;
use super::time::not_negative;

/// Flags of `gc`.
#[derive(Debug, Args)]
pub(crate) struct GcArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    retention: RetentionArgs,
    /// Delete nothing; print what would be deleted and why
    #[arg(long, help_heading = "Collection")]
    pub(crate) dry_run: bool,
    /// Collect this lineage, by its id or the beginning of that (default: the newest)
    #[arg(long, help_heading = "Collection", value_name = "ID")]
    lineage: Option<String>,
}

/// What stays
#[derive(Debug, Args)]
#[command(next_help_heading = "Retention")]
pub(crate) struct RetentionArgs {
    /// Which fulls of older chains stay (default: Window with any --keep flag, else Exponential)
    #[arg(long, value_enum, ignore_case = true, value_name = "POLICY")]
    garbage_collection_policy: Option<PolicyName>,
    /// Number of fulls that LimitBased keeps (default: 7)
    #[arg(long, short, value_name = "N", value_parser = |text: &str| at_least(text, 1_u32))]
    max_backups: Option<u32>,
    /// How long deltas of older chains stay (0: not at all)
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = not_negative)]
    delta_snapshot_retention_period: Duration,
    /// Keep any moment of this long: all fulls and deltas that it needs
    #[arg(long, value_name = "DURATION", value_parser = not_negative)]
    keep_within: Option<Duration>,
    /// Keep the newest full of each of the last N days that have one
    #[arg(long, value_name = "N", value_parser = |text: &str| at_least(text, 0_u32))]
    keep_daily: Option<u32>,
    /// Keep the newest full of each of the last N weeks that have one
    #[arg(long, value_name = "N", value_parser = |text: &str| at_least(text, 0_u32))]
    keep_weekly: Option<u32>,
    /// Keep the newest full of each of the last N months that have one
    #[arg(long, value_name = "N", value_parser = |text: &str| at_least(text, 0_u32))]
    keep_monthly: Option<u32>,
    /// Keep the newest full of each of the last N years that have one
    #[arg(long, value_name = "N", value_parser = |text: &str| at_least(text, 0_u32))]
    keep_yearly: Option<u32>,
    /// Delete older fulls only while a newer chain is proven
    #[arg(long)]
    require_proof: bool,
}

/// Policies by the names of the reference, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PolicyName {
    /// Hours of the current day, then 7 days, then 4 weeks
    #[value(name = "Exponential")]
    Exponential,
    /// The newest fulls
    #[value(name = "LimitBased", alias = "limit-based")]
    LimitBased,
    /// What the --keep flags say
    #[value(name = "Window")]
    Window,
}

/// As the reference has it.
const MAX_BACKUPS: u32 = 7;

/// What was written within this long may still be going on: ten minutes is the longest that a part may take, and more
/// than clocks differ.
const UPLOAD_DEADLINE: SignedDuration = SignedDuration::from_mins(10);

impl GcArgs {
    pub(crate) fn rules(&self) -> Result<Rules, String> {
        self.retention.rules(self.lineage.clone())
    }
}

impl RetentionArgs {
    /// Of a lineage, or of the newest one.
    pub(crate) fn rules(&self, lineage: Option<String>) -> Result<Rules, String> {
        Ok(Rules {
            policy: self.policy()?,
            delta_retention: signed(self.delta_snapshot_retention_period),
            upload_deadline: UPLOAD_DEADLINE,
            proof: match self.require_proof {
                true => ProofRule::Needed,
                false => ProofRule::NotNeeded,
            },
            scope: lineage.map_or(Scope::Newest, Scope::Lineage),
        })
    }

    fn counts(&self) -> impl Iterator<Item = Option<u32>> {
        [
            self.keep_daily,
            self.keep_weekly,
            self.keep_monthly,
            self.keep_yearly,
        ]
        .into_iter()
    }

    fn policy(&self) -> Result<Policy, String> {
        let window = Window {
            within: signed(self.keep_within.unwrap_or_default()),
            daily: self.keep_daily.unwrap_or(0),
            weekly: self.keep_weekly.unwrap_or(0),
            monthly: self.keep_monthly.unwrap_or(0),
            yearly: self.keep_yearly.unwrap_or(0),
        };
        let is_given = self.keep_within.is_some() || self.counts().any(|count| count.is_some());
        let keeps = window != Window::default();
        match self.garbage_collection_policy {
            None | Some(PolicyName::Window) if keeps => Ok(Policy::Window(window)),
            None if is_given => Err(
                "every --keep flag is 0, which would keep the newest chain alone: say what stays, as in \
                 --keep-within 7d --keep-daily 30"
                    .to_owned(),
            ),
            Some(policy) if is_given => Err(format!(
                "--garbage-collection-policy {policy:?} and a --keep flag are given: choose one"
            )),
            Some(PolicyName::Window) => Err(
                "--garbage-collection-policy Window keeps the newest chain alone unless a --keep flag is given: say \
                 what stays, as in --keep-within 7d --keep-daily 30"
                    .to_owned(),
            ),
            Some(PolicyName::LimitBased) => Ok(Policy::LimitBased {
                max_backups: self.max_backups.unwrap_or(MAX_BACKUPS),
            }),
            None if self.max_backups.is_some() => Err(
                "--max-backups counts only with --garbage-collection-policy LimitBased: name that policy"
                    .to_owned(),
            ),
            None | Some(PolicyName::Exponential) => Ok(Policy::Exponential),
        }
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
