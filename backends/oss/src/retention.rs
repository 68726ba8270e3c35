use std::time::{Duration, SystemTime};

use snapstore::Result;
use snapstore_cloud::http::broken;

use crate::client::{Call, Oss};
use crate::xml::{self, Worm};

const DAY: u64 = 24 * 60 * 60;

/// A bucket's rule that nothing is deleted or overwritten for so many days after it was written
/// (WORM). It holds for all objects alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention(Duration);

impl Retention {
    /// The rule of the bucket, if it has one and we may know it.
    pub(crate) async fn of_bucket(oss: &Oss) -> Result<Option<Self>> {
        let reply = match oss.send(Call::bucket("open").with("worm", "")).await {
            Ok(reply) => reply,
            // Not now is not never: objects would be taken for free to go.
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => return Ok(None),
        };
        let body = reply.bytes().await.map_err(|error| broken("open", error))?;
        Ok(Self::of(xml::parse("open", &body)))
    }

    fn of(worm: Result<Worm>) -> Option<Self> {
        let worm = worm.ok()?;
        // `InProgress` protects too; it can be given up for a day after it was made.
        let holds = matches!(worm.state.as_str(), "InProgress" | "Locked");
        let days = worm
            .retention_period_in_days
            .checked_mul(DAY)
            .filter(|_| holds)?;
        Some(Self(Duration::from_secs(days)))
    }

    /// Until when what was written at `modified` stays.
    pub(crate) fn until(self, modified: SystemTime) -> Option<SystemTime> {
        modified.checked_add(self.0)
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
            Retention::of(xml::parse("open", body.as_bytes()))
        };
        let three_days = Some(Retention(Duration::from_secs(3 * DAY)));
        assert_eq!(worm("Locked"), three_days);
        assert_eq!(worm("InProgress"), three_days);
        assert_eq!(worm("Expired"), None);
    }
}
