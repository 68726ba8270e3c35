use jiff::Timestamp;

/// Which chains are copied, the newest first. As in etcd-backup-restore (0.44, `pkg/snapshot/copier`), the age is looked at
/// before the number: a chain that is too old takes no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// So many at most; `None`: all.
    pub most: Option<usize>,
    /// Those whose full was begun within so many days of 24 hours, by its name; `None`: any.
    pub within_days: Option<u32>,
}

const DAY: i64 = 86_400;

impl Filter {
    /// Whether what was begun then, in seconds since 1970 UTC, is young enough.
    pub(super) fn is_young(&self, created: i64, now: Timestamp) -> bool {
        self.within_days.is_none_or(|days| {
            let oldest = now.as_second().saturating_sub(i64::from(days) * DAY);
            created > oldest
        })
    }
}
