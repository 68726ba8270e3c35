use crate::backups::branches::{Branch, Holdings, Unplaced};
use crate::backups::{PlanError, Target, plan};
use crate::chosen::{Beside, Choice};

/// What the backups of a member lead to, by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backups {
    /// No store was named.
    Unset,
    /// The store holds none.
    Empty,
    /// The directory that should hold them is not there: a store that was never written to, or a
    /// volume that was not mounted.
    Missing,
    /// What was named is the directory `v2` itself, with backups in it: they are looked for in a `v2` below it.
    Misplaced,
    /// They lead to a state.
    Lead(Reach),
    /// There are some, and they lead to none.
    Nowhere(String),
    /// Metadata that cannot be read keeps it from being known which state is the newest.
    Unclear {
        /// The newest revision that they may lead to.
        newest: i64,
        /// Which object, and what is wrong with its metadata.
        why: String,
    },
}

/// How far backups lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The newest revision that can be restored.
    pub revision: i64,
    /// The newest revision that any name tells of: larger when it follows a gap.
    pub named: i64,
    /// Whether the names are those of one history.
    pub histories: Histories,
}

/// How many histories the names in a store tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Histories {
    /// As far as names can tell.
    One,
    /// See [`Catalogue::second_history`]: which of them is the newest only a human knows.
    Two,
}

impl Backups {
    /// Of those in a store that count beside a member.
    pub(crate) fn of(beside: &Beside, holdings: &Holdings) -> Self {
        match beside.branch.catalogue.snapshots.is_empty() {
            true if holdings.listed.snapshots.is_empty() => Self::Empty,
            true if beside.choice != Choice::Unmade => Self::Nowhere(String::from(
                "all of them are of the history that was left when an older state was restored",
            )),
            _ => Self::leading_to(&beside.branch, &beside.target),
        }
    }

    /// The same beside an object that may lead further, or begin a newer lineage.
    pub(crate) fn in_doubt_of(self, doubt: Option<&Unplaced>) -> Self {
        let Some(doubt) = doubt else {
            return self;
        };
        let known = self.newest().unwrap_or(0);
        Self::Unclear {
            newest: known.max(doubt.snapshot.name.last),
            why: format!(
                "{} may lead further than revision {known}, or begin a newer lineage, and its metadata cannot be read: {}",
                doubt.snapshot.key(),
                doubt.why
            ),
        }
    }

    fn leading_to(branch: &Branch, target: &Target) -> Self {
        let catalogue = &branch.catalogue;
        let Some(named) = catalogue.snapshots.last().map(|newest| newest.name.last) else {
            return Self::Nowhere(String::from("none of them is of a lineage that is known"));
        };
        let histories = match branch.second_history() {
            None => Histories::One,
            Some(_) => Histories::Two,
        };
        let lead = |revision| {
            Self::Lead(Reach {
                revision,
                named,
                histories,
            })
        };
        match plan(catalogue, target, &[]) {
            Ok(plan) => {
                let ends = plan.objects().map(|object| object.name.last);
                let ends = ends.max().unwrap_or(1);
                lead(match target {
                    Target::Revision(revision) => ends.min(*revision),
                    _ => ends,
                })
            }
            // At revision 1 nothing was written yet.
            Err(PlanError::Gap(gap)) if gap.after > 1 => lead(gap.after),
            Err(error) => Self::Nowhere(error.to_string()),
        }
    }

    /// The newest revision that they lead to, or may lead to.
    pub fn newest(&self) -> Option<i64> {
        match self {
            Self::Lead(reach) => Some(reach.revision),
            Self::Unclear { newest, .. } => Some(*newest),
            _ => None,
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Unset | Self::Empty | Self::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;
    use crate::backups::metadata::AllMetadata;

    fn of(names: &[&str]) -> Backups {
        let holdings = Holdings::of(catalogue(names), &AllMetadata::default());
        Backups::of(&Beside::of(None, &holdings), &holdings)
    }

    fn lead(revision: i64, named: i64) -> Backups {
        let histories = Histories::One;
        Backups::Lead(Reach {
            revision,
            named,
            histories,
        })
    }

    /// A directory at revision 50 would have been replaced by a state at revision 20, since the
    /// newest name says 60.
    #[test]
    fn what_follows_a_gap_is_not_led_to() {
        let mut names = vec![
            "Full-00000000-00000010-1",
            "Incr-00000011-00000020-2",
            "Incr-00000031-00000060-3",
        ];
        assert_eq!(of(&names), lead(20, 60));
        names.insert(2, "Incr-00000021-00000030-4");
        assert_eq!(of(&names), lead(60, 60));
        assert_eq!(of(&[]), Backups::Empty);
        let headless = of(&names[1..]);
        assert!(matches!(headless, Backups::Nowhere(_)), "{headless:?}");
    }
}
