//! The settings of the page.

use std::time::Duration;

use engine::backups::Compression;
use engine::backups::delta::{DeltaWriter, NewEvent, NewValue};
use engine::backups::encoder::Level;
use engine::retention::{Policy, Window};
use jiff::{SignedDuration, Timestamp};

/// How backups are taken, and of what.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// Its flags, those of them that are not the defaults.
    pub(crate) flags: &'static str,
    pub(crate) schedule: &'static str,
    pub(crate) delta_period: Duration,
    pub(crate) policy: Policy,
    pub(crate) collect_after: Duration,
    pub(crate) load: Load,
}

/// What is written to etcd, and what it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Milliseconds from one write to the next; `None`: nothing is written.
    pub(crate) between: Option<i64>,
    /// Bytes of JSON that one write is in a delta.
    pub(crate) event: u64,
    /// Bytes of a full.
    pub(crate) full: u64,
}

/// Ten writes a second, each of a kibibyte, into a database of 100 MiB.
fn busy() -> Load {
    Load {
        between: Some(100),
        event: json_of_a_write(),
        full: 100 << 20,
    }
}

/// What one of them is in a delta, before it is compressed.
pub(crate) fn json_of_a_write() -> u64 {
    let mut writer = DeltaWriter::new(Compression::None, Level::default());
    let event = NewEvent {
        key: &[b'k'; 40],
        mod_revision: 1_000_000,
        put: Some(NewValue {
            value: &[b'v'; 1024],
            create_revision: 900_000,
            version: 1_000,
            lease: 0,
            lease_ttl: None,
        }),
        time: Timestamp::from_microsecond(1_728_000_000_123_456).unwrap(),
    };
    writer.event(&event).unwrap();
    writer.json()
}

impl Setting {
    fn new(flags: &'static str, load: Load) -> Self {
        Self {
            flags,
            schedule: "0 */1 * * *",
            delta_period: Duration::from_secs(20),
            policy: Policy::Exponential,
            collect_after: Duration::from_secs(60),
            load,
        }
    }
}

fn within_days(days: i64) -> Policy {
    Policy::Window(Window {
        within: SignedDuration::from_hours(24 * days),
        daily: 30,
        ..Window::default()
    })
}

/// All of them, in the order of the page.
pub(crate) fn all() -> Vec<Setting> {
    let of = Setting::new;
    let busy = busy();
    let idle = Load {
        between: None,
        ..busy
    };
    vec![
        of("nothing is written, the defaults", idle),
        of("the defaults", busy),
        Setting {
            delta_period: Duration::from_secs(300),
            schedule: "0 0 * * *",
            ..of(
                "`--delta-snapshot-period 5m --schedule \"0 0 * * *\"`",
                busy,
            )
        },
        Setting {
            policy: Policy::LimitBased { max_backups: 7 },
            ..of("`--garbage-collection-policy LimitBased`", busy)
        },
        Setting {
            schedule: "0 */6 * * *",
            policy: within_days(7),
            ..of(
                "`--schedule \"0 */6 * * *\" --keep-within 7d --keep-daily 30`",
                busy,
            )
        },
        Setting {
            delta_period: Duration::from_secs(60),
            schedule: "0 */6 * * *",
            policy: within_days(1),
            ..of(
                "`--delta-snapshot-period 1m --schedule \"0 */6 * * *\" --keep-within 1d --keep-daily 30`",
                busy,
            )
        },
        Setting {
            delta_period: Duration::from_secs(1),
            ..of("`--delta-snapshot-period 1s`", busy)
        },
    ]
}
