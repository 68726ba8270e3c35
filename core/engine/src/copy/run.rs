use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::Semaphore;

use super::by_service::{Service, is_asked};
use super::contents::{Contents, nothing_there};
use super::decide::{Doubt, decide};
use super::error::{Error, Result};
use super::failure::Failure;
use super::final_full::wait_for_final;
use super::item::{Choice, Item, LeftOut};
use super::keys::{Keys, bring};
use super::object::{Shown, Way};
use super::one_place::refuse_one_place;
use super::pace::Pace;
use super::report::{Line, Outcome, Report};
use super::request::{ContentCheck, Mode, Request};
use super::room::PERMITS;
use super::schedule::{Done, all};
use crate::backups::storing::{Arrival, Proof};
use crate::progress::{Event, Phase};
use crate::session::Session;
use crate::size::counted;

/// Copies the snapshots of a source to a destination, with what is known of them.
///
/// What fails of single objects is in the report; the others are copied all the same.
pub async fn copy(source: &Session, destination: &Session, request: &Request) -> Result<Report> {
    refuse_one_place(&*source.store, &*destination.store)?;
    let mut warnings = Vec::new();
    if let Some(waiting) = request.waiting
        && request.mode == Mode::Copy
    {
        warnings.extend(wait_for_final(source, waiting).await?);
    }
    destination.observer.event(Event::Phase(Phase::Copying));
    let from = Contents::read(source).await.map_err(Error::of_source)?;
    if from.is_empty() {
        warnings.push(nothing_there(source, &from).await?);
    }
    let to = Contents::read(destination)
        .await
        .map_err(Error::of_destination)?;
    let doubt = match request.arrival {
        Arrival::Size => Doubt::Trusted,
        Arrival::ReadBack => Doubt::Compared,
    };
    let items = decide(&from, &to, (&request.filter, request.now), doubt);
    warnings.extend(remarks(&from, &items, request));
    let marked = from.holdings.marked.clone();
    let done = match request.mode {
        Mode::DryRun => items.iter().map(|_| None).collect(),
        Mode::Copy => {
            let is_encrypted = |item: &Item| item.snapshot.name.encoding.is_encrypted();
            let mut keys = Keys::default();
            if items.iter().any(is_encrypted) {
                let brought = bring(source, destination);
                let brought = source.cancel.run_until_cancelled(brought).await;
                let brought = brought.ok_or(Error::Interrupted)?;
                keys = brought.map_err(Error::Keys)?;
            }
            tell_plan(destination, &items);
            let pace = Arc::new(Pace::new(request.rate, destination.clock.clone()));
            let copies = is_asked(&*source.store, &*destination.store, request.passage);
            let service = Service {
                source: source.clone(),
                destination: destination.clone(),
                pace: pace.clone(),
                wanted: request.arrival,
                copies: AtomicBool::new(copies),
            };
            let way = Way {
                source: source.clone(),
                destination: destination.clone(),
                request: request.clone(),
                from,
                to,
                keys,
                pace,
                room: Semaphore::new(PERMITS),
                service,
            };
            bring_all(way, &items).await?
        }
    };
    let lines = items.iter().zip(&done).map(|(item, done)| Line {
        marked: marked.contains(item.snapshot.key().file_name()),
        ..line(item, done.as_ref(), request.mode)
    });
    let mut report = Report {
        source: source.store.location().to_string(),
        destination: destination.store.location().to_string(),
        dry_run: request.mode == Mode::DryRun,
        objects: lines.collect(),
        copied: 0,
        copied_by_service: done
            .iter()
            .filter(|done| is_by_service(done.as_ref()))
            .count(),
        copied_bytes: 0,
        present: 0,
        left_out: 0,
        not_copied: 0,
        interrupted: false,
        warnings,
    };
    report.count();
    report.interrupted = report.not_copied > 0 && destination.cancel.is_cancelled();
    Ok(report)
}

fn is_by_service(done: Option<&Result<Shown, Failure>>) -> bool {
    matches!(done, Some(Ok(Shown::ByService(_))))
}

async fn bring_all(way: Way, items: &[Item]) -> Result<Done<Result<Shown, Failure>>> {
    let session = way.destination.clone();
    let parallel = way.request.parallel.get();
    let (way, listed): (Arc<Way>, Arc<[Item]>) = (Arc::new(way), items.into());
    let work = |place: usize| {
        let (way, items) = (way.clone(), listed.clone());
        async move {
            match items.get(place) {
                Some(item) => way.bring(item).await,
                None => Err(Failure::Interrupted),
            }
        }
    };
    let how = (parallel, &session.runtime, &session.cancel);
    // What goes on from one without a key is copied too: that may be found elsewhere.
    let is_there = |done: &Result<_, _>| matches!(done, Ok(_) | Err(Failure::WithoutKey(_)));
    Ok(all(items, how, work, is_there).await?)
}

