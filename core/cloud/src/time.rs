use std::time::SystemTime;

use jiff::Timestamp;

/// `Last-Modified` and its like: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
pub fn from_http_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

/// The other way, for headers that carry the time.
pub fn to_http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

/// The times in bodies: `2026-11-22T09:13:06.123Z`.
pub fn from_rfc3339(text: &str) -> Option<SystemTime> {
    let parsed: Timestamp = text.trim().parse().ok()?;
    Some(parsed.into())
}

/// The other way; a time that no calendar has is the beginning of it.
pub fn to_rfc3339(time: SystemTime) -> String {
    Timestamp::try_from(time)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Until when a legal hold protects an object: nobody knows, so the end of the calendar.
pub fn without_end() -> SystemTime {
    Timestamp::MAX.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn both_notations_name_the_same_second() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(time));
        assert_eq!(to_http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(from_rfc3339("1994-11-06T08:49:37Z"), Some(time));
        assert_eq!(to_rfc3339(time), "1994-11-06T08:49:37Z");
        assert_eq!(from_rfc3339("yesterday"), None);
    }
}
