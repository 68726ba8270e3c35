use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use snapstore::{ListRequest, ObjectMeta, SnapstoreExt};

use super::error::{Error, Result};
use super::items::items;
use super::orphans::{Orphan, orphans};
use super::remove::remove;
use super::report::{Line, Outcome, Report};
use super::unused_keys::{listed, unused};
use super::uploads::sweep_uploads;
use crate::backups::branches::{Branch, Holdings};
use crate::backups::metadata::{AllMetadata, read_all};
use crate::backups::{self, Catalogue, EmptyStore, missing_among};
use crate::retention::{Choice, Item, Keep, Removal, Rules, Scope, decide};
use crate::session::Session;

/// What to collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// What stays.
    pub rules: Rules,
    /// The time now.
    pub now: Timestamp,
    /// Whether anything is deleted.
    pub mode: Mode,
}

/// Whether anything is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is.
    Delete,
    /// Nothing is: the report says what would be.
    DryRun,
}

/// Lists the store, decides, and deletes. Stopped in between it reports what it did; so it does when the store fails on
/// an object.
pub async fn collect(session: &Session, collection: &Collection) -> Result<Report> {
    let read = session.cancel.run_until_cancelled(read(session));
    let (keys, objects, all) = read.await.ok_or(Error::Interrupted)??;
    let names: HashSet<String> = objects
        .iter()
        .map(|object| object.id.key.file_name().to_owned())
        .collect();
    let catalogue = Catalogue::of(objects);
    let empty = match catalogue.snapshots.is_empty() {
        true => Some(look_around(session, &catalogue).await?),
        false => None,
    };
    let mut holdings = Holdings::of(catalogue, &all);
    let rules = Rules {
        scope: scope(&collection.rules.scope, &holdings)?,
        ..collection.rules.clone()
    };
    let items = items(&holdings, &all);
    let decision = decide(&items, collection.now, &rules);
    let lines = items.iter().zip(&decision.choices);
    let unreadable = all.unreadable.values().map(ToString::to_string);
    let mut report = Report {
        location: session.store.location().to_string(),
        dry_run: collection.mode == Mode::DryRun,
        objects: lines.map(|(item, choice)| line(item, choice)).collect(),
        deleted: 0,
        deleted_bytes: 0,
        kept: 0,
        not_deleted: 0,
        failed: 0,
        abandoned_uploads: 0,
        warnings: unreadable.chain(empty).collect(),
        held: Holdings::default(),
    };
    // A store that does not say so now says more of it below.
    holdings.missing_keys = missing_among(session, &holdings, &keys).await.ok();
    if collection.mode == Mode::Delete {
        remove_all(session, &holdings.listed, &decision.removals, &mut report).await;
    }
    report.count();
    remove_orphans(session, collection, &names, &mut report).await;
    let snapshots = (holdings.listed.snapshots.as_slice(), &all);
    match unused(session, keys, snapshots, collection.now).await {
        Ok(unused) => remove_found(session, collection, unused, &mut report).await,
        Err(why) => report.warnings.push(why),
    }
    remove_uploads(session, collection, &mut report).await;
    report.held = left(holdings, &report);
    if session.cancel.is_cancelled() {
        let stopped = "stopped before it was done: the next collection goes on";
        report.warnings.push(stopped.to_owned());
    }
    Ok(report)
}

/// What of the snapshots is still there.
fn left(holdings: Holdings, report: &Report) -> Holdings {
    let deleted = report.objects.iter();
    let deleted = deleted.filter(|line| line.outcome == Outcome::Deleted);
    let deleted: BTreeSet<String> = deleted.map(|line| line.key.clone()).collect();
    holdings.without(&deleted)
}

/// The lineage that is meant, by its id. Where the newest backups are of unknown origin, the times of the items decide.
fn scope(wanted: &Scope, holdings: &Holdings) -> Result<Scope> {
    let branch = match wanted {
        Scope::Newest => holdings.newest(),
        Scope::Lineage(_) if holdings.branches.is_empty() => None,
        Scope::Lineage(id) => Some(holdings.named(id).map_err(backups::Error::from)?),
    };
    Ok(match branch.and_then(Branch::id) {
        Some(id) => Scope::Lineage(id.to_owned()),
        None if holdings.branches.len() == 1 => Scope::Newest,
        None => wanted.clone(),
    })
}

