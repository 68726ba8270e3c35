use super::decide::Action;
use super::loss::Loss;
use super::messages;
use super::outcome::{Deed, Outcome};
use super::run::{Request, judge};
use super::salvage::Salvageable;
use crate::error::Result;
use crate::session::Session;

/// Finds out what [`initialize`](super::initialize) would do. Changes nothing.
pub async fn preview(session: Option<&Session>, request: &Request) -> Result<Outcome> {
    let judged = judge(session, request).await?;
    let revision = judged.validated.backups.newest().unwrap_or(0);
    let occupant = match judged.action {
        Action::Restore | Action::Clear => judged.occupant(request),
        _ => Ok(None),
    };
    let occupant = match occupant {
        Ok(occupant) => occupant,
        Err(error) => {
            let words = format!("Nothing would be done: {error}.");
            return Ok(judged.outcome(request, Deed::Refused, &words));
        }
    };
    let fate = occupant.map(|old| match judged.action {
        Action::Restore => old.fate(revision),
        _ => old.fate(0),
    });
    let mut outcome = judged.outcome(
        request,
        match judged.action {
            Action::Leave => Deed::Untouched,
            Action::StartEmpty | Action::Join => Deed::FirstStart,
            Action::Restore => Deed::Restored,
            Action::Clear => Deed::Cleared,
            Action::Refuse(_) => Deed::Refused,
        },
        &messages::would(judged.action, fate),
    );
    if judged.action == Action::Restore {
        let catalogue = &judged.validated.catalogue;
        let last = catalogue
            .snapshots
            .iter()
            .rfind(|object| object.name.last <= revision);
        let as_of = last.map(|object| object.name.created);
        let loss =
            Loss::beside(revision, as_of, catalogue, judged.before()).foreseen(judged.before());
        let salvage = Salvageable::of(&judged.validated);
        outcome.explanation = format!(
            "{} {}{}",
            outcome.explanation,
            loss.sentence(revision),
            salvage.remark(request.salvage)
        );
        outcome.loss = Some(loss);
        outcome.salvage = Some(salvage);
    }
    Ok(outcome)
}
