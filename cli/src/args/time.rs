//! Durations and times as operators write them.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// What an error shows of durations.
const DURATIONS: &str = "durations are written 90s, 5m, 1h30m or 7d";

/// A duration as Go's flags take it (`time.ParseDuration`), and days and weeks of 24 hours.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = |_| format!("not a duration; {DURATIONS}");
    if text == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let span: Span = text.parse().map_err(wrong)?;
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(wrong)
}

/// A duration that is longer than nothing.
pub(super) fn above_zero(text: &str) -> Result<Duration, String> {
    match Duration::try_from(duration(text)?) {
        Ok(above) if !above.is_zero() => Ok(above),
        _ => Err(format!("it must be above zero; {DURATIONS}")),
    }
}

/// A duration that may be nothing, but not less.
pub(super) fn not_negative(text: &str) -> Result<Duration, String> {
    let negative = |_| format!("it must not be negative; {DURATIONS}");
    Duration::try_from(duration(text)?).map_err(negative)
}

/// A time with its offset from UTC: without one it would mean another moment on another machine.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let shape = "times are written 2026-11-22T09:13:06Z, or 2026-11-22T10:13:06+01:00";
    text.parse().map_err(|_| match text.parse::<DateTime>() {
        Ok(local) => format!(
            "it has no offset from UTC: write {local}Z if it is UTC, or the offset, as in {local}+01:00"
        ),
        Err(_) => format!("not a time; {shape}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go_and_days() {
        for (text, seconds) in [
            ("90s", 90),
            ("5m", 300),
            ("1h30m", 5400),
            ("1.5h", 5400),
            ("7d", 604_800),
            ("1d12h", 129_600),
            ("2w", 1_209_600),
            ("0", 0),
            ("-5m", -300),
        ] {
            let parsed = duration(text).unwrap();
            assert_eq!(parsed.as_secs(), seconds, "{text}");
        }
        assert_eq!(duration("1500ms").unwrap().as_millis(), 1500);
        for text in [
            "",
            "soon",
            "5",
            "1mo",
            "1y",
            "9999999999999999h",
            "99999999999999w",
        ] {
            let error = duration(text).unwrap_err();
            assert!(error.contains("7d"), "{text}: {error}");
        }
        assert!(above_zero("0").is_err() && above_zero("-1s").is_err());
        assert!(not_negative("0").is_ok() && not_negative("-1s").is_err());
    }

    /// A time without an offset was refused with the words of the parser, which name no remedy.
    #[test]
    fn a_time_without_an_offset_is_shown_with_one() {
        assert!(moment("2026-11-22T09:13:06Z").is_ok());
        assert!(moment("2026-11-22 09:13:06+01:00").is_ok());
        let error = moment("2026-11-22T09:13:06").unwrap_err();
        assert!(error.contains("2026-11-22T09:13:06Z"), "{error}");
        let error = moment("2026-11-22").unwrap_err();
        assert!(error.contains("2026-11-22T00:00:00Z"), "{error}");
        assert!(moment("yesterday").unwrap_err().contains("2026-11-22T"));
    }
}
