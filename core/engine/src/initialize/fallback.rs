use std::collections::BTreeSet;

use snapstore::{ErrorKind, Key};

use super::error::{Error, Result};
use super::messages::passed_over;
use super::recheck::{Seen, read_again, still_there};
use crate::backups::branches::{ChoiceError, Holdings, Taken};
use crate::backups::{self, Catalogue, PlanError, Reading, Snapshot, Target, read_holdings};
use crate::chosen::{Beside, ChosenState};
use crate::descent::Descent;
use crate::history::follow_plan;
use crate::progress::Event;
use crate::restore::{self, Marks, Report, Request, attempt};
use crate::session::Session;

/// The newest state that the objects of a store lead to, and what stood in the way of a newer one.
#[derive(Debug, Clone)]
pub(super) struct Newest {
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

/// Restores the newest state that can be restored. An object that is damaged, gone or after a gap
/// is passed over: the state then is an earlier point of its chain, or comes from the chain before.
/// Only what is wrong with the objects themselves leads to an older state: one that was read whole,
/// as long as the store lists it, and is damaged by its own hash or content, twice; or one that the
/// store does not list any more. A store that does not answer, or whose response is unexpected, does
/// not. Of two histories in one store the one with the highest revision is taken, with a
/// warning: whoever has a whole member asks before (`initialize` refuses), and a damaged one is kept
/// unless its last entries are found in what was restored.
pub(super) async fn restore_newest(
    session: &Session,
    holdings: &Holdings,
    request: &Request,
) -> Result<Newest> {
    request.check()?;
    let Beside { branch, target, .. } = Beside::of(request.chosen.as_ref(), holdings);
    if target == Target::Latest
        && let Some(warning) = branch.second_history()
    {
        session.observer.event(Event::Warning(&warning));
    }
    let marks = Marks {
        chosen: request.chosen.clone(),
        descent: Descent::of(holdings, &branch),
    };
    let mut search = Search {
        taken: holdings.taken(&branch),
        lineage: branch.lineage.map(|lineage| lineage.id),
        left: branch.catalogue,
        target,
        chosen: request.chosen.clone(),
        reading: request.reading,
        passed_over: Vec::new(),
        doubted: BTreeSet::new(),
        changes: 0,
    };
    let second = match search.target {
        Target::Latest => search.left.second_history(),
        _ => None,
    };
    if let Some(warning) = &second {
        session.observer.event(Event::Warning(warning));
    }
    loop {
        let (request, marks) = (request.clone(), marks.clone());
        let work =
            move |session: &Session, plan: &_| attempt(session, &request, plan, |_| marks.clone());
        match follow_plan(session, &search.left, &search.target, work).await {
            Ok(mut report) => {
                report.warnings.splice(0..0, second);
                report.branch = search.taken.clone();
                return Ok(Newest {
                    passed_over: search.all_above(report.revision),
                    report,
                });
            }
            Err(error) => search.after(session, error).await?,
        }
    }
}

/// Objects that may change under a restore before it is given up.
const CHANGES: usize = 16;

/// What may still be used. Each step leaves out an object, lowers the target, doubts an object for
/// the first time or counts a change of the store, so there is an end.
struct Search {
    /// What a report says of the lineage.
    taken: Option<Taken>,
    /// Its id: it stays the one that is restored, whatever else begins meanwhile.
    lineage: Option<String>,
    left: Catalogue,
    target: Target,
    chosen: Option<ChosenState>,
    reading: Reading,
    passed_over: Vec<PassedOver>,
    /// Objects that did not fit, and were found sound when they were read alone.
    doubted: BTreeSet<Key>,
    changes: usize,
}

impl Search {
    /// What comes after `error`: an older state, the same once more, or the end.
    async fn after(&mut self, session: &Session, error: restore::Error) -> Result<()> {
        let restore::Error::Backups(error) = error else {
            return Err(error.into());
        };
        match error {
            backups::Error::Damaged { object, what }
            | backups::Error::WrongHash { object, what } => {
                self.damaged(session, object, what).await
            }
            backups::Error::Store { location, source } if source.kind() == ErrorKind::NotFound => {
                let key = source.key().cloned();
                let missing = backups::Error::Store { location, source };
                self.missing(session, key, missing).await
            }
            backups::Error::Plan(PlanError::Gap(gap)) => {
                let why = passed_over::after_a_gap(gap.after, gap.before);
                let object = gap.object.key().clone();
                self.go_back(session, object, why, Target::Revision(gap.after));
                Ok(())
            }
            backups::Error::Gap {
                after,
                before,
                object,
            } => {
                let why = passed_over::after_a_gap(after, before);
                self.go_back(session, object, why, Target::Revision(after));
                Ok(())
            }
            other => Err(self.ended(other)),
        }
    }

