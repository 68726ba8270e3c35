//! Whole numbers as operators write them.

use std::fmt::Display;
use std::str::FromStr;

/// A whole number that is not below `least`. The library's own words for another text are "invalid digit found in
/// string".
pub(super) fn at_least<T: FromStr + PartialOrd + Display>(
    text: &str,
    least: T,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| format!("it must be a whole number, {least} or more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_is_told_what_one_is() {
        assert_eq!(at_least("7", 1_i64), Ok(7));
        for text in ["abc", "", "0", "-5", "1.5", "99999999999999999999"] {
            let told = at_least(text, 1_i64).unwrap_err();
            assert!(told.contains("whole number, 1 or more"), "{text}: {told}");
        }
    }
}
