//! What to do about a watch that has fallen out of step.
//!
//! etcd keeps 128 messages for a stream; one that was not taken in time gets 1,000 revisions each 100 ms from
//! then on (`watchBatchMaxRevs` and `syncWatchersLoop` of mvcc/watchable_store.go, 3.4 to 3.7), until it has the newest: at
//! 18,000 puts a second, never. Each watch gets its own 1,000, and one that begins after the newest revision is in step from its
//! beginning. So what is missing is read by several, and what comes by one that begins a little later.

/// Revisions that etcd sends at a time to a watch that is out of step.
const PASS: i64 = 1000;

/// A watch that is so far behind is out of step: in step each message has the revision of its last event.
const BEHIND: i64 = 500;

/// Revisions between the newest one and the beginning of a watch that has to be there before them: a tenth of a second at
/// the highest rate.
const MARGIN: i64 = 2000;

/// How many read what is missing, at most.
const MOST: usize = 8;

/// Where further watches have to begin so that a watch comes into step that has read everything before `next`, while the newest
/// revision is `head`. `each` is how many bytes a revision has, `room` how many may be held.
///
/// In order; none if it is in step, or if its revisions are so large that it comes into step by itself.
pub(super) fn starts(next: i64, head: i64, each: usize, room: usize) -> Vec<i64> {
    if head.saturating_sub(next) < BEHIND {
        return Vec::new();
    }
    let pass = each.saturating_mul(usize::try_from(PASS).unwrap_or(usize::MAX));
    // The other half is for what comes meanwhile.
    let most = (room / 2).checked_div(pass).unwrap_or(MOST).min(MOST);
    if most == 0 {
        return Vec::new();
    }
    let after = |start: &i64| start.checked_add(PASS);
    let behind = std::iter::successors(after(&next), after);
    let behind = behind.take_while(|start| *start <= head);
    let mut starts: Vec<i64> = behind.take(most).collect();
    let last = starts.last().copied().unwrap_or(next);
    if head.saturating_sub(last) < PASS {
        starts.push(head.saturating_add(MARGIN));
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 12 << 20;

    #[test]
    fn one_in_step_is_left_alone() {
        assert_eq!(starts(100, 99, 1200, ROOM), [0; 0]);
        assert_eq!(starts(100, 599, 1200, ROOM), [0; 0]);
    }

    /// In two of six runs at etcd's full write rate 10,000 to 15,000 revisions were missing at the end.
    #[test]
    fn a_little_behind_needs_one_that_begins_later() {
        assert_eq!(starts(100, 900, 1200, ROOM), [2900]);
        assert_eq!(starts(100, 1100, 1200, ROOM), [1100, 3100]);
    }

    #[test]
    fn further_behind_is_read_by_several_before() {
        assert_eq!(starts(1, 3500, 1200, ROOM), [1001, 2001, 3001, 5500]);
        // Too far for one time: the last of them is looked at again.
        assert_eq!(
            starts(1, 100_000, 1200, ROOM),
            [1001, 2001, 3001, 4001, 5001]
        );
        assert_eq!(starts(1, 100_000, 10, ROOM).len(), MOST);
        assert_eq!(starts(1, 100_000, 0, ROOM).len(), MOST);
    }

    /// A thousand revisions of a megabyte do not fit into memory; nobody writes so many in a tenth of a second, either.
    #[test]
    fn large_revisions_are_read_one_after_another() {
        assert_eq!(starts(1, 100_000, 1 << 20, ROOM), [0; 0]);
    }

    #[test]
    fn the_ends_of_the_numbers_do_not_wrap() {
        assert_eq!(starts(i64::MAX - 600, i64::MAX, 10, ROOM), [i64::MAX]);
        assert_eq!(starts(1, i64::MAX, 10, ROOM).len(), MOST);
    }
}
