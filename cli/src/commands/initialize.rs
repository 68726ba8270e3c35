use std::io;

use clap::ArgMatches;
use client::Config;
use engine::initialize::{self, ActionTaken, Error, Measure, Outcome, Request};
use engine::restore::Salvaged;
use engine::session::Session;
use engine::size::counted;
use snapstore::clock::SystemClock;

use super::initialize_member;
use crate::args::{Connection, Format, Inert, InitializeArgs};
use crate::error::Result;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{hints, neighbours, progress, session};

/// Sees to it that an etcd can start on its data directory.
pub(crate) fn run(args: &InitializeArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    for notice in [Inert::notice, Connection::notice] {
        if let Some(notice) = flags.and_then(notice) {
            tracing::warn!("{notice}");
        }
    }
    let request = args.request()?;
    let mut outcome = session::run(&args.store, work(args, &request))?;
    outcome.explanation = hints::after_sentences(&outcome.explanation, &outcome.hints);
    for remark in &outcome.remarks {
        tracing::warn!("{remark}");
    }
    for change in outcome
        .restored
        .iter()
        .filter_map(|report| report.salvaged.as_ref())
    {
        list(change);
    }
    match format {
        Format::Json => {
            // Standard output is a program's: the log of a pod has the loss all the same.
            let is_lost = outcome
                .loss
                .is_some_and(|loss| loss.measure != Measure::Nothing);
            if is_lost || !outcome.passed_over.is_empty() {
                tracing::warn!("{}", outcome.explanation);
            } else if outcome.loss.is_some() {
                tracing::info!("{}", outcome.explanation);
            } else {
                for hint in &outcome.hints {
                    tracing::warn!("hint: {}", hints::told(hint));
                }
            }
            print_json(&outcome)
        }
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), &outcome)),
    }
}

fn print(out: &mut Screen, outcome: &Outcome) -> io::Result<()> {
    let action = match (outcome.deed, outcome.dry_run) {
        (ActionTaken::Untouched, false) => "left as it is",
        (ActionTaken::Untouched, true) => "would be left as it is",
        (ActionTaken::FirstStart, false) => "first start",
        (ActionTaken::FirstStart, true) => "would be a first start",
        (ActionTaken::Restored, false) => "restored",
        (ActionTaken::Restored, true) => "would be restored",
        (ActionTaken::Cleared, false) => "cleared",
        (ActionTaken::Cleared, true) => "would be cleared",
        (ActionTaken::Refused, _) => "would be refused",
    };
    let condition = match outcome.unless {
        Some(_) => ", on a condition",
        None => "",
    };
    out.text("", format!("{}: {action}{condition}", outcome.data_dir))?;
    out.text("  verdict  ", outcome.verdict.name())?;
    out.text("  found    ", &outcome.found)?;
    let label = if outcome.dry_run { "would" } else { "done" };
    for sentence in &outcome.done {
        out.text(&format!("  {label:7}  "), sentence.trim())?;
    }
    if let Some(unless) = &outcome.unless {
        out.text("  unless   ", unless)?;
    }
    for hint in &outcome.hints {
        out.text("  hint     ", hints::told(hint))?;
    }
    Ok(())
}

/// Lists what was salvaged, a line for each revision.
fn list(salvaged: &Salvaged) {
    for revision in salvaged
        .listed
        .chunk_by(|one, two| one.revision == two.revision)
    {
        let changes: Vec<String> = revision
            .iter()
            .map(|change| format!("{} {}", change.kind, change.key))
            .collect();
        if let Some(first) = revision.first() {
            tracing::warn!(
                "salvaged revision {}: {}",
                first.revision,
                changes.join(", ")
            );
        }
    }
    let unlisted = salvaged
        .changes
        .saturating_sub(salvaged.listed.len() as u64);
    if unlisted > 0 {
        tracing::warn!("{}", not_listed(unlisted, salvaged.last));
    }
}

/// How many changes up to the revision `last` have no line.
fn not_listed(changes: u64, last: i64) -> String {
    let changes = counted(changes, "more change", "more changes");
    format!("salvaged {changes}, to revision {last}")
}

async fn work(args: &InitializeArgs, request: &Request) -> Result<Outcome> {
    let session = session::open_named(&args.store, progress::observer()).await?;
    let session = session.as_ref();
    let mut done = match args.dry_run {
        true => initialize::preview(session, request).await,
        false => initialize::initialize(session, &SystemClock, request).await,
    };
    if let Some(others) = args.others.config()? {
        done = beside_others(others, session, args, request, done).await?;
    }
    let may_lack_backups = match &done {
        Ok(outcome) => outcome.deed == ActionTaken::FirstStart,
        // It may be for want of a backup.
        Err(error) => matches!(error, Error::Refused { .. }),
    };
    if let Some(session) = session.filter(|_| may_lack_backups) {
        neighbours::warn(session, &args.store).await;
    }
    Ok(done?)
}

/// Goes on from what was done, where other members are named and it takes them.
async fn beside_others(
    others: Config,
    session: Option<&Session>,
    args: &InitializeArgs,
    request: &Request,
    done: initialize::Result<Outcome>,
) -> Result<initialize::Result<Outcome>> {
    if args.dry_run {
        let Ok(mut outcome) = done else {
            return Ok(done);
        };
        if matches!(outcome.deed, ActionTaken::Refused | ActionTaken::FirstStart) {
            let would = initialize_member::would_take_place(others, request).await?;
            outcome.remarks.extend(would);
        }
        return Ok(Ok(outcome));
    }
    let mut request = request.clone();
    if !initialize_member::needs_others(&done) {
        return Ok(done);
    }
    let Some(place) = initialize_member::take_place(others, &mut request).await? else {
        return Ok(done);
    };
    let mut done = initialize::initialize(session, &SystemClock, &request).await;
    if let Ok(outcome) = &mut done {
        initialize_member::mark(&place, &request.validation.data_dir)?;
        outcome.remarks.push(initialize_member::remark(&place));
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "salvaged 1 more changes" was said after the thousandth.
    #[test]
    fn one_more_change_is_one() {
        assert_eq!(not_listed(1, 9), "salvaged 1 more change, to revision 9");
        assert_eq!(not_listed(2, 9), "salvaged 2 more changes, to revision 9");
    }
}
