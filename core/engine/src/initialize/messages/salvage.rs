//! Whether the log of the old member holds what no backup has.

use crate::restore::Salvaged;

/// The member is older than the backups. `torn`: the last entry that can be read, and why none after it.
pub(in crate::initialize) fn behind(torn: Option<(u64, &str)>) -> String {
    match torn {
        None => "The member with all of its log lags behind the backups.".into(),
        Some((last, why)) => format!(
            "The member with its log to entry {last} lags behind the backups; what was written after that \
             is torn ({why})."
        ),
    }
}

pub(in crate::initialize) fn no_log() -> String {
    "There is no log to salvage from.".into()
}

pub(in crate::initialize) fn no_member() -> String {
    "There is no member.".into()
}

/// The backups lead as far as the member.
pub(in crate::initialize) fn led_as_far(most: i64) -> String {
    format!("The member held revision {most} at most, and the backups lead that far.")
}

pub(in crate::initialize) fn unreadable(why: &str) -> String {
    format!("Nothing can be salvaged from the log: {why}.")
}

/// It may hold more, to this entry.
pub(in crate::initialize) fn open(last: u64, torn: Option<&str>) -> String {
    match torn {
        None => {
            format!("Its log is whole, to entry {last}, and may hold writes that no backup has.")
        }
        Some(why) => format!(
            "Its log can be read to entry {last}, and may hold writes that no backup has; what was \
             written after that is torn ({why})."
        ),
    }
}

/// What came of it.
pub(in crate::initialize) fn done(salvaged: &Salvaged) -> String {
    let checked = match salvaged.checked {
        0 => String::new(),
        events => format!(" {events} events of deltas are in the log too, all alike."),
    };
    let left_out = salvaged.left_out.as_ref().map_or_else(String::new, |why| {
        format!(" The end of the log was left out: {why}.")
    });
    match salvaged.changes {
        0 => format!("The log holds nothing that the backups lack.{checked}{left_out}"),
        changes => format!(
            "Salvaged from the log: revisions {} to {}, {changes} changes.{checked}{left_out}",
            salvaged.first, salvaged.last
        ),
    }
}

/// What would be done with writes that were asked for and cannot be had.
pub(in crate::initialize) fn would_refuse(why: &str) -> String {
    format!("{why} Since salvaging was asked for, nothing would be done.")
}

/// What would be done with writes that were asked for.
pub(in crate::initialize) fn would_replay(why: &str) -> String {
    format!("{why} They would be replayed if it proves to be of one history with the backups.")
}
