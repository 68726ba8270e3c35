//! What is known of the backups, for `/status`, `/metrics` and `/readyz`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::snapshots::TakenSnapshot;

/// The state that a restore of the newest backups leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restorable {
    /// Its revision.
    pub revision: i64,
    /// The last moment at which the backups held all that etcd had.
    pub complete_until: Timestamp,
}

/// etcd's newest state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Newest {
    /// Its revision.
    pub revision: i64,
    /// When etcd said so.
    pub read_at: Timestamp,
}

/// A proof that the backups lead to what etcd had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// Of which tier, 1 to 4.
    pub tier: u8,
    /// When it was made.
    pub made_at: Timestamp,
    /// For which revision.
    pub revision: i64,
}

/// Something that fails, and is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failing {
    /// What: `full`, `delta` and so on.
    pub what: String,
    /// When it failed for the first time since it last succeeded.
    pub since: Timestamp,
    /// Why it failed the last time, in words for people, without secrets.
    pub why: String,
}

/// What is known of the backups. What is not known is `None`, never a guess.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backups {
    /// What a restore leads to.
    pub restorable: Option<Restorable>,
    /// Where etcd stands.
    pub newest: Option<Newest>,
    /// The newest full.
    pub last_full: Option<TakenSnapshot>,
    /// The newest delta.
    pub last_delta: Option<TakenSnapshot>,
    /// When the newest of them was known to be in the store.
    pub stored_at: Option<Timestamp>,
    /// When the next full is due.
    pub next_full: Option<Timestamp>,
    /// The newest proof of each tier.
    pub proofs: Vec<Proof>,
    /// What fails now.
    pub failing: Vec<Failing>,
    /// What the store held when it was listed last, for whatever reason.
    #[serde(skip)]
    pub listing: Option<Arc<page::Listing>>,
}

/// What would be lost if etcd's disk and the machine were gone now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loss {
    /// What was written in so many seconds. Not negative, whatever the clock does.
    pub seconds: f64,
    /// So many revisions, as far as etcd has told.
    pub revisions: u64,
}

impl Backups {
    /// What would be lost now; `None` where it is not known.
    pub fn loss(&self, now: Timestamp) -> Option<Loss> {
        let (restorable, newest) = (self.restorable.as_ref()?, self.newest.as_ref()?);
        let revisions = newest.revision.saturating_sub(restorable.revision);
        Some(Loss {
            seconds: age(restorable.complete_until, now),
            revisions: u64::try_from(revisions).unwrap_or(0),
        })
    }
}

/// Seconds from `then` to `now`; 0 where the clock was set back since.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(then).as_secs_f64().max(0.0)
}
