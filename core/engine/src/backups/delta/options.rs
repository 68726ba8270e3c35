/// Whether the SHA-256 after the content must be right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HashCheck {
    /// It must be there and right.
    #[default]
    Required,
    /// A full may lack it, as a copy of a member's file does; where it is there, it must be right.
    WherePresent,
    /// It is not looked at (`--skip-hash-check`).
    Skipped,
}

/// What becomes of the leases that events name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LeasePolicy {
    /// Keys keep them.
    #[default]
    Keep,
    /// Keys written by deltas become permanent, as the reference leaves them.
    Drop,
}

/// How a delta is read.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// Whether its hash must be right.
    pub hash: HashCheck,
    /// What becomes of leases.
    pub leases: LeasePolicy,
    /// Seeds [`super::DecodedEvent::key_hash`]; the same for all deltas of a run.
    pub seed: u64,
    /// Whether times are wanted.
    pub times: Times,
}

/// Whether the times of events are parsed. It costs as much as all their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Times {
    /// They are.
    Parsed,
    /// They are passed over.
    #[default]
    Ignored,
}
