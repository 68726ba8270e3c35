/// An alarm that is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Of which member.
    pub member_id: u64,
    /// Why.
    pub kind: AlarmKind,
}

/// Why an alarm is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// The quota of the database is used up; writes are refused.
    NoSpace,
    /// Members hold different keys.
    Corrupt,
}
