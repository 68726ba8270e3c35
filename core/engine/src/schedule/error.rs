/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not five fields.
    #[error(
        "the schedule {text:?} needs five fields (minute, hour, day of the month, month, day of the week), not {found}"
    )]
    Fields {
        /// All of it.
        text: String,
        /// How many there are.
        found: usize,
    },
    /// A field is not understood.
    #[error("the {field} {text:?} of the schedule is not understood: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A word after `@` is none of those that there are.
    #[error(
        "the schedule {0:?} is not known: there are @every DURATION, @hourly, @daily, @midnight, @weekly, @monthly, \
         @yearly and @annually"
    )]
    Descriptor(String),
    /// What stands after `@every` is no duration.
    #[error("{0:?} is no duration for @every: write 90s, 5m or 1h30m")]
    Every(String),
    /// The time zone is not known here.
    #[error(
        "the time zone {zone:?} is not known on this machine: {why}; write Area/City, as in Europe/Berlin, and see that \
         the time zone database is installed"
    )]
    Zone {
        /// Its name.
        zone: String,
        /// What is wrong.
        why: String,
    },
    /// There is no such day.
    #[error("the schedule {0:?} is never due: no month that it names has such a day")]
    Never(String),
}
