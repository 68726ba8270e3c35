//! What the reference does, case by case, and what `Window` does.

use jiff::SignedDuration;

use super::store_of_tests::{delta, full, rules, time, words};
use super::{Item, Policy, Window, decide};

const NOW: &str = "2026-11-27T10:30:00Z";

/// The choices for fulls at these times, oldest first.
fn fulls(policy: Policy, times: &[&str]) -> Vec<&'static str> {
    let items: Vec<Item> = (1..).zip(times).map(|(at, time)| full(at, time)).collect();
    words(&decide(&items, time(NOW), &rules(policy)))
}

/// A full at noon of every day until the newest, by how many days it is old; those that stay.
fn days_that_stay(policy: Policy, days: i64) -> Vec<i64> {
    let noon = time("2026-11-27T12:00:00Z");
    let mut items: Vec<Item> = (1..=days)
        .rev()
        .map(|ago| {
            let at = noon - SignedDuration::from_hours(24 * ago);
            full(days - ago + 1, &at.to_string())
        })
        .collect();
    items.push(full(days + 1, "2026-11-27T10:00:00Z"));
    let decision = decide(&items, time(NOW), &rules(policy));
    let stays = words(&decision).into_iter().map(|word| {
        !word.starts_with("newer_of") && !word.starts_with("past") && word != "outside_window"
    });
    (0..=days)
        .rev()
        .zip(stays)
        .filter_map(|(ago, stays)| stays.then_some(ago))
        .collect()
}

#[test]
fn the_current_hour_stays_whole() {
    let times = [
        "2026-11-27T10:05:00Z",
        "2026-11-27T10:15:00Z",
        "2026-11-27T10:25:00Z",
    ];
    let expected = ["current_hour", "current_hour", "newest_chain"];
    assert_eq!(fulls(Policy::Exponential, &times), expected);
}

#[test]
fn of_an_hour_of_today_the_newest_stays() {
    let times = [
        "2026-11-27T07:59:59Z",
        "2026-11-27T08:00:00Z",
        "2026-11-27T08:59:59Z",
        "2026-11-27T10:20:00Z",
    ];
    let expected = [
        "newest_of_hour",
        "newer_of_hour",
        "newest_of_hour",
        "newest_chain",
    ];
    assert_eq!(fulls(Policy::Exponential, &times), expected);
}

/// The hour of the day that it is now counts for today alone.
#[test]
fn of_an_older_day_the_newest_stays() {
    let times = [
        "2026-11-26T00:00:00Z",
        "2026-11-26T10:31:00Z",
        "2026-11-26T23:59:59Z",
        "2026-11-27T00:00:00Z",
    ];
    let expected = [
        "newer_of_day",
        "newer_of_day",
        "newest_of_day",
        "newest_chain",
    ];
    assert_eq!(fulls(Policy::Exponential, &times), expected);
}

