use super::delta::{HashCheck, LeasePolicy};

/// How objects are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Whether SHA-256 sums must be right.
    pub hash: HashCheck,
    /// What becomes of the leases that deltas name.
    pub leases: LeasePolicy,
    /// How many objects are fetched and decoded at once.
    pub fetchers: usize,
}
