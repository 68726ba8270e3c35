use super::decide::Action;
use super::error::Result;
use super::judge::{Judged, judge};
use super::loss::Loss;
use super::messages;
use super::outcome::{Deed, Outcome};
use super::request::Request;
use super::salvage::Salvageable;
use crate::session::Session;

/// Finds out what [`initialize`](super::initialize) would do. Changes nothing.
pub async fn preview(session: Option<&Session>, request: &Request) -> Result<Outcome> {
    let judged = judge(session, request).await?;
    let occupant = match judged.action {
        Action::Restore | Action::Clear => judged.occupant(request),
        _ => Ok(None),
    };
    let occupant = match occupant {
        Ok(occupant) => occupant,
        Err(error) => {
            let told = messages::would_fail(&error.to_string());
            return Ok(judged.outcome(request, Deed::Refused, &told));
        }
    };
    let fate = occupant.map(|old| match judged.action {
        Action::Restore => old.fate(judged.newest()),
        _ => old.fate(0),
    });
    let (deed, told) = (deed(judged.action), messages::would(judged.action, fate));
    let outcome = judged.outcome(request, deed, &told);
    Ok(match judged.action {
        Action::Restore => foreseen(&judged, request, outcome),
        Action::Refuse(refusal) => Outcome {
            hints: [outcome.hints, refusal.hints()].concat(),
            ..outcome
        },
        _ => outcome,
    })
}

fn deed(action: Action) -> Deed {
    match action {
        Action::Leave => Deed::Untouched,
        Action::StartEmpty | Action::Join => Deed::FirstStart,
        Action::Restore => Deed::Restored,
        Action::Clear => Deed::Cleared,
        Action::Refuse(_) => Deed::Refused,
    }
}

/// With what would be lost, and what may be salvaged.
fn foreseen(judged: &Judged, request: &Request, mut outcome: Outcome) -> Outcome {
    let (revision, catalogue) = (judged.newest(), &judged.validated.catalogue);
    let mut objects = catalogue.snapshots.iter();
    let last = objects.rfind(|object| object.name.last <= revision);
    let as_of = last.map(|object| object.name.created);
    let loss = Loss::beside(revision, as_of, catalogue, judged.before()).foreseen(judged.before());
    let salvage = Salvageable::of(&judged.validated);
    let told = [messages::lost(loss, revision)];
    let told = told.into_iter().chain(salvage.remark(request.salvage));
    for sentence in told {
        outcome.explanation = messages::found_and_done(&outcome.explanation, &sentence);
    }
    outcome.hints.extend(salvage.hint(request.salvage));
    outcome.loss = Some(loss);
    outcome.salvage = Some(salvage);
    outcome
}
