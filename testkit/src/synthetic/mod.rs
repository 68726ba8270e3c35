//! Histories that no etcd lived, made by a test event by event, and the backups of them: as small as the
//! case needs, and the same bytes each time.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what stands here is written by the test that calls it, and wrong is a wrong test"
)]

mod database;
mod event;
mod history;

use jiff::Timestamp;

use crate::backup::{Compression, name};

pub use database::database;
pub use event::{Event, delta};
pub use history::{Change, History};

/// Histories happen at one revision a second from here on, seconds since 1970.
pub const EPOCH: i64 = 1_800_000_000;

/// The time of a revision.
pub fn time(revision: i64) -> Timestamp {
    Timestamp::from_second(EPOCH + revision).unwrap()
}

/// The name of a full that says it holds up to `last`.
pub fn full_name(last: i64, compression: Compression) -> String {
    name::full(last, EPOCH + last, compression)
}

/// The name of a delta of these revisions.
pub fn delta_name(first: i64, last: i64, compression: Compression) -> String {
    name::delta(first..=last, EPOCH + last, compression)
}
