use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::error::ScheduleError;
use super::field::{DAY, Field, HOUR, MINUTE, MONTH, WEEKDAY};
use super::next::{Calendar, next};

/// When something is due.
#[derive(Debug, Clone)]
pub struct Schedule(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// So long after the last time.
    Every(SignedDuration),
    /// At minutes of the calendar.
    Calendar(Box<Calendar>),
}

impl Schedule {
    /// Reads a schedule. Without `TZ=` or `CRON_TZ=` before it, its hours are those of UTC.
    ///
    /// Differs from robfig/cron where that would never be due or guesses: an empty part of a list, `*-5` and a day that no
    /// month has are refused.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let (zone, rest) = zone(text.trim())?;
        match rest.strip_prefix('@') {
            Some(descriptor) => described(descriptor, zone),
            None => calendar(rest, zone),
        }
    }

    /// The first time after `after` at which it is due, in whole seconds. `None` beyond the end of the calendar.
    ///
    /// Where clocks are turned back, a time that occurs twice counts once, unless the schedule names every hour; where they
    /// are turned forward, a time that is left out is due when the clocks have been turned.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Every(delay) => {
                let second = Timestamp::from_second(
                    after
                        .as_nanosecond()
                        .div_euclid(NANOSECONDS)
                        .try_into()
                        .ok()?,
                );
                second.ok()?.checked_add(*delay).ok()
            }
            Kind::Calendar(calendar) => next(calendar, after),
        }
    }
}

const NANOSECONDS: i128 = 1_000_000_000;

/// The time zone before a schedule, and the schedule.
fn zone(text: &str) -> Result<(TimeZone, &str), ScheduleError> {
    let after = text
        .strip_prefix("TZ=")
        .or_else(|| text.strip_prefix("CRON_TZ="));
    let Some(after) = after else {
        return Ok((TimeZone::UTC, text));
    };
    let (zone, rest) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    let found = TimeZone::get(zone).map_err(|error| ScheduleError::Zone {
        zone: zone.chars().take(80).collect(),
        why: error.to_string(),
    })?;
    Ok((found, rest.trim()))
}

fn described(descriptor: &str, zone: TimeZone) -> Result<Schedule, ScheduleError> {
    let fields = match descriptor {
        "yearly" | "annually" => "0 0 1 1 *",
        "monthly" => "0 0 1 * *",
        "weekly" => "0 0 * * 0",
        "daily" | "midnight" => "0 0 * * *",
        "hourly" => "0 * * * *",
        other => {
            let Some(duration) = other.strip_prefix("every ") else {
                let known: String = other.chars().take(80).collect();
                return Err(ScheduleError::Descriptor(format!("@{known}")));
            };
            return every(duration.trim());
        }
    };
    calendar(fields, zone)
}

/// A delay in whole seconds, one at the least.
fn every(text: &str) -> Result<Schedule, ScheduleError> {
    let wrong = || ScheduleError::Every(text.chars().take(80).collect());
    let delay: SignedDuration = text.parse().map_err(|_| wrong())?;
    if delay <= SignedDuration::ZERO {
        return Err(wrong());
    }
    let delay = SignedDuration::from_secs(delay.as_secs().max(1));
    Ok(Schedule(Kind::Every(delay)))
}

pub(super) fn calendar(text: &str, zone: TimeZone) -> Result<Schedule, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err(ScheduleError::Fields {
            text: text.chars().take(80).collect(),
            found: fields.len(),
        });
    };
    let calendar = Calendar {
        minute: Field::parse(minute, &MINUTE)?,
        hour: Field::parse(hour, &HOUR)?,
        day: Field::parse(day, &DAY)?,
        month: Field::parse(month, &MONTH)?,
        weekday: Field::parse(weekday, &WEEKDAY)?,
        zone,
    };
    match calendar.is_ever_due() {
        true => Ok(Schedule(Kind::Calendar(Box::new(calendar)))),
        false => Err(ScheduleError::Never(text.to_owned())),
    }
}
