use serde::Serialize;

use super::messages::salvage as messages;
use crate::data_dir::Holds;
use crate::hint::Hint;
use crate::restore::{Onto, Report, Source};
use crate::validate::{Finding, HeldLog, Validated, Validation};

/// Whether writes that only the log of a damaged member holds are put on top of the backups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Salvage {
    /// No: they stay in the member that is kept.
    #[default]
    Unwanted,
    /// Yes; and when that cannot be done with certainty, nothing is done at all.
    Wanted,
}

/// Whether there is something to salvage. Said always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Salvageable {
    /// In one word.
    pub state: SalvageState,
    /// Why, in a sentence.
    pub why: String,
}

/// Whether there is something to salvage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SalvageState {
    /// No.
    Nothing,
    /// There may be, and it cannot be read.
    Impossible,
    /// There may be: the log is whole. Whether it belongs to the backups shows when the full is
    /// read.
    Possible,
    /// It was done.
    Done,
}

impl Salvageable {
    /// What was found before anything is done. `None` where nothing would be restored.
    pub(crate) fn of(validated: &Validated) -> Self {
        let newest = validated.backups.newest().unwrap_or(0);
        let is_lagging = matches!(validated.finding, Finding::Behind { .. });
        let (state, why) = match (&validated.facts.held_log, validated.facts.holds) {
            (HeldLog::Torn(last, why), _) if is_lagging => {
                let torn = Some((*last, why.as_str()));
                (SalvageState::Nothing, messages::lags(torn))
            }
            _ if is_lagging => (SalvageState::Nothing, messages::lags(None)),
            (HeldLog::Nothing | HeldLog::NotMounted, _) => {
                (SalvageState::Nothing, messages::no_log())
            }
            (HeldLog::Unseen, _) => (SalvageState::Nothing, messages::no_member()),
            (_, Holds::UpTo(most)) if most <= newest => {
                (SalvageState::Nothing, messages::led_as_far(most))
            }
            (HeldLog::Broken(why), _) => (SalvageState::Impossible, messages::unreadable(why)),
            (HeldLog::Torn(last, why), _) => {
                (SalvageState::Possible, messages::open(*last, Some(why)))
            }
            (HeldLog::UpTo(last), _) => (SalvageState::Possible, messages::open(*last, None)),
        };
        Self { state, why }
    }

    /// After a restore to which a log has added something, or had nothing to add.
    pub(crate) fn done(report: &Report) -> Option<Self> {
        let salvaged = report.salvaged.as_ref()?;
        let why = messages::done(salvaged);
        Some(Self {
            state: SalvageState::Done,
            why,
        })
    }

    /// For the explanation, before a restore: nothing where there is nothing.
    pub(crate) fn remark(&self, wanted: Salvage) -> Option<String> {
        match (self.state, wanted) {
            (SalvageState::Nothing | SalvageState::Done, _) => None,
            (_, Salvage::Unwanted) => Some(self.why.clone()),
            (SalvageState::Impossible, Salvage::Wanted) => Some(messages::would_refuse(&self.why)),
            (SalvageState::Possible, Salvage::Wanted) => Some(messages::would_replay(&self.why)),
        }
    }

    /// What brings writes back that nobody has asked for.
    pub(crate) fn hint(&self, wanted: Salvage) -> Option<Hint> {
        let is_open = (self.state, wanted) == (SalvageState::Possible, Salvage::Unwanted);
        is_open.then_some(Hint::SalvageLog)
    }
}

impl Salvage {
    /// What a restore is asked to salvage, when there is a log.
    pub(crate) fn source(self, validation: &Validation, validated: &Validated) -> Option<Source> {
        let up_to = match validated.facts.holds {
            Holds::UpTo(most) => Some(most),
            Holds::Nothing => return None,
            Holds::AtLeast(_) => None,
        };
        let held = &validated.facts.held_log;
        let whole = matches!(held, HeldLog::UpTo(_) | HeldLog::Torn(..));
        let old = matches!(validated.finding, Finding::Behind { .. });
        (self == Self::Wanted && whole && !old).then(|| Source {
            data_dir: validation.data_dir.clone(),
            up_to,
            servers: validation.servers,
            onto: Onto::Backup,
        })
    }
}
