//! Times, numbers and sizes, for people.

use std::time::Duration;

use jiff::Timestamp;

/// A moment, in UTC.
pub(crate) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long it is since `then`; `None` where that is still to come, as where a clock is behind.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Option<Duration> {
    let passed = now.duration_since(then);
    Duration::try_from(passed).ok()
}

/// A duration to two digits or so.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..100 => format!("{seconds} s"),
        100..6_000 => format!("{} min", seconds / 60),
        6_000..172_800 => {
            let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
            match minutes {
                0 => format!("{hours} h"),
                minutes => format!("{hours} h {minutes} min"),
            }
        }
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How long ago it was, or that it is still to come.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
    match since(then, now) {
        Some(passed) => format!("{} ago", duration(passed)),
        None => "in the future, by the clock of this machine".to_owned(),
    }
}

/// How long it is until `then`.
pub(crate) fn until(then: Timestamp, now: Timestamp) -> String {
    match Duration::try_from(then.duration_since(now)) {
        Ok(left) => format!("in {}", duration(left)),
        Err(_) => "due now".to_owned(),
    }
}

/// A number with its digits in groups: `812,345`.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match number < 0 {
        true => format!("-{text}"),
        false => text,
    }
}

/// A number of bytes in the largest unit that leaves a whole part.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut scaled = count as f64;
    let mut unit = "B";
    for next in UNITS {
        if scaled < 1024.0 {
            break;
        }
        (scaled, unit) = (scaled / 1024.0, next);
    }
    match unit {
        "B" => format!("{count} B"),
        unit => format!("{scaled:.1} {unit}"),
    }
}

/// A number of things, of which one is called otherwise than many.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    let name = if count == 1 { one } else { many };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    format!("{} {name}", grouped(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(
            [0, 999, 1000, 812_345, -1234].map(grouped),
            ["0", "999", "1,000", "812,345", "-1,234"]
        );
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(
            [0, 1023, 1024, 1_572_864, u64::MAX].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "16.0 EiB"]
        );
        let told = [9, 99, 100, 5_999, 6_000, 7_200, 172_799, 172_800]
            .map(|seconds| duration(Duration::from_secs(seconds)));
        let meant = [
            "9 s",
            "99 s",
            "1 min",
            "99 min",
            "1 h 40 min",
            "2 h",
            "47 h 59 min",
            "2 days",
        ];
        assert_eq!(told, meant);
    }

    /// Of a machine whose clock was behind, the newest backup was 0 s old.
    #[test]
    fn what_is_to_come_is_not_now() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(ago(at(100), at(109)), "9 s ago");
        assert_eq!(since(at(109), at(100)), None);
        assert!(ago(at(109), at(100)).contains("in the future"));
        assert_eq!(until(at(160), at(100)), "in 60 s");
        assert_eq!(until(at(99), at(100)), "due now");
    }
}
