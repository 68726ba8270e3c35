use serde::Serialize;

use crate::data_dir::Holds;
use crate::hint::Hint;
use crate::restore::{Report, Source};
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
        let is_behind = matches!(validated.finding, Finding::Behind { .. });
        let (state, why) = match (&validated.facts.held_log, validated.facts.holds) {
            (HeldLog::Torn(last, why), _) if is_behind => (
                SalvageState::Nothing,
                format!(
                    "The member with its log to entry {last} lags behind the backups; what was written \
                     after that is torn ({why})."
                ),
            ),
            _ if is_behind => (
                SalvageState::Nothing,
                "The member with all of its log lags behind the backups.".into(),
            ),
            (HeldLog::Nothing | HeldLog::NotMounted, _) => (
                SalvageState::Nothing,
                "There is no log to salvage from.".into(),
            ),
            (HeldLog::Unseen, _) => (SalvageState::Nothing, "There is no member.".into()),
            (_, Holds::UpTo(most)) if most <= newest => (
                SalvageState::Nothing,
                format!("The member held revision {most} at most, and the backups lead that far."),
            ),
            (HeldLog::Broken(why), _) => (
                SalvageState::Impossible,
                format!("Nothing can be salvaged from the log: {why}."),
            ),
            (HeldLog::Torn(last, why), _) => (
                SalvageState::Possible,
                format!(
                    "Its log can be read to entry {last}, and may hold writes that no backup has; what \
                     was written after that is torn ({why})."
                ),
            ),
            (HeldLog::UpTo(last), _) => (
                SalvageState::Possible,
                format!(
                    "Its log is whole, to entry {last}, and may hold writes that no backup has."
                ),
            ),
        };
        Self { state, why }
    }

    /// After a restore to which a log has added something, or had nothing to add.
    pub(crate) fn done(report: &Report) -> Option<Self> {
        let salvaged = report.salvaged.as_ref()?;
        let checked = match salvaged.checked {
            0 => String::new(),
            events => format!(" {events} events of deltas are in the log too, all alike."),
        };
        let left_out = salvaged.left_out.as_ref().map_or_else(String::new, |why| {
            format!(" The end of the log was left out: {why}.")
        });
        let why = match salvaged.changes {
            0 => format!("The log holds nothing that the backups lack.{checked}{left_out}"),
            changes => format!(
                "Salvaged from the log: revisions {} to {}, {changes} changes.{checked}{left_out}",
                salvaged.first, salvaged.last
            ),
        };
        Some(Self {
            state: SalvageState::Done,
            why,
        })
    }

    /// For the explanation, before a restore: nothing where there is nothing.
    pub(crate) fn remark(&self, wanted: Salvage) -> Option<String> {
        let more = match (self.state, wanted) {
            (SalvageState::Nothing | SalvageState::Done, _) => return None,
            (_, Salvage::Unwanted) => "",
            (SalvageState::Impossible, Salvage::Wanted) => {
                " Since they were asked for, nothing would be done."
            }
            (SalvageState::Possible, Salvage::Wanted) => {
                " They would be replayed if it proves to be of one history with the backups."
            }
        };
        Some(format!("{}{more}", self.why))
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
        })
    }
}
