use std::time::Duration;

use super::decide::{ClusterState, EmptyStart};
use super::salvage::Salvage;
use crate::data_dir::Keep;
use crate::restore;
use crate::validate::Validation;

/// What to initialize, and with what liberties.
#[derive(Debug, Clone)]
pub struct Request {
    /// The directory, and how closely to look.
    pub validation: Validation,
    /// How to restore it. Its target and its member to replace are chosen here.
    pub restore: restore::Request,
    /// What an empty store means.
    pub empty_start: EmptyStart,
    /// Whether the other members of its cluster serve.
    pub cluster_state: ClusterState,
    /// When a replaced member is kept.
    pub keep: Keep,
    /// What becomes of writes that only its log holds.
    pub salvage: Salvage,
    /// How long to wait for a process that uses the directory: the etcd of the pod before may take
    /// its time to end.
    pub lock_timeout: Duration,
}
