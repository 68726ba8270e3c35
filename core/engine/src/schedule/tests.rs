use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::parse::calendar;
use super::{Schedule, ScheduleError};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next times after a moment.
fn following(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let first = schedule.next_after(time(after));
    let times = std::iter::successors(first, |last| schedule.next_after(*last));
    times.take(count).map(|time| time.to_string()).collect()
}

fn due(schedule: &str, after: &str) -> String {
    following(&Schedule::parse(schedule).unwrap(), after, 1)[0].clone()
}

#[test]
fn the_syntax_of_robfig_is_read() {
    let friday = "2026-11-27T10:30:00Z";
    for (schedule, expected) in [
        ("* * * * *", "2026-11-27T10:31:00Z"),
        ("*/5 * * * *", "2026-11-27T10:35:00Z"),
        // From 7 on, each tenth minute: croner refuses it.
        ("7/10 * * * *", "2026-11-27T10:37:00Z"),
        ("50/10 * * * *", "2026-11-27T10:50:00Z"),
        ("0 */1 * * *", "2026-11-27T11:00:00Z"),
        ("0 0 * * *", "2026-11-28T00:00:00Z"),
        ("15 10-12 * * *", "2026-11-27T11:15:00Z"),
        ("0 8-20/4 * * *", "2026-11-27T12:00:00Z"),
        ("0 0 1,15 * ?", "2026-12-01T00:00:00Z"),
        ("0 0 ? JAN Mon-wed", "2027-01-04T00:00:00Z"),
        ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
        ("0 0 29 2 0", "2027-02-07T00:00:00Z"),
        // etcd-druid lets it through, and the reference ended with an error on it.
        ("0 0 * * 7", "2026-11-29T00:00:00Z"),
        ("0 0 * * 6-7", "2026-11-28T00:00:00Z"),
        ("0 0 * * */7", "2026-11-29T00:00:00Z"),
        ("@yearly", "2027-01-01T00:00:00Z"),
        ("@annually", "2027-01-01T00:00:00Z"),
        ("@monthly", "2026-12-01T00:00:00Z"),
        ("@weekly", "2026-11-29T00:00:00Z"),
        ("@daily", "2026-11-28T00:00:00Z"),
        ("@midnight", "2026-11-28T00:00:00Z"),
        ("@hourly", "2026-11-27T11:00:00Z"),
        ("@every 1h30m", "2026-11-27T12:00:00Z"),
        ("@every 1500ms", "2026-11-27T10:30:01Z"),
        ("@every 10ms", "2026-11-27T10:30:01Z"),
        ("TZ=UTC 0 0 * * *", "2026-11-28T00:00:00Z"),
        ("CRON_TZ=UTC @daily", "2026-11-28T00:00:00Z"),
    ] {
        assert_eq!(due(schedule, friday), expected, "{schedule}");
    }
}

/// Two fields of days are joined by "or", unless one of them is a star; and `*/1` is one, as `*` in a list is.
#[test]
fn days_are_joined_as_robfig_joins_them() {
    let friday = "2026-11-27T10:30:00Z";
    assert_eq!(due("0 0 1 * mon", friday), "2026-11-30T00:00:00Z");
    assert_eq!(due("0 0 */1 * mon", friday), "2026-11-30T00:00:00Z");
    assert_eq!(due("0 0 1 * */1", friday), "2026-12-01T00:00:00Z");
    assert_eq!(due("0 0 1,* * mon", friday), "2026-11-30T00:00:00Z");
    // A step of more than one is no star: Saturday the 28th is no odd day, and day 29 is a Sunday.
    assert_eq!(due("0 0 */2 * mon", friday), "2026-11-29T00:00:00Z");
}

#[test]
fn a_delay_counts_from_whole_seconds() {
    let every = Schedule::parse("@every 5m").unwrap();
    let next = every.next_after(time("2026-11-27T10:30:00.7Z")).unwrap();
    assert_eq!(next, time("2026-11-27T10:35:00Z"));
}

