use std::path::PathBuf;

use clap::builder::Resettable::Reset;
use clap::{Args, ValueEnum};
use client::Config;
use engine::backups::Target;
use engine::initialize::{ClusterState, Request};
use engine::validate::{Mode, SafeGuard, ServerVersion, Servers, Validation};

use super::etcd::LoginArgs;
use super::replacing::{REPLACING, ReplacingArgs};
use super::restore::{ChangeArgs, MemberArgs, ReadingArgs, absolute};
use super::{Connection, Inert, StoreArgs};
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
    /// As etcd's flag: "existing" if the other members of --initial-cluster are running. Unless they are, a
    /// member of several without a data directory is not started where there are backups
    #[arg(long, help_heading = REPLACING, value_enum, value_name = "STATE")]
    initial_cluster_state: Option<ClusterStateChoice>,
    #[command(flatten)]
    replacing: ReplacingArgs,
    /// Print what would be done and why, and change nothing
    #[arg(long, help_heading = Reset)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) others: OthersArgs,
    #[command(flatten)]
    _connection: Connection,
    #[command(flatten)]
    _inert: Inert,
}

/// How the other members are found
#[derive(Debug, Args)]
#[command(next_help_heading = REPLACING)]
pub(crate) struct OthersArgs {
    /// Where other members of the cluster serve, separated by commas: one that cannot start is removed, and added anew as a
    /// learner; it gets its state from them
    #[arg(long, value_name = "URLS", value_delimiter = ',')]
    service_endpoints: Vec<String>,
    #[command(flatten)]
    login: LoginArgs,
}

impl OthersArgs {
    /// How they are asked; `None` where nobody says where they are.
    pub(crate) fn config(&self) -> Result<Option<Config>> {
        if self.service_endpoints.is_empty() {
            return Ok(None);
        }
        let config = self.login.config(&self.service_endpoints);
        config.map(Some).map_err(Error::new)
    }
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
        let mode = match self.validation_mode {
            ModeChoice::Full => Mode::Full,
            ModeChoice::Sanity => Mode::Sanity,
        };
        let servers = self.etcd_version.map_or(Servers::Any, Servers::Only);
        validation(data_dir, self.pod_namespace.as_deref(), mode, servers)
    }
}

/// How a directory of a namespace is judged; the name of none is empty, or not there.
pub(super) fn validation(
    data_dir: PathBuf,
    namespace: Option<&str>,
    mode: Mode,
    servers: Servers,
) -> Validation {
    let namespace = namespace.filter(|name| !name.is_empty());
    Validation {
        guard: namespace.map(|namespace| SafeGuard::of(&data_dir, namespace)),
        mode,
        servers,
        data_dir,
    }
}

impl ValidateArgs {
    pub(crate) fn validation(&self) -> Result<Validation> {
        Ok(self.judging.validation(absolute(&self.data_dir)?))
    }
}

impl InitializeArgs {
    pub(crate) fn request(&self) -> Result<Request> {
        let restore = self
            .member
            .request(Target::Latest, &self.reading, &self.changes)?;
        let validation = self.judging.validation(restore.data_dir.clone());
        let state = match self.initial_cluster_state {
            Some(ClusterStateChoice::Existing) => ClusterState::Existing,
            Some(ClusterStateChoice::New) | None => ClusterState::Unspecified,
        };
        Ok(self.replacing.request(validation, restore, state))
    }
}