/// Weeks end with yesterday: with a full a day those of the days 8, 15, 22 and 29 stay, and what is older than the
/// shifted five weeks goes.
#[test]
fn seven_days_and_four_weeks_stay() {
    let stay = days_that_stay(Policy::Exponential, 60);
    assert_eq!(stay, [29, 22, 15, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
}

/// The end of the day moves back when the first full older than eight days is met. So those between eight and nine
/// days are seen by days again, and the last week reaches to the thirty-sixth day, but only where weeks have begun.
#[test]
fn the_first_week_moves_the_end_of_the_day_by_one() {
    let times = [
        "2026-11-18T22:00:00Z", // 9 d 2 h before the end of today
        "2026-11-19T01:00:00Z", // 8 d 23 h
        "2026-11-19T19:00:00Z", // 8 d 5 h
        "2026-11-19T21:00:00Z", // 8 d 3 h: the first of a week
        "2026-11-27T10:20:00Z",
    ];
    let expected = [
        "newer_of_week",
        "newer_of_day",
        "newer_of_day",
        "newest_of_week",
        "newest_chain",
    ];
    assert_eq!(fulls(Policy::Exponential, &times), expected);
    let newest = "2026-11-27T10:20:00Z";
    let alone = fulls(Policy::Exponential, &["2026-10-23T12:00:00Z", newest]);
    assert_eq!(alone, ["past_five_weeks", "newest_chain"]);
    let after_a_week = ["2026-10-23T12:00:00Z", "2026-11-07T12:00:00Z", newest];
    let expected = ["newest_of_week", "newest_of_week", "newest_chain"];
    assert_eq!(fulls(Policy::Exponential, &after_a_week), expected);
}

#[test]
fn limit_based_keeps_so_many_fulls() {
    let times = [
        "2026-11-01T00:00:00Z",
        "2026-11-02T00:00:00Z",
        "2026-11-03T00:00:00Z",
    ];
    let limit = |max_backups| fulls(Policy::LimitBased { max_backups }, &times);
    assert_eq!(limit(2), ["past_limit", "within_limit", "newest_chain"]);
    assert_eq!(limit(9), ["within_limit", "within_limit", "newest_chain"]);
    // Not even none takes the newest.
    assert_eq!(limit(0), ["past_limit", "past_limit", "newest_chain"]);
}

/// Deltas of older chains go when they are older than their retention, to the second; at none, all of them. Those of
/// the newest chain stay.
#[test]
fn deltas_of_older_chains_go_by_their_age() {
    let items = [
        full(10, "2026-11-27T07:00:00Z"),
        delta(11, "2026-11-27T09:29:59Z"),
        delta(12, "2026-11-27T09:30:00Z"),
        full(13, "2026-11-27T09:40:00Z"),
        delta(14, "2026-11-27T09:41:00Z"),
    ];
    let mut rules = rules(Policy::Exponential);
    let all = words(&decide(&items, time(NOW), &rules));
    assert_eq!(all[1..3], ["old_delta", "old_delta"]);
    assert_eq!(all[4], "newest_chain");
    rules.delta_retention = SignedDuration::from_hours(1);
    let younger = words(&decide(&items, time(NOW), &rules));
    assert_eq!(younger[1..3], ["old_delta", "young_delta"]);
}

/// The oldest chain first, in each the deltas from the newest, and the full last: stopped anywhere, what is left
/// restores as far as it goes.
#[test]
fn a_full_goes_after_its_deltas() {
    let items = [
        full(10, "2026-11-01T00:00:00Z"),
        delta(11, "2026-11-01T01:00:00Z"),
        delta(12, "2026-11-01T02:00:00Z"),
        full(13, "2026-11-02T00:00:00Z"),
        delta(14, "2026-11-02T01:00:00Z"),
        full(15, "2026-11-03T00:00:00Z"),
    ];
    let decision = decide(
        &items,
        time(NOW),
        &rules(Policy::LimitBased { max_backups: 1 }),
    );
    let order: Vec<_> = decision
        .removals
        .iter()
        .map(|one| &one.places[..])
        .collect();
    assert_eq!(order, [&[2, 1, 0][..], &[4, 3]]);
}

fn window(window: Window) -> Policy {
    Policy::Window(window)
}

#[test]
fn of_days_weeks_months_and_years_the_newest_stay() {
    let daily = window(Window {
        daily: 3,
        ..Window::default()
    });
    assert_eq!(days_that_stay(daily, 60), [2, 1, 0]);
    // 27 November 2026 is a Friday: the Sundays before it are 5, 12 and 19 days ago.
    let weekly = window(Window {
        weekly: 3,
        ..Window::default()
    });
    assert_eq!(days_that_stay(weekly, 60), [12, 5, 0]);
    // The last days of October and September are 27 and 58 days ago.
    let monthly = window(Window {
        monthly: 3,
        ..Window::default()
    });
    assert_eq!(days_that_stay(monthly, 90), [58, 27, 0]);
    let yearly = window(Window {
        yearly: 2,
        ..Window::default()
    });
    assert_eq!(days_that_stay(yearly, 400), [331, 0]);
}

/// The moment at which the window begins is restored from the full before it and its deltas.
#[test]
fn within_the_window_every_moment_stays() {
    let items = [
        full(10, "2026-11-23T00:00:00Z"),
        delta(11, "2026-11-23T12:00:00Z"),
        full(12, "2026-11-24T00:00:00Z"),
        delta(13, "2026-11-24T12:00:00Z"),
        full(14, "2026-11-25T12:00:00Z"),
        delta(15, "2026-11-25T13:00:00Z"),
        full(16, "2026-11-27T00:00:00Z"),
    ];
    let two_days = Window {
        within: SignedDuration::from_hours(48),
        ..Window::default()
    };
    let words = words(&decide(&items, time(NOW), &rules(window(two_days))));
    assert_eq!(words[..2], ["outside_window", "old_delta"]);
    assert_eq!(words[2..6], ["within_window"; 4]);
    // Where the window begins in the very second of the next full, that one may have been made after it.
    let in_its_second = Window {
        within: time(NOW).duration_since(time("2026-11-25T12:00:00Z")),
        ..Window::default()
    };
    let words =
        super::store_of_tests::words(&decide(&items, time(NOW), &rules(window(in_its_second))));
    assert_eq!(words[1..4], ["old_delta", "within_window", "within_window"]);
}

/// A full is named for the revision at which the last delta before it ends; that delta belongs to the older chain.
#[test]
fn a_delta_that_ends_where_a_full_begins_belongs_to_the_chain_before() {
    let items = [
        full(10, "2026-11-01T00:00:00Z"),
        full(12, "2026-11-02T00:00:00Z"),
        delta(12, "2026-11-01T02:00:00Z"),
    ];
    let limit = rules(Policy::LimitBased { max_backups: 1 });
    let decision = decide(&items, time(NOW), &limit);
    assert_eq!(
        words(&decision),
        ["past_limit", "newest_chain", "old_delta"]
    );
}

/// A week without a full: the first of the older ones went with the newest in one week, and with it the shift by which
/// the oldest had stayed, so that a second run deleted that as well.
#[test]
fn after_a_week_without_fulls_a_second_run_deletes_nothing_more() {
    let exponential = rules(Policy::Exponential);
    let oldest = full(1, "2026-10-23T12:00:00Z");
    let newest = full(3, "2026-11-18T12:00:00Z");
    let all = [
        oldest.clone(),
        full(2, "2026-11-17T12:00:00Z"),
        newest.clone(),
    ];
    let first = words(&decide(&all, time(NOW), &exponential));
    assert_eq!(first, ["newest_of_week", "newer_of_week", "newest_chain"]);
    let second = words(&decide(&[oldest, newest], time(NOW), &exponential));
    assert_eq!(second, ["newest_of_week", "newest_chain"]);
}
