use std::time::Duration;

use clap::{ArgAction, Args};
use engine::data_dir::Keep;
use engine::initialize::{ClusterState, EmptyStart, Request, Salvage};
use engine::restore::{self, Authentication, OtherCluster};
use engine::validate::Validation;

use super::restore::go_bool;
use super::time::not_negative;

/// What is said of a member that is replaced.
pub(super) const REPLACING: &str = "Replacing a member";

/// When a member is replaced, and what becomes of it
#[derive(Debug, Args)]
#[command(next_help_heading = REPLACING)]
pub(crate) struct ReplacingArgs {
    /// Replace a damaged member by an empty one where there is no backup
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_empty_start: bool,
    /// Keep the replaced member, even if the restored one holds all of it
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    keep_old: bool,
    /// Restore even if authentication is on in the replaced member and off in the backups
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_authentication_off: bool,
    /// Replace a damaged member even if the backups are those of another cluster; the member is kept
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    allow_other_cluster: bool,
    /// Replay writes that only the WAL of a damaged member holds on top of the backups; do nothing where
    /// that is not certain
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    salvage_wal: bool,
    /// How long to wait for another process that uses the directory
    #[arg(long, value_name = "DURATION", default_value = "120s", value_parser = not_negative, allow_hyphen_values = true)]
    lock_timeout: Duration,
}

impl ReplacingArgs {
    /// The request to initialize what `validation` judges, by `restore` if it has to be.
    pub(crate) fn request(
        &self,
        validation: Validation,
        mut restore: restore::Request,
        cluster_state: ClusterState,
    ) -> Request {
        if self.allow_authentication_off {
            restore.authentication = Authentication::MayBeOff;
        }
        if self.allow_other_cluster {
            restore.other_cluster = OtherCluster::Allowed;
        }
        Request {
            validation,
            restore,
            empty_start: match self.allow_empty_start {
                true => EmptyStart::Allowed,
                false => EmptyStart::Refused,
            },
            cluster_state,
            keep: match self.keep_old {
                true => Keep::Always,
                false => Keep::IfAhead,
            },
            salvage: match self.salvage_wal {
                true => Salvage::Wanted,
                false => Salvage::Unwanted,
            },
            lock_timeout: self.lock_timeout,
        }
    }
}
