//! What uploads leave in a store when the process that sent them was killed: no listing shows it, and it is paid for.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use snapstore::Snapstore;

/// How long nothing must have come to an upload. A part takes ten minutes at the longest.
const IDLE: SignedDuration = SignedDuration::from_hours(24);

/// Removes uploads that nobody will end: how many there were.
pub(super) async fn sweep_uploads(store: &dyn Snapstore, now: Timestamp) -> snapstore::Result<u64> {
    let idle_since = now.checked_sub(IDLE).unwrap_or(Timestamp::MIN);
    store.sweep(SystemTime::from(idle_since)).await
}
