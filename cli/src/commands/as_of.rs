//! The time of a state, for people.

use jiff::Timestamp;

/// To the millisecond, down: etcd's events tell nanoseconds, which nobody reads. The JSON has them.
pub(super) fn as_of(time: Timestamp) -> String {
    match time.subsec_nanosecond() {
        0 => time.to_string(),
        _ => format!("{time:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_for_programs() {
        let shown = |text: &str| as_of(text.parse().unwrap());
        assert_eq!(shown("2026-11-22T09:13:06Z"), "2026-11-22T09:13:06Z");
        let nanoseconds = "2026-11-22T09:13:06.123999999Z";
        assert_eq!(shown(nanoseconds), "2026-11-22T09:13:06.123Z");
    }
}
