//! The clock of the emulator, and its times in XML.

use std::time::SystemTime;

use jiff::Timestamp;

/// The time of the emulator, which is that of the machine: clients sign with it.
#[expect(
    clippy::disallowed_methods,
    reason = "it stands for a service with a clock of its own"
)]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// A time as it stands in XML: `2026-01-02T03:04:05.000Z`.
pub(super) fn stamp(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
