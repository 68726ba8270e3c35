use serde::Serialize;

/// Something that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub what: &'static str,
    /// With whose word.
    pub with: String,
    /// What it came to.
    pub outcome: Outcome,
    /// By the restored database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<String>,
    /// By the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Why it was not compared, or what else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Both say the same.
    Same,
    /// They do not.
    Differs,
    /// There was nothing to compare with.
    NotCompared,
}

impl Check {
    /// Both sides in words.
    pub(super) fn of(
        what: &'static str,
        with: impl Into<String>,
        restored: impl ToString,
        other: impl ToString,
    ) -> Self {
        let (restored, other) = (restored.to_string(), other.to_string());
        Self {
            what,
            with: with.into(),
            outcome: match restored == other {
                true => Outcome::Same,
                false => Outcome::Differs,
            },
            restored: Some(restored),
            other: Some(other),
            note: None,
        }
    }

    /// The other side says something that cannot be the same.
    pub(super) fn differs(
        what: &'static str,
        with: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Differs,
            ..Self::not_compared(what, with, note)
        }
    }

    pub(super) fn not_compared(
        what: &'static str,
        with: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Self {
            what,
            with: with.into(),
            outcome: Outcome::NotCompared,
            restored: None,
            other: None,
            note: Some(note.into()),
        }
    }

    /// As an end of a sentence.
    pub(super) fn told(&self) -> String {
        let Self { what, with, .. } = self;
        match (&self.restored, &self.other, &self.note) {
            (Some(restored), Some(other), _) => {
                format!("{what} is {restored} by what was restored, and {other} by {with}")
            }
            (.., Some(note)) => format!("{what} by {with}: {note}"),
            _ => format!("{what} by {with}"),
        }
    }
}
