use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use engine::backups::Target;
use engine::data_dir::Keep;
use engine::initialize::{ClusterState, EmptyStart, Request, Salvage};
use engine::restore::{Authentication, OtherCluster};
use engine::validate::{Mode, SafeGuard, ServerVersion, Servers, Validation};
use jiff::SignedDuration;

use super::restore::{ChangeArgs, MemberArgs, ReadingArgs, absolute, go_bool};
use super::{Connection, Format, Inert, StoreArgs};
use crate::error::{Error, Result};

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
    /// Whether the other members of --initial-cluster serve ("existing"), as etcd is told; unless they do,
    /// a member of several that has no directory is not started beside backups
    #[arg(long, value_enum, value_name = "STATE")]
    initial_cluster_state: Option<ClusterStateChoice>,
    /// When there is no backup, let a damaged member make room for a new, empty etcd
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_empty_start: bool,
    /// Keep the member that is replaced, even if all of it is in what replaces it
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    keep_old: bool,
    /// Restore even where authentication is on in the member that is replaced and off in the backups
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_authentication_off: bool,
    /// Restore a damaged member even where the backups are those of another cluster; it is kept
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_other_cluster: bool,
    /// Put writes that only the log of a damaged member still holds behind the backups; if that is
    /// not certain, do nothing
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    salvage_wal: bool,
    /// How long to wait for a process that uses the directory
    #[arg(long, value_name = "DURATION", default_value = "120s")]
    lock_timeout: SignedDuration,
    /// Say what would be done and why, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print the result
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
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
    /// How to print the result
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// How a directory is judged
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
struct JudgingArgs {
    /// How closely to look
    #[arg(long, value_enum, default_value_t)]
    validation_mode: ModeChoice,
    /// The etcd that will start on the directory, such as 3.5.35; without it only what every etcd
    /// makes of the log is taken for certain
    #[arg(long, value_name = "VERSION")]
    etcd_version: Option<ServerVersion>,
    #[arg(long, env = "POD_NAMESPACE", hide = true)]
    pod_namespace: Option<String>,
}

/// As the flag of etcd has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClusterStateChoice {
    /// They have no state yet, or nobody knows
    New,
    /// They serve
    Existing,
}

/// How closely to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ModeChoice {
    /// At every byte that an etcd may read
    #[default]
    Full,
    /// At the structure and the revision only
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
                Some(ClusterStateChoice::New) | None => ClusterState::Unsaid,
            },
            keep: match self.keep_old {
                true => Keep::Always,
                false => Keep::IfAhead,
            },
            salvage: match self.salvage_wal {
                true => Salvage::Wanted,
                false => Salvage::Unwanted,
            },
            patience: self
                .lock_timeout
                .try_into()
                .map_err(|_| Error::new("--lock-timeout is negative"))?,
        })
    }
}
