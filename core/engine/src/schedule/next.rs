use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::field::Field;

/// Minutes of the calendar of a time zone.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub(super) minute: Field,
    pub(super) hour: Field,
    pub(super) day: Field,
    pub(super) month: Field,
    pub(super) weekday: Field,
    pub(super) zone: TimeZone,
}

/// Within so many days the 29th of February comes on a given day of the week, the years without one included: the
/// calendar repeats after 28 years, and over a year like 2100 after 40.
const DAYS: usize = 366 * 41;

impl Calendar {
    /// Whether any day of a leap year is named. Where days of the week count as well, one of 28 years has it.
    pub(super) fn is_ever_due(&self) -> bool {
        let longest = |month: i8| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let has_day = |month: i8| (1..=longest(month)).any(|day| self.day.has(day));
        let is_by_weekday = !self.day.is_star && !self.weekday.is_star;
        is_by_weekday || self.month.numbers().any(has_day)
    }

    fn names(&self, date: Date) -> bool {
        let day = self.day.has(date.day());
        let weekday = self.weekday.has(date.weekday().to_sunday_zero_offset());
        self.month.has(date.month())
            && match self.day.is_star || self.weekday.is_star {
                true => day && weekday,
                false => day || weekday,
            }
    }

    /// The moments of a day at which it is due, in no order.
    fn moments(&self, date: Date) -> impl Iterator<Item = Timestamp> {
        let times = self
            .hour
            .numbers()
            .flat_map(|hour| self.minute.numbers().map(move |minute| (hour, minute)));
        times.flat_map(move |(hour, minute)| self.moment(date, hour, minute))
    }

    /// A time of the clock: one moment, or two where clocks are turned back and every hour is named.
    fn moment(&self, date: Date, hour: i8, minute: i8) -> impl Iterator<Item = Timestamp> {
        let ambiguous = self
            .zone
            .to_ambiguous_timestamp(date.at(hour, minute, 0, 0));
        let later = ambiguous.later().ok();
        let both = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => (later, None),
            AmbiguousOffset::Fold { .. } => {
                let again = later.filter(|_| self.hour.is_star);
                (ambiguous.earlier().ok(), again)
            }
            // Every hour is named: that after the gap is as well.
            AmbiguousOffset::Gap { .. } if self.hour.is_star => (None, None),
            AmbiguousOffset::Gap { .. } => (later.and_then(|later| self.turned(later)), None),
        };
        [both.0, both.1].into_iter().flatten()
    }

    /// When the clocks were turned before `moment`.
    fn turned(&self, moment: Timestamp) -> Option<Timestamp> {
        let after = moment.checked_add(SignedDuration::from_secs(1)).ok()?;
        let turned = self.zone.preceding(after).next();
        turned.map(|transition| transition.timestamp())
    }
}

/// The first moment after `after`.
pub(super) fn next(calendar: &Calendar, after: Timestamp) -> Option<Timestamp> {
    // Clocks that are turned back over midnight bring the day before once more.
    let today = calendar.zone.to_datetime(after).date();
    let mut date = today.yesterday().unwrap_or(today);
    for _ in 0..DAYS {
        if calendar.names(date) {
            let moments = calendar.moments(date).filter(|moment| *moment > after);
            if let Some(first) = moments.min() {
                return Some(first);
            }
        }
        date = date.checked_add(1.day()).ok()?;
    }
    None
}
