use super::Header;

/// What a member says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Who it is; its revision is the member's own.
    pub header: Header,
    /// Its version, as `3.5.35`.
    pub version: String,
    /// Bytes of its database file.
    pub db_size: u64,
    /// Bytes of it that are in use.
    pub db_size_in_use: u64,
    /// The most bytes it may have; `None` before 3.6, which does not say so.
    pub db_size_quota: Option<u64>,
    /// The leader it knows of, if any.
    pub leader: Option<u64>,
    /// The last entry of its log that is committed.
    pub raft_index: u64,
    /// The last entry that it has applied.
    pub raft_applied_index: u64,
    /// Whether it is a learner.
    pub learner: bool,
    /// The version of what it stores, as `3.6.0`; `None` before 3.6.
    pub storage_version: Option<String>,
    /// Alarms and the like, in its own words, made safe to print.
    pub errors: Vec<String>,
}
