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
    warn_of_second_history(session, catalogue, target);
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

/// Says that the names in a store are those of two histories, where the newest state was asked for.
pub(crate) fn warn_of_second_history(session: &Session, catalogue: &Catalogue, target: &Target) {
    if *target == Target::Latest
        && let Some(warning) = catalogue.second_history()
    {
        session.observer.event(Event::Warning(&warning));
    }
}
