/// How long a lease lasts, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTime {
    /// What it was granted for. Never changes.
    pub granted: i64,
    /// What is left of it.
    pub left: i64,
}
