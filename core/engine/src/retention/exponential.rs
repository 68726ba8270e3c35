//! The reference's `Exponential` (etcd-backup-restore, `pkg/snapshot/snapshotter/garbagecollector.go`): hours of the
//! current day, then days, then weeks, to five weeks.
//!
//! Ages count back from the end of the current day in UTC, 23:59:59. A full goes when the next newer one lies in the
//! same window, even if that one goes as well: the newest of a window stays. Some of it is peculiar, and kept so that
//! both programs agree:
//!
//! - a full of the current day whose hour of the day is that of now stays, whatever else is in that hour;
//! - when the first full older than eight days is met, the end of the day moves back by one day. So weeks end with
//!   yesterday, and what is between eight and nine days old is seen by days again.
//!
//! In one case more stays here: where the newest full itself is older than eight days, the end of the day has moved.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::choice::{Choice, Keep, Period, Remove};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// How far back days are kept, and weeks.
const DAYS: i64 = 8 * DAY;
const WEEKS: i64 = 5 * WEEK;

/// What becomes of the fulls created at these seconds since 1970, oldest first. The newest always stays.
pub(super) fn fulls(created: &[i64], now: Timestamp) -> Vec<Choice> {
    let mut end = now.as_second().div_euclid(DAY) * DAY + DAY - 1;
    // The first full of a week may go where the newest one of all is of the same week. Weeks have begun with that one
    // then, or a second run would count without the shift and delete more.
    let newest = created.last().map(|newest| end.saturating_sub(*newest));
    let mut weeks_begun = newest.is_some_and(|age| (DAYS..WEEKS).contains(&age));
    if weeks_begun {
        end -= DAY;
    }
    let mut choices = vec![Choice::Keep(Keep::NewestChain)];
    for pair in created.windows(2).rev() {
        let &[older, newer] = pair else { continue };
        let age = end.saturating_sub(older);
        let period = match age {
            ..DAY => Some(Period::Hour),
            DAY..DAYS => Some(Period::Day),
            DAYS..WEEKS => Some(Period::Week),
            _ => None,
        };
        if period == Some(Period::Week) && !weeks_begun {
            end -= DAY;
            weeks_begun = true;
        }
        choices.push(match period {
            None => Choice::Remove(Remove::PastFiveWeeks),
            Some(Period::Hour) if hour_of_day(older) == hour_of_day(now.as_second()) => {
                Choice::Keep(Keep::CurrentHour)
            }
            Some(period) if is_one_window(period, end, older, newer) => {
                Choice::Remove(Remove::NewerOf(period))
            }
            Some(period) => Choice::Keep(Keep::NewestOf(period)),
        });
    }
    choices.truncate(created.len());
    choices.reverse();
    choices
}

/// Whether two fulls lie in one hour, day or week, counted back from `end`. The parts of the next larger window count
/// too, since a day is no whole number of weeks: two in one week are never in two that are seven days apart.
fn is_one_window(period: Period, end: i64, older: i64, newer: i64) -> bool {
    let apart = |unit: i64| {
        let at = |second: i64| end.saturating_sub(second) / unit;
        at(older) - at(newer)
    };
    let hours = match period {
        Period::Hour => 1,
        Period::Day => 24,
        _ => 24 * 7,
    };
    apart(HOUR) / hours == 0 && apart(DAY) * 24 / hours == 0 && apart(WEEK) * 24 * 7 / hours == 0
}

fn hour_of_day(second: i64) -> Option<i8> {
    let time = Timestamp::from_second(second).ok()?;
    Some(TimeZone::UTC.to_datetime(time).hour())
}
