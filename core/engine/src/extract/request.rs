use std::io;
use std::sync::Arc;

use client::Etcd;

use super::plan::Rules;
use super::report::Step;
use crate::keyspace::{Keys, Side};

/// What to put back.
#[derive(Clone)]
pub struct Request {
    /// The state that keys are taken from.
    pub from: Side,
    /// The etcd that they are put back into. Without one all of them count as gone.
    pub to: Option<Arc<dyn Etcd>>,
    /// Which keys.
    pub keys: Keys,
    /// What is done with those that are not gone.
    pub rules: Rules,
    /// Whether anything is written.
    pub mode: Mode,
    /// Whether the etcd may be another than the one that was backed up.
    pub other_cluster: OtherCluster,
    /// Bytes that the names of the keys may take in memory.
    pub memory: usize,
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is only said what would be written.
    Plan,
    /// It is written.
    Apply,
}

/// Whether the etcd may be another than the one that was backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherCluster {
    /// It is an error.
    Refuse,
    /// It may.
    Allow,
}

/// Who is told what becomes of each key.
pub trait Listener: Send + 'static {
    /// A key that is not as in the backup. An error ends the extraction.
    fn hear(&mut self, step: &Step) -> io::Result<()>;
}
