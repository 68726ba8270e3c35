use std::time::{Duration, SystemTime};

use snapstore::{Error, Result, printable};
use snapstore_cloud::http::odd;

use crate::asked;
use crate::client::Client;
use crate::xml::{self, Worm};

const DAY: u64 = 24 * 60 * 60;

/// A bucket's rule that nothing is deleted or overwritten for so many days after it was written
/// (WORM). It holds for all objects alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention(Duration);

impl Retention {
    /// The rule of the bucket, if it has one and we may know it.
    pub(crate) async fn of_bucket(oss: &Client) -> Result<Option<Self>> {
        let told = asked::of_bucket(oss, "worm", |body| {
            Self::of(&xml::parse("open", xml::WORM, body)?)
        });
        Ok(told.await?.flatten())
    }

    /// A rule in a state of which nothing is known may protect, so it is not passed over.
    fn of(worm: &Worm) -> Result<Option<Self>> {
        match worm.state.as_str() {
            // `InProgress` protects too; it can be given up for a day after it was made.
            "InProgress" | "Locked" => {
                let days = worm.retention_period_in_days.checked_mul(DAY);
                Ok(days.map(|seconds| Self(Duration::from_secs(seconds))))
            }
            "Expired" => Ok(None),
            other => {
                let what = format!("a retention rule is \"{}\"", printable(other));
                Err(odd("open", what))
            }
        }
    }

    /// Until when `rule` keeps what was written at `modified`.
    ///
    /// Errors: `missing`, where there is a rule and no time to count from.
    pub(crate) fn until(
        rule: Option<Self>,
        modified: Option<SystemTime>,
        missing: impl FnOnce() -> Error,
    ) -> Result<Option<SystemTime>> {
        match (rule, modified) {
            (None, _) => Ok(None),
            (Some(rule), Some(modified)) => Ok(modified.checked_add(rule.0)),
            (Some(_), None) => Err(missing()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_has_run_out_protects_nothing() {
        let worm = |state: &str| {
            let body = format!(
                "<WormConfiguration><WormId>1</WormId><State>{state}</State>\
                 <RetentionPeriodInDays>3</RetentionPeriodInDays></WormConfiguration>"
            );
            Retention::of(&xml::parse("open", xml::WORM, body.as_bytes()).unwrap())
        };
        let three_days = Some(Retention(Duration::from_secs(3 * DAY)));
        assert_eq!(worm("Locked").unwrap(), three_days);
        assert_eq!(worm("InProgress").unwrap(), three_days);
        assert_eq!(worm("Expired").unwrap(), None);
        worm("Paused").unwrap_err();
    }
}
