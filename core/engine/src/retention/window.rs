//! Any moment of the last days, then the newest full of each of so many days, weeks, months and years.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::choice::{Choice, Keep, Period, Remove};

/// What stays. Days begin at midnight UTC, weeks on Monday (ISO 8601).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Any moment of this long until now can be restored: fulls and all deltas.
    pub within: SignedDuration,
    /// Of so many days that have a full, the newest full.
    pub daily: u32,
    /// The same of weeks.
    pub weekly: u32,
    /// The same of months.
    pub monthly: u32,
    /// The same of years.
    pub yearly: u32,
}

impl Window {
    /// What becomes of the fulls created at these seconds since 1970, oldest first.
    pub(super) fn fulls(&self, created: &[i64], now: Timestamp) -> Vec<Choice> {
        let mut choices = vec![Choice::Remove(Remove::OutsideWindow); created.len()];
        let periods = [
            (Period::Day, self.daily),
            (Period::Week, self.weekly),
            (Period::Month, self.monthly),
            (Period::Year, self.yearly),
        ];
        // The longest last: a full that is kept for a day and for a year is kept for the day.
        for (period, count) in periods.into_iter().rev() {
            let mut seen = HashSet::new();
            for (second, choice) in created.iter().zip(&mut choices).rev() {
                let is_first = number(period, *second).is_some_and(|number| {
                    seen.len() < usize::try_from(count).unwrap_or(usize::MAX) && seen.insert(number)
                });
                if is_first {
                    *choice = Choice::Keep(Keep::NewestOf(period));
                }
            }
        }
        for (at, choice) in choices.iter_mut().enumerate() {
            if self.needs(created, at, now) {
                *choice = Choice::Keep(Keep::WithinWindow);
            }
        }
        choices
    }

    /// Whether a moment within the window is restored from this full: the next one was made after the window began, or
    /// in the very second, of which names do not tell the parts.
    pub(super) fn needs(&self, created: &[i64], at: usize, now: Timestamp) -> bool {
        let within = i64::max(self.within.as_secs(), 0);
        let begins = now.as_second().saturating_sub(within);
        within > 0 && created.get(at + 1).is_none_or(|next| *next >= begins)
    }
}

/// Which day, week, month or year a second is in; the same number for the same one.
fn number(period: Period, second: i64) -> Option<(i16, i16)> {
    let date = TimeZone::UTC
        .to_datetime(Timestamp::from_second(second).ok()?)
        .date();
    let week = date.iso_week_date();
    Some(match period {
        Period::Hour => return None,
        Period::Day => (date.year(), date.day_of_year()),
        Period::Week => (week.year(), week.week().into()),
        Period::Month => (date.year(), date.month().into()),
        Period::Year => (date.year(), 0),
    })
}