#[test]
fn what_is_no_schedule_says_why() {
    for (schedule, why) in [
        ("", ", not 0"),
        ("* * * *", ", not 4"),
        // It had "1 fields".
        ("bad", "five fields (minute,"),
        ("0 * * * * *", ", not 6"),
        ("60 * * * *", "60 is not from 0 to 59"),
        ("* * 0 * *", "0 is not from 1 to 31"),
        ("* * * 13 *", "13 is not from 1 to 12"),
        ("* * * * 8", "8 is not from 0 to 7"),
        ("* 5-2 * * *", "5 is after 2"),
        ("*/0 * * * *", "at least 1"),
        ("+1 * * * *", "no number"),
        ("-1 * * * *", "no number"),
        ("1,,2 * * * *", "no number"),
        ("1-2-3 * * * *", "no number"),
        ("1/2/3 * * * *", "no number"),
        ("* * L * *", "no number"),
        ("* * * mon *", "no number"),
        ("* * 31 2,4 *", "never due"),
        ("@fortnightly", "not known"),
        ("@every soon", "no duration"),
        ("@every 0s", "no duration"),
        ("@every -5m", "no duration"),
        ("TZ=Middle/Earth * * * * *", "Middle/Earth"),
    ] {
        let error = Schedule::parse(schedule).unwrap_err().to_string();
        assert!(error.contains(why), "{schedule}: {error}");
    }
    let error = Schedule::parse("* * 30 feb *").unwrap_err();
    assert!(matches!(error, ScheduleError::Never(_)), "{error}");
}

/// The rule of Berlin: at 01:00 UTC on the last Sundays of March and October.
fn in_berlin(fields: &str) -> Schedule {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    calendar(fields, zone).unwrap()
}

/// robfig leaves the day out in spring and is due twice in autumn.
#[test]
fn a_time_that_clocks_leave_out_or_repeat_is_due_once() {
    let nightly = in_berlin("30 2 * * *");
    let spring = following(&nightly, "2026-03-27T23:00:00Z", 3);
    let expected = [
        "2026-03-28T01:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-30T00:30:00Z",
    ];
    assert_eq!(spring, expected);
    let autumn = following(&nightly, "2026-10-23T23:00:00Z", 3);
    let expected = [
        "2026-10-24T00:30:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-26T01:30:00Z",
    ];
    assert_eq!(autumn, expected);
}

/// For an hour in autumn nothing would have been due.
#[test]
fn what_is_due_every_hour_goes_on_while_clocks_are_turned() {
    let hourly = in_berlin("0 * * * *");
    let autumn = following(&hourly, "2026-10-24T23:30:00Z", 4);
    let expected = [
        "2026-10-25T00:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-10-25T02:00:00Z",
        "2026-10-25T03:00:00Z",
    ];
    assert_eq!(autumn, expected);
    let spring = following(&hourly, "2026-03-28T23:30:00Z", 3);
    let expected = [
        "2026-03-29T00:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-29T02:00:00Z",
    ];
    assert_eq!(spring, expected);
}

fn field(least: u8, most: u8) -> impl Strategy<Value = String> {
    let number = least..=most;
    prop_oneof![
        3 => Just("*".to_owned()),
        2 => number.clone().prop_map(|number| number.to_string()),
        1 => (1..20_u8).prop_map(|step| format!("*/{step}")),
        1 => (number.clone(), 1..20_u8).prop_map(|(from, step)| format!("{from}/{step}")),
        1 => (number.clone(), number).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[0-9*?/,@ a-zTZ=+-]{0,40}") {
        if let Ok(schedule) = Schedule::parse(&text) {
            let _ = schedule.next_after(Timestamp::MAX);
            let _ = schedule.next_after(Timestamp::MIN);
        }
    }

    /// The next time is after the one given, on a minute, and no minute in between is due, counted one by one.
    #[test]
    fn the_next_time_is_the_first_of_all_minutes(
        minute in field(0, 59), hour in field(0, 23), day in field(1, 31), weekday in field(0, 6),
        after in 1_700_000_000..1_900_000_000_i64,
    ) {
        let Ok(schedule) = Schedule::parse(&format!("{minute} {hour} {day} * {weekday}")) else {
            return Ok(());
        };
        let after = Timestamp::from_second(after).unwrap();
        let next = schedule.next_after(after).unwrap();
        prop_assert!(next > after && next.as_second() % 60 == 0);
        let before = next - SignedDuration::from_secs(1);
        prop_assert_eq!(schedule.next_after(before), Some(next));
        let halfway = Timestamp::from_second(i64::midpoint(after.as_second(), before.as_second())).unwrap();
        prop_assert_eq!(schedule.next_after(halfway), Some(next));
    }
}
