//! Whether the log of the old member holds what no backup has.

use crate::restore::Salvaged;
use crate::size::counted;

/// The member is older than the backups. `torn`: the last entry that can be read, and why none after it.
pub(in crate::initialize) fn lags(torn: Option<(u64, &str)>) -> String {
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
        1 => " 1 event of a delta is in the log too, and alike.".into(),
        events => format!(" {events} events of deltas are in the log too, all alike."),
    };
    let left_out = salvaged.left_out.as_ref().map_or_else(String::new, |why| {
        format!(" The end of the log was left out: {why}.")
    });
    match salvaged.changes {
        0 => format!("The log holds nothing that the backups lack.{checked}{left_out}"),
        changes => {
            let changes = counted(changes, "change", "changes");
            let (first, last) = (salvaged.first, salvaged.last);
            let revisions = match first == last {
                true => format!("revision {first}"),
                false => format!("revisions {first} to {last}"),
            };
            format!("Salvaged from the log: {revisions}, {changes}.{checked}{left_out}")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// "1 events of deltas", and "revisions 7 to 7, 1 changes", were said of one of each.
    #[test]
    fn one_change_of_one_revision_is_one() {
        let salvaged = |last, changes, checked| Salvaged {
            first: 7,
            last,
            changes,
            checked,
            listed: Vec::new(),
            left_out: None,
        };
        let one = done(&salvaged(7, 1, 1));
        let told = "Salvaged from the log: revision 7, 1 change. 1 event of a delta is in the log too, and alike.";
        assert_eq!(one, told);
        let more = done(&salvaged(8, 3, 2));
        let told = "Salvaged from the log: revisions 7 to 8, 3 changes. 2 events of deltas are in the log too, all alike.";
        assert_eq!(more, told);
    }
}
