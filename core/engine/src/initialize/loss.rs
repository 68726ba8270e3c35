use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::backups::Catalogue;
use crate::data_dir::Holds;
use crate::lineage::{Beyond, Lineage};
use crate::restore::{Report, Salvaged};

/// What the restored state lacks of all that the store and the old member tell of. Writes that were
/// in neither cannot be counted by anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// How many revisions.
    pub revisions: i64,
    /// Seconds from the restored state to the last sign of a newer one.
    pub seconds: i64,
    /// How exact that is.
    pub measure: Measure,
    /// When the restored state was the newest, as far as the names of its objects say.
    #[serde(serialize_with = "as_text")]
    pub as_of: Option<Timestamp>,
}

fn as_text<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}

/// How exact a loss is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Nothing is missing.
    Nothing,
    /// No revision is missing, but something that no revision counts: users, roles, leases or alarms.
    NoRevision,
    /// Just so much, by the names of objects.
    Exact,
    /// Not more than that: not every request in a log makes a revision.
    AtMost,
    /// Not more than that by the numbers of revisions, and nothing proves that the old member and the
    /// backups count those of one history.
    Unproven,
    /// At least that: the old member is too damaged to tell what it held.
    Unknown,
}

/// What is known of the old member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    pub(crate) holds: Holds,
    pub(crate) written: Option<SystemTime>,
}

impl Loss {
    /// Beside a state at `revision`, made of objects of which the last was made at `as_of`, in
    /// seconds since 1970.
    pub(crate) fn beside(
        revision: i64,
        as_of: Option<i64>,
        catalogue: &Catalogue,
        before: Before,
    ) -> Self {
        let named = catalogue.snapshots.last();
        let in_store = named.map_or(0, |newest| newest.name.last);
        let in_member = match before.holds {
            Holds::UpTo(revision) | Holds::AtLeast(revision) => revision,
            Holds::Nothing => 0,
        };
        let unknown = matches!(before.holds, Holds::AtLeast(_));
        let revisions = in_store.max(in_member).saturating_sub(revision).max(0);
        let written = before.written.and_then(seconds);
        let sign = match (unknown, in_member > in_store) {
            (true, _) | (_, true) => written.max(named.map(|newest| newest.name.created)),
            (false, false) => named.map(|newest| newest.name.created),
        };
        let missing = revisions > 0 || unknown;
        let seconds = match (sign, as_of) {
            (Some(sign), Some(as_of)) if missing => sign.saturating_sub(as_of).max(0),
            _ => 0,
        };
        let measure = match (unknown, revisions) {
            (true, _) => Measure::Unknown,
            (_, 0) => Measure::Nothing,
            _ if in_member > in_store => Measure::AtMost,
            _ => Measure::Exact,
        };
        Self {
            revisions,
            seconds,
            measure,
            as_of: as_of.and_then(|as_of| Timestamp::from_second(as_of).ok()),
        }
    }

    /// Before the old member is checked against what is restored.
    pub(crate) fn foreseen(self, before: Before) -> Self {
        match (self.measure, before.holds) {
            (_, Holds::Nothing) => self,
            (Measure::Nothing, _) => self.unproven(),
            _ => self,
        }
    }

    /// With what no revision counts.
    fn and(self, beyond: Option<&Beyond>) -> Self {
        let measure = match (self.measure, beyond) {
            (Measure::Nothing, Some(beyond)) if !beyond.is_known => Measure::Unproven,
            (Measure::Nothing, Some(beyond)) if !beyond.is_nothing() => Measure::NoRevision,
            (other, _) => other,
        };
        Self { measure, ..self }
    }

    fn unproven(self) -> Self {
        let measure = match self.measure {
            Measure::Unknown => Measure::Unknown,
            _ => Measure::Unproven,
        };
        Self { measure, ..self }
    }

    /// Beside what was restored.
    pub(crate) fn of(report: &Report, catalogue: &Catalogue, before: Before) -> Self {
        let last = report.deltas.last().or(report.base.as_ref());
        let made = |name: &String| catalogue.find(name).map(|object| object.name.created);
        let as_of = last.and_then(made);
        match &report.salvaged {
            // All of the log is in it, so all that the member held.
            Some(Salvaged {
                changes,
                left_out: None,
                ..
            }) => {
                let written = before.written.and_then(seconds).filter(|_| *changes > 0);
                let before = Before {
                    holds: Holds::UpTo(report.reached),
                    ..before
                };
                Self::beside(report.reached, written.max(as_of), catalogue, before)
                    .and(report.beyond.as_ref())
            }
            _ => {
                let loss = Self::beside(report.reached, as_of, catalogue, before);
                match report.lineage {
                    None | Some(Lineage::Same) => loss.and(report.beyond.as_ref()),
                    Some(_) => loss.unproven(),
                }
            }
        }
    }
}

fn seconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;
    use std::time::Duration;

    fn loss(revision: i64, as_of: i64, holds: Holds) -> Loss {
        let store = catalogue(&["Full-00000000-00000010-100", "Incr-00000011-00000020-120"]);
        let written = Some(UNIX_EPOCH + Duration::from_secs(150));
        Loss::beside(revision, Some(as_of), &store, Before { holds, written })
    }

    #[test]
    fn what_is_lost_is_told_in_revisions_and_seconds() {
        let told = |revision, as_of, holds| {
            let Loss {
                revisions,
                seconds,
                measure,
                ..
            } = loss(revision, as_of, holds);
            (revisions, seconds, measure)
        };
        let upto = Holds::UpTo;
        assert_eq!(told(20, 120, Holds::Nothing), (0, 0, Measure::Nothing));
        assert_eq!(told(20, 120, upto(20)), (0, 0, Measure::Nothing));
        assert_eq!(told(20, 120, upto(25)), (5, 30, Measure::AtMost));
        assert_eq!(told(10, 100, upto(15)), (10, 20, Measure::Exact));
        let at_least = Holds::AtLeast;
        assert_eq!(told(20, 120, at_least(0)), (0, 30, Measure::Unknown));
        assert_eq!(told(20, 120, at_least(23)), (3, 30, Measure::Unknown));
        assert_eq!(told(10, 100, at_least(0)), (10, 50, Measure::Unknown));
    }
}
