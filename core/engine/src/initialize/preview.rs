use super::decide::Action;
use super::error::Result;
use super::judge::{Judged, judge};
use super::loss::Loss;
use super::messages;
use super::outcome::{ActionTaken, Outcome};
use super::request::Request;
use super::salvage::Salvageable;
use crate::session::Session;

/// Finds out what [`initialize`](super::initialize) would do. Changes nothing.
pub async fn preview(session: Option<&Session>, request: &Request) -> Result<Outcome> {
    let judged = judge(session, request).await?;
    let would_be = would_be(&judged, request);
    Ok(Outcome {
        dry_run: true,
        action_taken: None,
        planned_action: Some(would_be.deed.planned()),
        ..would_be
    })
}

fn would_be(judged: &Judged, request: &Request) -> Outcome {
    let existing = match judged.action {
        Action::Restore | Action::Clear | Action::MakeWay => judged.existing(request),
        _ => Ok(None),
    };
    let existing = match existing {
        Ok(existing) => existing,
        Err(error) => {
            let told = messages::would_fail(&error.to_string());
            return judged.outcome(request, ActionTaken::Refused, &told);
        }
    };
    let disposition = existing.map(|old| judged.disposition(old, request));
    let (action_taken, told) = (
        action_taken(judged.action),
        messages::would(judged.action, disposition),
    );
    let outcome = judged.outcome(request, action_taken, &told);
    match judged.action {
        Action::Restore => Outcome {
            unless: existing.and_then(|old| messages::unless(old, &request.restore)),
            ..foreseen(judged, request, outcome)
        },
        Action::Refuse(refusal) => Outcome {
            hints: [outcome.hints, refusal.hints()].concat(),
            ..outcome
        },
        _ => outcome,
    }
}

fn action_taken(action: Action) -> ActionTaken {
    match action {
        Action::Leave => ActionTaken::Untouched,
        Action::StartEmpty | Action::Join => ActionTaken::FirstStart,
        Action::Restore => ActionTaken::Restored,
        Action::Clear | Action::MakeWay => ActionTaken::Cleared,
        Action::Refuse(_) => ActionTaken::Refused,
    }
}

/// With what would be lost, and what may be salvaged.
fn foreseen(judged: &Judged, request: &Request, mut outcome: Outcome) -> Outcome {
    let (revision, catalogue) = (judged.newest(), &judged.validated.branch.catalogue);
    let mut objects = catalogue.snapshots.iter();
    let last = objects.rfind(|object| object.name.last <= revision);
    let as_of = last.map(|object| object.name.created);
    let loss = Loss::beside(revision, as_of, catalogue, judged.before()).foreseen(judged.before());
    let salvage = Salvageable::of(&judged.validated);
    let told = [messages::lost(loss, revision)];
    let told = told.into_iter().chain(salvage.remark(request.salvage));
    for sentence in told {
        outcome.explanation = messages::found_and_done(&outcome.explanation, &sentence);
        outcome.done.push(sentence);
    }
    outcome.hints.extend(salvage.hint(request.salvage));
    outcome.loss = Some(loss);
    outcome.salvage = Some(salvage);
    outcome
}