    /// What came of `object` is damaged. The object itself?
    async fn damaged(&mut self, session: &Session, object: Key, what: String) -> Result<()> {
        let warning = passed_over::looks_damaged(&object, &what);
        session.observer.event(Event::Warning(&warning));
        match read_again(session, &self.left, &object, self.reading).await? {
            Seen::Damaged(what) => self.go_back(session, object, what, Target::Latest),
            // Whole, and it does not fit the others: so it was the second time too.
            Seen::Sound if !self.doubted.insert(object.clone()) => {
                self.go_back(session, object, what, Target::Latest);
            }
            Seen::Sound => {}
            Seen::Changed(now) => self.changed(session, object, now)?,
        }
        Ok(())
    }

    /// The store says that `object`, which it has listed, is not there. Garbage collection may have
    /// taken it since; then it is not listed any more.
    async fn missing(
        &mut self,
        session: &Session,
        object: Option<Key>,
        missing: backups::Error,
    ) -> Result<()> {
        let Some(object) = object else {
            return Err(missing.into());
        };
        let now = read_holdings(session).await?;
        match still_there(&self.left, &now.listed, &object) {
            Some(_) => Err(missing.into()),
            None => self.changed(session, object, now),
        }
    }

    /// The store holds something else than when it was listed.
    fn changed(&mut self, session: &Session, object: Key, now: Holdings) -> Result<()> {
        self.changes += 1;
        if self.changes > CHANGES {
            return Err(Error::StoreChanges {
                object: object.to_string(),
                before: CHANGES,
            });
        }
        let is_listed = now.listed.snapshots.iter().any(|one| one.key() == &object);
        let beside = Beside::of(self.chosen.as_ref(), &now);
        let doubt = now.doubt(Some(&beside.branch));
        let is_left = |one: &Snapshot| self.chosen.as_ref().is_some_and(|mark| mark.has_left(one));
        if let Some(doubt) = doubt.filter(|one| !is_left(&one.snapshot)) {
            let known = beside.branch.end().unwrap_or(0);
            let unknown = ChoiceError::newest_unknown(doubt, known);
            return Err(backups::Error::from(unknown).into());
        }
        self.left = match beside.branch.id() == self.lineage.as_deref() {
            true => beside.branch.catalogue,
            false => self.of_lineage(&now),
        };
        for passed in &self.passed_over {
            let keep = |snapshot: &Snapshot| snapshot.key().as_str() != passed.object;
            self.left.snapshots.retain(keep);
        }
        if !is_listed {
            let why = passed_over::deleted();
            self.go_back(session, object, why, Target::Latest);
        }
        Ok(())
    }

    /// What is left of the lineage that is restored, where another has become the newest.
    fn of_lineage(&self, now: &Holdings) -> Catalogue {
        let mut branches = now.branches.iter();
        let own = branches.find(|branch| branch.id() == self.lineage.as_deref());
        let mut catalogue = own.map(|own| own.catalogue.clone()).unwrap_or_default();
        if let Some(chosen) = &self.chosen {
            catalogue.snapshots.retain(|one| !chosen.has_left(one));
        }
        catalogue
    }

    fn go_back(&mut self, session: &Session, object: Key, why: String, next: Target) {
        // Without that object the chosen state is not reached, and what leads past it was left.
        if let (Target::Revision(bound), Some(_)) = (&self.target, &self.chosen) {
            let bound = *bound;
            self.left.snapshots.retain(|one| one.name.last <= bound);
        }
        let warning = passed_over::going_back(&object, &why);
        session.observer.event(Event::Warning(&warning));
        self.left
            .snapshots
            .retain(|snapshot| snapshot.key() != &object);
        self.target = next;
        let object = object.to_string();
        self.passed_over.push(PassedOver { object, why });
    }

    /// What was passed over, and all that nothing leads to any more because of that.
    fn all_above(self, revision: i64) -> Vec<PassedOver> {
        let mut passed_over = self.passed_over;
        if !passed_over.is_empty() {
            let above = self.left.snapshots.iter();
            let above = above.filter(|one| one.name.last > revision);
            passed_over.extend(above.map(|one| PassedOver {
                object: one.key().to_string(),
                why: passed_over::not_reached(revision),
            }));
        }
        passed_over
    }

    /// What the last error means when objects were passed over before it.
    fn ended(&self, error: backups::Error) -> Error {
        match (&error, self.passed_over.as_slice()) {
            (backups::Error::Plan(_), [first, others @ ..]) => Error::NothingUsable {
                first: passed_over::named(&first.object, &first.why),
                others: others.len(),
            },
            _ => error.into(),
        }
    }
}
