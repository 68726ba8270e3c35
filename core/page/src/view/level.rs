/// How it stands. The later ones count for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Something is under way, and what is said holds at its end.
    Working,
    /// Not known.
    Unknown,
    /// Somebody should look at it.
    Attention,
    /// Somebody has to do something.
    Problem,
}

impl Level {
    /// In a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Good => "OK",
            Self::Working => "Working",
            Self::Unknown => "Not known",
            Self::Attention => "Attention",
            Self::Problem => "Problem",
        }
    }

    /// The name by which style and script know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Working => "working",
            Self::Unknown => "unknown",
            Self::Attention => "attention",
            Self::Problem => "problem",
        }
    }

    /// A sign that differs by more than its colour.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Good => "\u{2713}",
            Self::Working => "\u{2026}",
            Self::Unknown => "?",
            Self::Attention => "!",
            Self::Problem => "\u{2715}",
        }
    }
}
