use snapstore::Key;

use crate::backups::{Catalogue, Error, Plan, Target, plan};
use crate::error::Error as System;
use crate::progress::Event;
use crate::session::Session;

/// The error of a verb, as far as it is about backups.
pub(crate) trait OfBackups: From<Error> {
    /// What is wrong with the backups, if that is what is wrong.
    fn of_backups(&self) -> Option<&Error>;
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
        }

        impl $error {
            /// What was read is one file, and no store.
            pub(crate) fn of_file(self) -> Self {
                match self {
                    Self::Backups(error) => {
                        Self::Backups(crate::backups::Error::OfFile(Box::new(error)))
                    }
                    other => other,
                }
            }

            /// What the operating system refused: `action` on `path`.
            pub(crate) fn io(
                action: &'static str,
                path: &std::path::Path,
            ) -> impl FnOnce(std::io::Error) -> Self {
                let of = crate::error::Error::io(action, path);
                move |source| of(source).into()
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
    if let Some(warning) = second_history(catalogue, target) {
        session.observer.event(Event::Warning(&warning));
    }
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

/// That the names in a store are those of two histories, where the newest state was asked for. [`follow_plan`] tells
/// it; its place in the report is first.
pub(crate) fn second_history(catalogue: &Catalogue, target: &Target) -> Option<String> {
    match target {
        Target::Latest => catalogue.second_history(),
        _ => None,
    }
}
