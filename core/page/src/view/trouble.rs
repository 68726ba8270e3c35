use super::level::Level;

/// Something that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How much it counts; one that is good is a note.
    pub level: Level,
    /// What it is, and why.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}

pub(super) fn trouble(level: Level, what: impl Into<String>, remedy: &'static str) -> Trouble {
    Trouble {
        level,
        what: what.into(),
        remedy,
    }
}