/// A new cluster has no backups yet, and nothing to delete; a directory that is not there, or a place beside the
/// backups, is a mistake that would look the same for ever.
async fn look_around(session: &Session, catalogue: &Catalogue) -> Result<String> {
    let looked = EmptyStore::look(session, catalogue).await;
    let place = looked.map_err(backups::Error::from)?;
    match place.is_missing || place.elsewhere.is_some() {
        true => Err(backups::Error::EmptyStore(place).into()),
        false => Ok(place.to_string()),
    }
}

/// Keys before the snapshots, and those before their metadata: what is written in between has metadata that is not used.
async fn read(session: &Session) -> Result<(Vec<ObjectMeta>, Vec<ObjectMeta>, AllMetadata)> {
    let location = || session.store.location().to_string();
    let store = &*session.store;
    let keys = listed(session)
        .await
        .map_err(|source| backups::Error::Store {
            location: location(),
            source,
        })?;
    let listed = futures::try_join!(
        store.list_all(ListRequest::under("v2/")),
        store.list_all(ListRequest::under("v1/"))
    );
    let (mut objects, old) = listed.map_err(|source| backups::Error::Store {
        location: location(),
        source,
    })?;
    objects.extend(old);
    let all = read_all(store)
        .await
        .map_err(|source| backups::Error::Metadata {
            location: location(),
            source,
        })?;
    Ok((keys, objects, all))
}

/// Deletes what was decided, object by object.
async fn remove_all(
    session: &Session,
    catalogue: &Catalogue,
    removals: &[Removal],
    report: &mut Report,
) {
    let Report {
        objects, warnings, ..
    } = report;
    for removal in removals {
        remove(session, catalogue, removal, objects, warnings).await;
    }
}

async fn remove_orphans(
    session: &Session,
    collection: &Collection,
    names: &HashSet<String>,
    report: &mut Report,
) {
    let found = match orphans(&*session.store, names, collection.now).await {
        Ok(found) => found,
        Err(error) => {
            let warning = format!("cannot look for metadata without a snapshot: {error}");
            return report.warnings.push(warning);
        }
    };
    remove_found(session, collection, found, report).await;
}

async fn remove_found(
    session: &Session,
    collection: &Collection,
    found: Vec<Orphan>,
    report: &mut Report,
) {
    let store = &*session.store;
    for mut orphan in found {
        if collection.mode == Mode::Delete {
            orphan.line.outcome = match session.cancel.is_cancelled() {
                true => Outcome::Left,
                false => match store.delete(&orphan.object).await {
                    Ok(()) => Outcome::Deleted,
                    Err(error) => {
                        report.warnings.push(format!("cannot delete: {error}"));
                        Outcome::Failed
                    }
                },
            };
        }
        report.objects.push(orphan.line);
    }
}

/// Not in a dry run: a store can be asked to remove them, and not which they are.
async fn remove_uploads(session: &Session, collection: &Collection, report: &mut Report) {
    if collection.mode == Mode::DryRun {
        return;
    }
    let sweeping = sweep_uploads(&*session.store, collection.now);
    match session.cancel.run_until_cancelled(sweeping).await {
        Some(Ok(swept)) => report.abandoned_uploads = swept,
        Some(Err(error)) => report.warnings.push(format!(
            "cannot remove what uploads have left that were not ended: {error}; it takes room until a collection may"
        )),
        None => {}
    }
}

fn line(item: &Item, choice: &Choice) -> Line {
    Line {
        key: item.key.to_string(),
        bytes: item.bytes,
        outcome: match choice {
            Choice::Keep(_) => Outcome::Kept,
            Choice::Remove(_) => Outcome::WouldDelete,
        },
        marked: item.keep,
        reason: choice.word(),
        why: match (item.keep, choice) {
            (false, _) | (true, Choice::Keep(Keep::Marked)) => choice.to_string(),
            (true, _) => format!("{choice}, and is marked"),
        },
    }
}
