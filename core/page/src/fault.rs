use jiff::Timestamp;

/// Why something fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// When it failed for the first time since it last succeeded.
    pub since: Timestamp,
    /// Why, in words for people, without secrets.
    pub why: String,
}
