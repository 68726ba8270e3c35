use std::collections::VecDeque;

use snapstore::{ErrorKind, ObjectId};

use super::events::Events;
use super::groups::{Parts, Untouched, groups};
use super::merged::write;
use super::report::{Group, Levels, Outcome};
use super::request::{Leveling, Mode};
use crate::backups::listing::read_some;
use crate::backups::metadata::metadata_key;
use crate::backups::storing::{self, take_back};
use crate::backups::{self, Snapshot, Target};
use crate::compact::error::{Error, Result};
use crate::error::Error as System;
use crate::progress::Event;
use crate::session::Session;

/// Bytes of JSON that a merged delta may have, unless one part alone has more: all of it is in memory.
const LARGEST: usize = 64 << 20;

/// Merges the deltas of the closed chains of a lineage. Stopped in between, each revision is in one delta at least.
///
/// Errors: those of a group end it; groups before it stay merged.
pub async fn level(session: &Session, leveling: &Leveling) -> Result<Levels> {
    let holdings = read_some(session).await?;
    let chosen = holdings.choose(&leveling.lineage, &Target::Latest);
    let branch = chosen.map_err(backups::Error::from)?;
    // Where nothing but names tells of what is which, a member that was restored to an older state on purpose knows what it
    // left by their names.
    if branch.lineage.is_none() {
        return Err(Error::NoLineage);
    }
    if session.keys.encrypts()
        && !session
            .keys
            .opens_its_own()
            .map_err(storing::Error::Encrypt)?
    {
        return Err(Error::ForOthers);
    }
    let untouched = Untouched {
        marked: &holdings.marked,
        now: leveling.now.into(),
    };
    let mut levels = Levels {
        dry_run: leveling.mode == Mode::DryRun,
        groups: Vec::new(),
        deleted: 0,
        failed: 0,
        branch: holdings.taken(branch),
        warnings: Vec::new(),
    };
    let groups = groups(branch, &untouched, leveling.size);
    let all = || groups.iter().flat_map(|group| &group.parts);
    session.observer.event(Event::Planned {
        objects: all().count(),
        bytes: all().map(|part| part.size).sum(),
    });
    for parts in &groups {
        match (leveling.mode, &parts.merged) {
            (Mode::DryRun, _) => levels.groups.push(would_be(parts)),
            (Mode::Merge, Some(wide)) => compare(session, wide, &parts.parts, &mut levels).await?,
            (Mode::Merge, None) => merge(session, leveling, &parts.parts, &mut levels).await?,
        }
    }
    Ok(levels)
}

/// Makes deltas of these, each of as many as fit, and deletes what it was made of.
async fn merge(
    session: &Session,
    leveling: &Leveling,
    parts: &[Snapshot],
    levels: &mut Levels,
) -> Result<()> {
    let mut waiting: VecDeque<Snapshot> = parts.iter().cloned().collect();
    while !waiting.is_empty() {
        let parts = next(session, &mut waiting).await?;
        if parts.len() < 2 {
            continue;
        }
        let merged = write(session, leveling, &parts).await?;
        if let Err(error) = holds(session, &merged, &parts).await {
            // Ours, and no part is gone: a restore would stumble over it.
            take_back(&*session.store, merged.key()).await;
            return Err(error);
        }
        let parts: Vec<Snapshot> = parts.into_iter().map(|(part, _)| part).collect();
        delete(session, &parts, levels).await;
        levels
            .groups
            .push(group(&parts, Some(&merged), Outcome::Merged));
    }
    Ok(())
}

/// Whether the store gives a delta with just the events of the parts.
async fn holds(session: &Session, merged: &Snapshot, parts: &[(Snapshot, Events)]) -> Result<()> {
    let events = fetch(session, merged).await?;
    let differs = parts.iter().find(|(_, part)| !part.are_in(&events));
    let revisions: usize = parts.iter().map(|(_, part)| part.revisions()).sum();
    if differs.is_none() && revisions == events.revisions() {
        return Ok(());
    }
    let part = differs.map(|(part, _)| part.key().to_string());
    Err(Error::NotAlike {
        merged: merged.key().clone(),
        parts: part.unwrap_or_else(|| "its parts".to_owned()),
    })
}

/// The next parts that fit into one.
async fn next(
    session: &Session,
    waiting: &mut VecDeque<Snapshot>,
) -> Result<Vec<(Snapshot, Events)>> {
    let (mut parts, mut bytes) = (Vec::new(), 0);
    while let Some(part) = waiting.pop_front() {
        let events = fetch(session, &part).await?;
        bytes += events.list.len();
        if bytes > LARGEST && !parts.is_empty() {
            waiting.push_front(part);
            break;
        }
        parts.push((part, events));
    }
    Ok(parts)
}

/// Deletes of the parts what a wider one holds too. What another snapshotter has seen has other times, and stays.
async fn compare(
    session: &Session,
    wide: &Snapshot,
    parts: &[Snapshot],
    levels: &mut Levels,
) -> Result<()> {
    let events = fetch(session, wide).await?;
    let mut alike = Vec::new();
    for part in parts {
        match fetch(session, part).await?.are_in(&events) {
            true => alike.push(part.clone()),
            false => levels.warnings.push(format!(
                "{} stays: {} covers it and does not hold just the same",
                part.key(),
                wide.key()
            )),
        }
    }
    if !alike.is_empty() {
        delete(session, &alike, levels).await;
        levels
            .groups
            .push(group(&alike, Some(wide), Outcome::Merged));
    }
    Ok(())
}

async fn fetch(session: &Session, delta: &Snapshot) -> Result<Events> {
    let (session, delta) = (session.clone(), delta.clone());
    let fetching = tokio::task::spawn_blocking(move || Events::fetch(&session, &delta)).await;
    Ok(fetching.map_err(|error| System::Died(error.to_string()))??)
}

/// Deletes the parts, and what is known of each after it.
async fn delete(session: &Session, parts: &[Snapshot], levels: &mut Levels) {
    for part in parts {
        match session.store.delete(&part.id).await {
            Ok(()) => levels.deleted += 1,
            Err(error) if error.kind() == ErrorKind::Immutable => {
                levels
                    .warnings
                    .push(format!("{error}; the next run tries again"));
                continue;
            }
            Err(error) => {
                levels.failed += 1;
                levels.warnings.push(format!("cannot delete: {error}"));
                continue;
            }
        }
        let Ok(key) = metadata_key(part.key().file_name()) else {
            continue;
        };
        if let Err(error) = session.store.delete(&ObjectId::from(key)).await {
            levels.warnings.push(format!(
                "{error}; its snapshot is deleted, and `gc` removes it"
            ));
        }
    }
}

fn would_be(parts: &Parts) -> Group {
    let outcome = match parts.merged {
        None => Outcome::WouldMerge,
        Some(_) => Outcome::WouldDelete,
    };
    group(&parts.parts, parts.merged.as_ref(), outcome)
}

fn group(parts: &[Snapshot], merged: Option<&Snapshot>, outcome: Outcome) -> Group {
    let names = merged.into_iter().chain(parts).map(|one| &one.name);
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = names.map(|name| (name.first, name.last)).unzip();
    Group {
        first_revision: firsts.into_iter().min().unwrap_or(0),
        last_revision: lasts.into_iter().max().unwrap_or(0),
        snapshot: merged.map(|merged| merged.key().to_string()),
        stored_bytes: merged.map(|merged| merged.size),
        parts: parts.iter().map(|part| part.key().to_string()).collect(),
        part_bytes: parts.iter().map(|part| part.size).sum(),
        outcome,
    }
}
