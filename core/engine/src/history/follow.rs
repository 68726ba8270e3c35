use snapstore::Key;

use crate::backups::{Catalogue, Plan, Target, plan};
use crate::error::{Error, Result};
use crate::progress::Event;
use crate::session::Session;

/// Makes a plan and walks along it. A full that turns out to be ahead of the target, although its
/// name is not, is left out and another plan made.
pub(crate) async fn follow_plan<T: Send + 'static>(
    session: &Session,
    catalogue: &Catalogue,
    target: &Target,
    attempt: impl Fn(&Session, &Plan) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    let mut avoid: Vec<Key> = Vec::new();
    let mut ahead = None;
    warn_of_second_history(session, catalogue, target);
    loop {
        let plan = match (plan(catalogue, target, &avoid), ahead) {
            (Ok(plan), _) => plan,
            (Err(_), Some(error)) => return Err(error),
            (Err(error), None) => return Err(error.into()),
        };
        session.observer.event(Event::Planned {
            objects: plan.objects().count(),
            bytes: plan.size(),
        });
        let (session, attempt) = (session.clone(), attempt.clone());
        let done = tokio::task::spawn_blocking(move || attempt(&session, &plan)).await;
        match done.unwrap_or_else(|died| Err(Error::Died(died.to_string()))) {
            Err(Error::Ahead {
                object,
                revision,
                named,
            }) => {
                avoid.push(object.clone());
                ahead = Some(Error::Ahead {
                    object,
                    revision,
                    named,
                });
            }
            other => return other,
        }
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
