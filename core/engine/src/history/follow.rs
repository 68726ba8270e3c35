use snapstore::Key;

use crate::backups::branches::{Branch, Holdings, Unplaced};
use crate::backups::{Catalogue, Error, Plan, Target, plan};
use crate::error::Error as System;
use crate::progress::Event;
use crate::session::Session;

/// The error of a verb, as far as it is about backups.
pub(crate) trait OfBackups: From<Error> {
    /// What is wrong with the backups, if that is what is wrong.
    fn of_backups(&self) -> Option<&Error>;

    /// What was read is one file, and no store.
    fn of_file(self) -> Self;
}

/// Makes `$error` the error of a verb that follows a plan: one with the variants `Backups`, `FailedCheck` and
/// `Interrupted`, for only the verb knows what the last two leave.
macro_rules! over_backups {
    ($error:ident) => {
        impl From<crate::backups::Error> for $error {
            fn from(error: crate::backups::Error) -> Self {
                match error {
                    crate::backups::Error::System(crate::error::Error::Interrupted) => {
                        Self::Interrupted
                    }
                    crate::backups::Error::Inconsistent(what) => Self::FailedCheck(what),
                    other => Self::Backups(other),
                }
            }
        }

        impl From<crate::error::Error> for $error {
            fn from(error: crate::error::Error) -> Self {
                crate::backups::Error::from(error).into()
            }
        }

        impl crate::history::OfBackups for $error {
            fn of_backups(&self) -> Option<&crate::backups::Error> {
                match self {
                    Self::Backups(error) => Some(error),
                    _ => None,
                }
            }

            fn of_file(self) -> Self {
                match self {
                    Self::Backups(error) => {
                        Self::Backups(crate::backups::Error::OfFile(Box::new(error)))
                    }
                    other => other,
                }
            }
        }
    };
}
pub(crate) use over_backups;

/// Makes a plan and walks along it. A full that turns out to be ahead of the target, although its
/// name is not, is left out and another plan made.
pub(crate) async fn follow_plan<T: Send + 'static, E: OfBackups + Send + 'static>(
    session: &Session,
    catalogue: &Catalogue,
    target: &Target,
    attempt: impl Fn(&Session, &Plan) -> Result<T, E> + Clone + Send + 'static,
) -> Result<T, E> {
    let mut avoid: Vec<Key> = Vec::new();
    let mut ahead = None;
    loop {
        let plan = match (plan(catalogue, target, &avoid), ahead) {
            (Ok(plan), _) => plan,
            (Err(_), Some(error)) => return Err(error),
            (Err(error), None) => return Err(Error::from(error).into()),
        };
        session.observer.event(Event::Planned {
            objects: plan.objects().count(),
            bytes: plan.size(),
        });
        let (session, attempt) = (session.clone(), attempt.clone());
        let done = tokio::task::spawn_blocking(move || attempt(&session, &plan)).await;
        let error = match done.map_err(|died| System::Died(died.to_string())) {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error,
            Err(died) => return Err(Error::from(died).into()),
        };
        let Some(Error::Ahead { object, .. }) = error.of_backups() else {
            return Err(error);
        };
        avoid.push(object.clone());
        ahead = Some(error);
    }
}

/// What an operator should know of the lineages of a store when a state is taken from `branch`: that there are
/// others, which objects are left out, and where the names among those of unknown origin tell of two histories.
pub(crate) fn lineage_warnings(
    holdings: &Holdings,
    branch: &Branch,
    target: &Target,
) -> Vec<String> {
    let mut warnings: Vec<String> = holdings.unplaced.iter().map(Unplaced::warning).collect();
    let taken = holdings.taken(branch);
    if let Some(taken) = taken.filter(|taken| !taken.others.is_empty()) {
        let which = match taken.newest {
            true => "the newest",
            false => "not the newest",
        };
        let others = taken.others.join(", ");
        warnings.push(format!(
            "the store holds several lineages: {}, {which}, is taken; beside it there are {others}",
            taken.id
        ));
    }
    if *target == Target::Latest {
        warnings.extend(branch.second_history());
    }
    warnings
}

/// Tells warnings before the work that they are about.
pub(crate) fn tell(session: &Session, warnings: &[String]) {
    for warning in warnings {
        session.observer.event(Event::Warning(warning));
    }
}
