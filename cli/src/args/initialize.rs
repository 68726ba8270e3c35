use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Resettable::Reset;
use clap::{ArgAction, Args, ValueEnum};
use engine::backups::Target;
use engine::data_dir::Keep;
use engine::initialize::{ClusterState, EmptyStart, Request, Salvage};
use engine::restore::{Authentication, OtherCluster};
use engine::validate::{Mode, SafeGuard, ServerVersion, Servers, Validation};

use super::restore::{ChangeArgs, MemberArgs, ReadingArgs, absolute, go_bool};
use super::time::not_negative;
use super::{Connection, Inert, StoreArgs};
use crate::error::Result;

/// What is said of a member that is replaced.
const REPLACING: &str = "Replacing a member";

/// Flags of `initialize`.
#[derive(Debug, Args)]
pub(crate) struct InitializeArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    member: MemberArgs,
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    changes: ChangeArgs,
    /// As etcd's flag: "existing" if the other members of --initial-cluster are running. Unless they are, a
    /// member of several without a data directory is not started where there are backups
    #[arg(long, help_heading = REPLACING, value_enum, value_name = "STATE")]
    initial_cluster_state: Option<ClusterStateChoice>,
    /// Replace a damaged member by an empty one where there is no backup
    #[arg(long, help_heading = REPLACING, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_empty_start: bool,
    /// Keep the replaced member, even if the restored one holds all of it
    #[arg(long, help_heading = REPLACING, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    keep_old: bool,
    /// Restore even if authentication is on in the replaced member and off in the backups
    #[arg(long, help_heading = REPLACING, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_authentication_off: bool,
    /// Replace a damaged member even if the backups are those of another cluster; the member is kept
    #[arg(long, help_heading = REPLACING, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_other_cluster: bool,
    /// Replay writes that only the WAL of a damaged member holds on top of the backups; do nothing where
    /// that is not certain
    #[arg(long, help_heading = REPLACING, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    salvage_wal: bool,
    /// How long to wait for another process that uses the directory
    #[arg(long, help_heading = REPLACING, value_name = "DURATION", default_value = "120s", value_parser = not_negative, allow_hyphen_values = true)]
    lock_timeout: Duration,
    /// Print what would be done and why, and change nothing
    #[arg(long, help_heading = Reset)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    _connection: Connection,
    #[command(flatten)]
    _inert: Inert,
}

/// Flags of `validate`.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Data directory
    #[arg(long, short, value_name = "DIR", default_value = "default.etcd")]
    data_dir: PathBuf,
    #[command(flatten)]
    judging: JudgingArgs,
}

/// How a directory is judged
#[derive(Debug, Args)]
#[command(next_help_heading = "Validation")]
struct JudgingArgs {
    /// How much to check
    #[arg(long, value_enum, default_value_t)]
    validation_mode: ModeChoice,
    /// The etcd version that will start on the directory, such as 3.5.35. Without it, only what all versions
    /// make of the WAL counts as certain
    #[arg(long, value_name = "VERSION")]
    etcd_version: Option<ServerVersion>,
    #[arg(long, env = "POD_NAMESPACE", hide = true)]
    pod_namespace: Option<String>,
}

/// As the flag of etcd has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClusterStateChoice {
    /// They have no state yet, or it is not known
    New,
    /// They are running
    Existing,
}

/// How closely to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ModeChoice {
    /// Every byte that etcd may read
    #[default]
    Full,
    /// The structure and the revision only
    Sanity,
}

impl JudgingArgs {
    fn validation(&self, data_dir: PathBuf) -> Validation {
        let namespace = self.pod_namespace.as_deref();
        let namespace = namespace.filter(|name| !name.is_empty());
        Validation {
            guard: namespace.map(|namespace| SafeGuard::of(&data_dir, namespace)),
            mode: match self.validation_mode {
                ModeChoice::Full => Mode::Full,
                ModeChoice::Sanity => Mode::Sanity,
            },
            servers: self.etcd_version.map_or(Servers::Any, Servers::Only),
            data_dir,
        }
    }
}

impl ValidateArgs {
    pub(crate) fn validation(&self) -> Result<Validation> {
        Ok(self.judging.validation(absolute(&self.data_dir)?))
    }
}

impl InitializeArgs {
    pub(crate) fn request(&self) -> Result<Request> {
        let mut restore = self
            .member
            .request(Target::Latest, &self.reading, &self.changes)?;
        if self.allow_authentication_off {
            restore.authentication = Authentication::MayBeOff;
        }
        if self.allow_other_cluster {
            restore.other_cluster = OtherCluster::Allowed;
        }
        Ok(Request {
            validation: self.judging.validation(restore.data_dir.clone()),
            restore,
            empty_start: match self.allow_empty_start {
                true => EmptyStart::Allowed,
                false => EmptyStart::Refused,
            },
            cluster_state: match self.initial_cluster_state {
                Some(ClusterStateChoice::Existing) => ClusterState::Existing,
                Some(ClusterStateChoice::New) | None => ClusterState::Unspecified,
            },
            keep: match self.keep_old {
                true => Keep::Always,
                false => Keep::IfAhead,
            },
            salvage: match self.salvage_wal {
                true => Salvage::Wanted,
                false => Salvage::Unwanted,
            },
            lock_timeout: self.lock_timeout,
        })
    }
}
