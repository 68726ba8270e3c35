use std::fmt;

use jiff::Timestamp;

/// What becomes of a snapshot, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It stays.
    Keep(Keep),
    /// It may go.
    Remove(Remove),
}

/// A span of time of which one full is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// Why a snapshot stays.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// It belongs to the newest chain.
    NewestChain,
    /// A delta that is younger than the retention of deltas.
    YoungDelta,
    /// A full of the hour of the day that it is now.
    CurrentHour,
    /// The newest full of its hour, day, week, month or year.
    NewestOf(Period),
    /// One of the newest fulls, as many as are kept.
    WithinLimit,
    /// A moment that is to be restorable needs it.
    WithinWindow,
    /// It was written so shortly ago that its upload may still be going on.
    BeingWritten,
    /// Somebody has marked it.
    Marked,
    /// A snapshot that somebody has marked cannot be restored without it.
    NeededByMarked(String),
    /// The store refuses to delete it until then.
    Immutable(Timestamp),
    /// It belongs to the newest chain that is proven.
    LastProven,
    /// Nothing is proven yet: any of the fulls may be the one that restores.
    NothingProven,
    /// A history of its own has begun with it or before it, by the times in the names.
    LaterHistory,
    /// It is of another cluster.
    OtherCluster,
    /// It is of another lineage.
    OtherLineage,
    /// There are several lineages, and it does not say to which it belongs.
    UnknownLineage,
    /// Its metadata cannot be read, and may hold a mark.
    UnreadableMetadata,
    /// The number in its name is no time.
    NoTime,
}

/// Why a snapshot may go.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remove {
    /// A delta of an older chain, past the retention of deltas.
    OldDelta,
    /// There is a newer full of the same hour, day or week.
    NewerOf(Period),
    /// More than five weeks old.
    PastFiveWeeks,
    /// There are as many newer fulls as are kept.
    PastLimit(u32),
    /// No day, week, month or year that is kept needs it.
    OutsideWindow,
}

impl Choice {
    /// A word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Keep(why) => why.word(),
            Self::Remove(why) => why.word(),
        }
    }
}

impl Period {
    fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl Keep {
    fn word(&self) -> &'static str {
        match self {
            Self::NewestChain => "newest_chain",
            Self::YoungDelta => "young_delta",
            Self::CurrentHour => "current_hour",
            Self::NewestOf(Period::Hour) => "newest_of_hour",
            Self::NewestOf(Period::Day) => "newest_of_day",
            Self::NewestOf(Period::Week) => "newest_of_week",
            Self::NewestOf(Period::Month) => "newest_of_month",
            Self::NewestOf(Period::Year) => "newest_of_year",
            Self::WithinLimit => "within_limit",
            Self::WithinWindow => "within_window",
            Self::BeingWritten => "being_written",
            Self::Marked => "marked",
            Self::NeededByMarked(_) => "needed_by_marked",
            Self::Immutable(_) => "immutable",
            Self::LastProven => "last_proven",
            Self::NothingProven => "nothing_proven",
            Self::LaterHistory => "later_history",
            Self::OtherCluster => "other_cluster",
            Self::OtherLineage => "other_lineage",
            Self::UnknownLineage => "unknown_lineage",
            Self::UnreadableMetadata => "unreadable_metadata",
            Self::NoTime => "no_time",
        }
    }
}

impl Remove {
    fn word(&self) -> &'static str {
        match self {
            Self::OldDelta => "old_delta",
            Self::NewerOf(Period::Hour) => "newer_of_hour",
            Self::NewerOf(Period::Day) => "newer_of_day",
            Self::NewerOf(Period::Week) => "newer_of_week",
            Self::NewerOf(Period::Month) => "newer_of_month",
            Self::NewerOf(Period::Year) => "newer_of_year",
            Self::PastFiveWeeks => "past_five_weeks",
            Self::PastLimit(_) => "past_limit",
            Self::OutsideWindow => "outside_window",
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep(why) => why.fmt(f),
            Self::Remove(why) => why.fmt(f),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewestChain => f.write_str("it belongs to the newest chain"),
            Self::YoungDelta => f.write_str("it is younger than deltas are kept"),
            Self::CurrentHour => f.write_str("it is of the current hour"),
            Self::NewestOf(period) => write!(f, "it is the newest full of its {}", period.word()),
            Self::WithinLimit => f.write_str("it is one of the newest fulls"),
            Self::WithinWindow => f.write_str("it is within the time of which everything is kept"),
            Self::BeingWritten => {
                f.write_str("it was written so shortly ago that its upload may be going on")
            }
            Self::Marked => f.write_str("it is marked to be kept"),
            Self::NeededByMarked(name) => write!(f, "{name}, which is marked, needs it"),
            Self::Immutable(until) => write!(f, "the store protects it until {until}"),
            Self::LastProven => f.write_str("it belongs to the newest chain that is proven"),
            Self::NothingProven => f.write_str("no chain is proven yet"),
            Self::LaterHistory => f.write_str(
                "it was written later than the highest revision: it may be of a second history",
            ),
            Self::OtherCluster => f.write_str("it is of another cluster"),
            Self::OtherLineage => f.write_str("it is of another lineage"),
            Self::UnknownLineage => {
                f.write_str("there are several lineages, and it does not say to which it belongs")
            }
            Self::UnreadableMetadata => f.write_str("its metadata cannot be read"),
            Self::NoTime => f.write_str("the number in its name is no time"),
        }
    }
}

impl fmt::Display for Remove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OldDelta => f.write_str("it is older than deltas are kept"),
            Self::NewerOf(period) => write!(f, "there is a newer full of its {}", period.word()),
            Self::PastFiveWeeks => f.write_str("it is more than five weeks old"),
            Self::PastLimit(max) => write!(f, "there are newer fulls, and {max} are kept"),
            Self::OutsideWindow => f.write_str("no period that is kept needs it"),
        }
    }
}
