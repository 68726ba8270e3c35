//! Two clocks that do not agree: a signature is made with the time, and is refused where that is another.

use std::time::{Duration, SystemTime};

use crate::{from_http_date, to_rfc3339};

/// What to do about a refusal whose cause is a clock, with both times. `date`: the reply's own `Date`.
pub fn skew(date: Option<&str>) -> String {
    compared(date.and_then(from_http_date), now())
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is shown beside the other clock, and nothing is decided by it"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

fn compared(theirs: Option<SystemTime>, ours: SystemTime) -> String {
    let shown = to_rfc3339(whole_seconds(ours));
    let Some(theirs) = theirs else {
        return format!("this machine's clock says {shown}: set it right");
    };
    let apart = ours.duration_since(theirs);
    let apart = apart.unwrap_or_else(|other| other.duration()).as_secs();
    format!(
        "the store's clock says {}, this machine's {shown}, which is {apart} s apart: set the wrong \
         one right",
        to_rfc3339(theirs)
    )
}

fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "The difference between the request time and the current time is too large": which of the two was
    /// wrong, and by how much, nobody said.
    #[test]
    fn both_times_are_told() {
        let theirs = from_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        for ours in [
            "Sun, 06 Nov 1994 09:49:37 GMT",
            "Sun, 06 Nov 1994 07:49:37 GMT",
        ] {
            let ours = from_http_date(ours).unwrap() + Duration::from_millis(7);
            let told = compared(theirs, ours);
            assert!(told.contains("1994-11-06T08:49:37Z"), "{told}");
            let shown = to_rfc3339(whole_seconds(ours));
            assert!(told.contains(&shown) && !shown.contains('.'), "{told}");
            assert!(
                told.contains(" 3600 s") || told.contains(" 3599 s"),
                "{told}"
            );
        }
        let alone = compared(None, theirs.unwrap());
        assert!(alone.contains("1994-11-06T08:49:37Z"), "{alone}");
    }
}