fn tell_plan(destination: &Session, items: &[Item]) {
    let copied = items.iter().filter(|item| item.choice == Choice::Copy);
    let sizes: Vec<u64> = copied.map(|item| item.snapshot.size).collect();
    destination.observer.event(Event::Planned {
        objects: sizes.len(),
        bytes: sizes.iter().sum(),
    });
}

/// What the operator should know beside what becomes of each snapshot.
fn remarks(from: &Contents, items: &[Item], request: &Request) -> Vec<String> {
    let branches = from.holdings.branches.iter();
    let mut remarks: Vec<String> = branches.filter_map(|one| one.second_history()).collect();
    let is_marked = |item: &&Item| {
        let name = item.snapshot.key().file_name();
        let is_left = match &item.choice {
            Choice::LeftOut(LeftOut::Twin(_)) => false,
            choice => matches!(choice, Choice::LeftOut(_)),
        };
        is_left && from.holdings.marked.contains(name)
    };
    let left = items.iter().filter(is_marked).count();
    if left > 0 {
        let left = counted(left, "snapshot", "snapshots");
        remarks.push(format!(
            "{left} that somebody has marked to be kept will not be at the destination: what is asked for counts, and not the mark"
        ));
    }
    let is_left = |item: &Item| matches!(item.choice, Choice::LeftOut(_));
    if !items.is_empty() && items.iter().all(is_left) {
        remarks.push("nothing is copied: what was asked for leaves every snapshot out".to_owned());
    }
    if request.content == ContentCheck::Skipped {
        remarks.push(
            "hashes at the end of snapshots are not compared, as was asked for: what is damaged is copied as it is"
                .to_owned(),
        );
    }
    remarks
}

fn line(item: &Item, done: Option<&Result<Shown, Failure>>, mode: Mode) -> Line {
    let (outcome, why) = match (&item.choice, done) {
        (Choice::LeftOut(why), _) => (Outcome::LeftOut, why.to_string()),
        (Choice::Refused(why), _) => (Outcome::Refused, why.to_string()),
        (_, Some(Ok(shown))) => shown_by(*shown),
        (_, Some(Err(Failure::Interrupted))) => {
            (Outcome::NotBegun, Failure::Interrupted.to_string())
        }
        (_, Some(Err(failure))) => (Outcome::Failed, failure.to_string()),
        (choice, None) if mode == Mode::DryRun => would(choice),
        (_, None) => not_begun(item),
    };
    Line {
        snapshot: item.snapshot.key().to_string(),
        to: match &item.choice {
            Choice::Present(there) | Choice::Compare(there) => there.to_string(),
            _ => format!("v2/{}", item.to),
        },
        bytes: item.snapshot.size,
        outcome,
        marked: false,
        why: match item.choice {
            Choice::Copy if item.snapshot.name.is_final => {
                format!("{why}, under its name without .final")
            }
            _ => why,
        },
    }
}

fn shown_by(shown: Shown) -> (Outcome, String) {
    let (outcome, why) = match shown {
        Shown::Sent(Proof::Size) => (Outcome::Copied, "its size is the same at the destination"),
        Shown::Sent(Proof::ReadBack) => (Outcome::Copied, "it was read back"),
        Shown::ByService(Proof::Size) => (
            Outcome::Copied,
            "the service of both stores copied it and tells one checksum of both; it was not read",
        ),
        Shown::ByService(Proof::ReadBack) => (
            Outcome::Copied,
            "the service of both stores copied it, and it was read back",
        ),
        Shown::Known => (
            Outcome::Present,
            "its size is the same at the destination, and what is known of both agrees",
        ),
        Shown::Compared => (
            Outcome::Present,
            "the destination has it, and it was read and compared",
        ),
    };
    (outcome, why.to_owned())
}

fn would(choice: &Choice) -> (Outcome, String) {
    let (outcome, why) = match choice {
        Choice::Compare(_) => (
            Outcome::WouldCompare,
            "its size is the same at the destination; it would be read and compared",
        ),
        Choice::Present(_) => {
            return shown_by(Shown::Known);
        }
        _ => (Outcome::WouldCopy, "the destination does not have it"),
    };
    (outcome, why.to_owned())
}

fn not_begun(item: &Item) -> (Outcome, String) {
    let why = match item.after {
        Some(_) => {
            "it was not begun: the full that it follows on is not there, or the copy was stopped"
        }
        None => "it was not begun: the copy was stopped",
    };
    (Outcome::NotBegun, why.to_owned())
}
