use crate::backups::{Catalogue, PlanError, Target, plan};
use crate::chosen::{Beside, ChosenState};

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
    /// They lead to a state.
    Lead(Reach),
    /// There are some, and they lead to none.
    Nowhere(String),
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
    /// Of the backups in a store.
    pub fn of(catalogue: &Catalogue) -> Self {
        Self::leading_to(catalogue, &Target::Latest)
    }

    /// Of those beside a member that was restored to an older state on purpose.
    pub(crate) fn beside(chosen: &ChosenState, catalogue: &Catalogue) -> Self {
        let Beside { usable, target } = chosen.beside(catalogue.clone());
        match usable.snapshots.is_empty() && !catalogue.snapshots.is_empty() {
            true => Self::Nowhere(String::from(
                "all of them are of the history that was left when an older state was restored",
            )),
            false => Self::leading_to(&usable, &target),
        }
    }

    fn leading_to(catalogue: &Catalogue, target: &Target) -> Self {
        let Some(named) = catalogue.snapshots.last().map(|newest| newest.name.last) else {
            return Self::Empty;
        };
        let histories = match catalogue.second_history() {
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

    /// The newest revision that can be restored.
    pub fn newest(&self) -> Option<i64> {
        match self {
            Self::Lead(reach) => Some(reach.revision),
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
        assert_eq!(Backups::of(&catalogue(&names)), lead(20, 60));
        names.insert(2, "Incr-00000021-00000030-4");
        assert_eq!(Backups::of(&catalogue(&names)), lead(60, 60));
        assert_eq!(Backups::of(&catalogue(&[])), Backups::Empty);
        let headless = Backups::of(&catalogue(&names[1..]));
        assert!(matches!(headless, Backups::Nowhere(_)), "{headless:?}");
    }
}
