//! What came of an initialization, as far as metrics tell it.

/// What a data directory lacks of what was known to have been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// How many revisions.
    pub revisions: i64,
    /// How much time lies between the state that it holds and the last sign of a newer one.
    pub seconds: i64,
}

/// How an initialization succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initialized {
    /// Nothing was changed: what an earlier one has lost is lost still.
    Untouched,
    /// Another state is there now, which lacks this; `None`: that is not known.
    Made(Option<Lost>),
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $value:literal;)*) => {
        /// Why a data directory was not made one that etcd can start on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refused {
            $($(#[$doc])* $name,)*
        }

        impl Refused {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];
            /// As labels.
            pub(super) const VALUES: &[&str] = &[$($value),*];

            pub(super) fn value(self) -> &'static str {
                match self {
                    $(Self::$name => $value,)*
                }
            }
        }
    };
}

refusals! {
    /// The volume belongs to another member.
    OfAnother: "of_another";
    /// A process uses the directory.
    InUse: "in_use";
    /// What the directory holds cannot be read.
    Unreadable: "unreadable";
    /// The log is not where the database is.
    LogElsewhere: "log_elsewhere";
    /// It is damaged, and there is nothing to restore it from.
    NoBackups: "no_backups";
    /// It is damaged, and no place of backups is configured, or that is not there, or is none.
    NoStore: "no_store";
    /// The backups lead to no state.
    NoState: "no_state";
    /// It is not known which state is the newest, or there are two histories.
    Doubt: "doubt";
    /// The member has no place among the others yet.
    NoPlace: "no_place";
    /// What the log holds was to be salvaged, and cannot be.
    NotSalvaged: "not_salvaged";
    /// etcd's configuration cannot be read, or says something else.
    Configuration: "configuration";
    /// The store does not answer, or refuses.
    Store: "store";
    /// A restore was begun, and did not come to its end.
    Restore: "restore";
    /// Something else, which the log has.
    Other: "other";
}
