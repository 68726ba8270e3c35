use snapstore::{ErrorKind, Key};

use super::plan::{PlanError, Target};
use super::report::Report;
use super::request::Request;
use super::run::{attempt, on_plan};
use super::session::Session;
use crate::error::{Error, Result};
use crate::progress::Event;
use crate::snapshot::Catalogue;

/// The newest state that the objects of a store lead to, and what stood in the way of a newer one.
#[derive(Debug, Clone)]
pub struct Newest {
    /// What was restored.
    pub report: Report,
    /// Objects that could not be used, in the order in which that was found.
    pub passed_over: Vec<PassedOver>,
}

/// An object that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PassedOver {
    /// Its key.
    pub object: String,
    /// What is wrong with it.
    pub why: String,
}

/// Restores the newest state that can be restored. An object that is damaged, gone or behind a gap
/// is passed over: the state then is an earlier point of its chain, or comes from the chain before.
/// Only what is wrong with the objects themselves leads to an older state. A store that does not
/// answer does not. Of two histories in one store the one with the highest revision is taken, with a
/// warning: whoever has a whole member asks before (`initialize` refuses), and a damaged one is kept
/// unless its last entries are found in what was restored.
pub async fn restore_newest(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
) -> Result<Newest> {
    request.changes.check()?;
    request.identity.resolve()?;
    let mut search = Search {
        left: catalogue.clone(),
        target: Target::Latest,
        passed_over: Vec::new(),
    };
    loop {
        let request = request.clone();
        let work = move |session: &Session, plan: &_| attempt(session, &request, plan);
        match on_plan(session, &search.left, &search.target, work).await {
            Ok(report) => {
                return Ok(Newest {
                    report,
                    passed_over: search.passed_over,
                });
            }
            Err(error) => search.go_back(session, error)?,
        }
    }
}

/// What may still be used. Each step back leaves out an object or lowers the target, so there is
/// an end.
struct Search {
    left: Catalogue,
    target: Target,
    passed_over: Vec<PassedOver>,
}

impl Search {
    fn go_back(&mut self, session: &Session, error: Error) -> Result<()> {
        let (object, why, next) = match error {
            Error::Damaged { object, what } => (object, what, Target::Latest),
            Error::Store { location, source } => match unusable(&source) {
                Some(object) => (object, source.to_string(), Target::Latest),
                None => return Err(Error::Store { location, source }),
            },
            Error::Plan(PlanError::Gap(gap)) => {
                let why = behind_a_gap(gap.after, gap.before);
                (gap.object.key().clone(), why, Target::Revision(gap.after))
            }
            Error::Gap {
                after,
                before,
                object,
            } => {
                let why = behind_a_gap(after, before);
                (object, why, Target::Revision(after))
            }
            other => return Err(self.ended(other)),
        };
        let warning = format!("{object} cannot be used: {why}; going back to an older state");
        session.observer.event(Event::Warning(&warning));
        self.left
            .snapshots
            .retain(|snapshot| snapshot.key() != &object);
        self.target = next;
        let object = object.to_string();
        self.passed_over.push(PassedOver { object, why });
        Ok(())
    }

    /// What the last error means when objects were passed over before it.
    fn ended(&self, error: Error) -> Error {
        match (&error, self.passed_over.as_slice()) {
            (Error::Plan(_), [first, others @ ..]) => Error::NothingUsable {
                first: format!("{}: {}", first.object, first.why),
                others: others.len(),
            },
            _ => error,
        }
    }
}

/// The object that a store answers for but does not have, or not as it was written. Garbage
/// collection may have taken it since the store was listed.
fn unusable(error: &snapstore::Error) -> Option<Key> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::Corrupt => error.key().cloned(),
        _ => None,
    }
}

fn behind_a_gap(after: i64, before: i64) -> String {
    format!(
        "it stands behind a gap: revisions {} to {} are in no object that can be read",
        after + 1,
        before - 1
    )
}
