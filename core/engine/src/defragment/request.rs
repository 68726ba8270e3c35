use std::time::Duration;

use client::Endpoint;

use super::plan::MinGain;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request {
    /// Less than this is not worth that a member is blocked.
    pub min_gain: MinGain,
    /// How long one member may take. etcd goes on with it all the same.
    pub within: Duration,
    /// Where members are looked for, beside where they say that clients find them: what they say may not be reached from
    /// here.
    pub endpoints: Vec<Endpoint>,
    /// Whether anything is done.
    pub mode: Mode,
}

/// Whether anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is only said what would be done.
    DryRun,
    /// Members are defragmented.
    Defragment,
}
