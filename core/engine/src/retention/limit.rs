//! The reference's `LimitBased`: so many of the newest fulls.

use super::choice::{Choice, Keep, Remove};

/// What becomes of so many fulls, oldest first.
pub(super) fn fulls(count: usize, max_backups: u32) -> Vec<Choice> {
    let max = usize::try_from(max_backups).unwrap_or(usize::MAX);
    let surplus = count.saturating_sub(max);
    let choice = |at| match at < surplus {
        true => Choice::Remove(Remove::PastLimit(max_backups)),
        false => Choice::Keep(Keep::WithinLimit),
    };
    (0..count).map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay() {
        let stay = |count, max| {
            let choices = fulls(count, max);
            Vec::from_iter(choices.iter().map(|one| matches!(one, Choice::Keep(_))))
        };
        assert_eq!(stay(3, 2), [false, true, true]);
        assert_eq!(stay(2, 2), [true, true]);
        assert_eq!(stay(1, 7), [true]);
        assert!(stay(0, 7).is_empty());
    }
}
