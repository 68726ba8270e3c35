//! What a history does to one key, change by change: the rule by which a missing or
//! repeated change shows.

use std::fmt;

/// What is known of a key between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyState {
    /// Never put, or deleted.
    #[default]
    Absent,
    /// Put, and not deleted since.
    Live {
        /// Main revision of the first put since it was last absent.
        create_revision: i64,
        /// Puts since then.
        version: i64,
    },
}

/// What happens to a key at one revision. A put carries what etcd computed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The key gets a value.
    Put {
        /// As the event carries it.
        create_revision: i64,
        /// As the event carries it.
        version: i64,
    },
    /// The key goes.
    Delete,
}

/// A change that cannot follow from the state before it: the history between has a gap, or
/// belongs to another store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("revision {main} {change} a key that {before}: changes between are missing")]
pub struct Inconsistent {
    /// Main revision of the change.
    pub main: i64,
    /// The change.
    pub change: Change,
    /// The key's state before it.
    pub before: KeyState,
}

impl KeyState {
    /// The state after `change` at revision `main`.
    pub fn after(self, main: i64, change: Change) -> Result<Self, Inconsistent> {
        match (change, self.after_put(main)) {
            (Change::Delete, _) if self != Self::Absent => Ok(Self::Absent),
            (
                Change::Put {
                    create_revision,
                    version,
                },
                Some(put),
            ) if put
                == (Self::Live {
                    create_revision,
                    version,
                }) =>
            {
                Ok(put)
            }
            _ => Err(Inconsistent {
                main,
                change,
                before: self,
            }),
        }
    }

    /// The state after a put at revision `main`, as etcd computes it; `None` when the version
    /// would not fit, which no history reaches.
    pub fn after_put(self, main: i64) -> Option<Self> {
        match self {
            Self::Absent => Some(Self::Live {
                create_revision: main,
                version: 1,
            }),
            Self::Live {
                create_revision,
                version,
            } => Some(Self::Live {
                create_revision,
                version: version.checked_add(1)?,
            }),
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not live"),
            Self::Live {
                create_revision,
                version,
            } => {
                write!(f, "has version {version} since revision {create_revision}")
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete => f.write_str("deletes"),
            Self::Put {
                create_revision,
                version,
            } => {
                write!(
                    f,
                    "puts version {version} since revision {create_revision} of"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The changes of a key put (true) and deleted (false) at revisions 2, 3, ..., as etcd
    /// would report them; deletes of nothing are no changes.
    fn history(puts: &[bool]) -> Vec<(i64, Change)> {
        let mut state = (0, 0);
        let mut changes = Vec::new();
        for (main, put) in (2..).zip(puts) {
            state = match (put, state) {
                (true, (_, 0)) => (main, 1),
                (true, (create, version)) => (create, version + 1),
                (false, (_, 0)) => continue,
                (false, _) => (0, 0),
            };
            let put = Change::Put {
                create_revision: state.0,
                version: state.1,
            };
            changes.push((main, if state.1 == 0 { Change::Delete } else { put }));
        }
        changes
    }

    fn fold(changes: &[(i64, Change)]) -> Result<KeyState, Inconsistent> {
        changes
            .iter()
            .try_fold(KeyState::Absent, |state, (main, change)| {
                state.after(*main, *change)
            })
    }

    proptest! {
        #[test]
        fn every_history_folds(puts: Vec<bool>) {
            prop_assert!(fold(&history(&puts)).is_ok());
        }

        /// A missing put is noticed at the next change, except when a whole generation ends
        /// in between, and then its delete is.
        #[test]
        fn a_gap_is_noticed(puts: Vec<bool>, gap: prop::sample::Index) {
            let mut changes = history(&puts);
            prop_assume!(changes.len() > 1);
            let at = gap.index(changes.len() - 1);
            let (_, missing) = changes.remove(at);
            let noticed = fold(&changes).is_err();
            let harmless = missing != Change::Delete && matches!(changes[at].1, Change::Delete)
                && at > 0 && !matches!(changes[at - 1].1, Change::Delete);
            prop_assert_eq!(noticed, !harmless);
        }
    }

    #[test]
    fn the_message_says_what_clashed() {
        let put = Change::Put {
            create_revision: 3,
            version: 7,
        };
        let before = KeyState::Live {
            create_revision: 3,
            version: 5,
        };
        assert_eq!(
            before.after(12, put).unwrap_err().to_string(),
            "revision 12 puts version 7 since revision 3 of a key that has version 5 since \
             revision 3: changes between are missing"
        );
        assert_eq!(
            KeyState::Absent
                .after(9, Change::Delete)
                .unwrap_err()
                .to_string(),
            "revision 9 deletes a key that is not live: changes between are missing"
        );
    }
}
