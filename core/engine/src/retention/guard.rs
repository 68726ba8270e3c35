//! What stays whatever a policy says.

use jiff::{SignedDuration, Timestamp};

use super::choice::{Choice, Keep};
use super::item::Item;
use super::policy::{ProofRule, Rules};
use super::stream::Stream;
use crate::backups::Kind;

/// Seconds by which the clocks of two members may differ.
const CLOCK_SKEW: i64 = 60;

/// Takes back the deletion of what must stay.
pub(super) fn guard(
    items: &[Item],
    streams: &[Stream],
    choices: &mut [Choice],
    now: Timestamp,
    rules: &Rules,
) {
    chains(items, streams, choices);
    if rules.proof == ProofRule::Needed {
        proven(items, streams, choices);
    }
    second_history(items, streams, choices);
    for (item, choice) in items.iter().zip(choices.iter_mut()) {
        if let Some(why) = alone(item, now, rules.upload_deadline) {
            keep(choice, why);
        }
    }
}

/// Keeps what would have been deleted. What stays anyway keeps its own reason.
fn keep(choice: &mut Choice, why: Keep) {
    if matches!(choice, Choice::Remove(_)) {
        *choice = Choice::Keep(why);
    }
}

fn keep_at(choices: &mut [Choice], place: usize, why: Keep) {
    if let Some(choice) = choices.get_mut(place) {
        keep(choice, why);
    }
}

/// Why an item stays, whatever else there is.
fn alone(item: &Item, now: Timestamp, deadline: SignedDuration) -> Option<Keep> {
    if item.keep {
        return Some(Keep::Marked);
    }
    // To the very moment it counts as protected, as for the reference.
    if let Some(until) = item.immutable_until.filter(|until| now <= *until) {
        return Some(Keep::Immutable(until));
    }
    let Some(latest) = item.latest() else {
        return Some(Keep::NoTime);
    };
    let is_young = now.duration_since(latest) < deadline;
    (is_young || item.name.created_at().is_none()).then_some(match is_young {
        true => Keep::BeingWritten,
        false => Keep::NoTime,
    })
}

/// What a marked delta cannot be restored without: the full of its stream and the deltas in between.
fn chains(items: &[Item], streams: &[Stream], choices: &mut [Choice]) {
    for stream in streams {
        let is_marked = |place: &usize| items.get(*place).is_some_and(|item| item.keep);
        let members: Vec<usize> = stream.members().collect();
        let Some(last) = members.iter().rposition(is_marked) else {
            continue;
        };
        let name = members.get(last).and_then(|place| items.get(*place));
        let name = name.map(|item| item.key.file_name().to_owned());
        for place in members.into_iter().take(last) {
            keep_at(
                choices,
                place,
                Keep::NeededByMarked(name.clone().unwrap_or_default()),
            );
        }
    }
}

/// The newest proven chain, or all fulls where none is.
fn proven(items: &[Item], streams: &[Stream], choices: &mut [Choice]) {
    let is_proven = |place: usize| items.get(place).is_some_and(|item| item.proven);
    let newest = streams
        .iter()
        .rev()
        .find(|stream| stream.full.is_some_and(is_proven));
    match newest {
        Some(stream) => {
            for place in stream.members() {
                keep_at(choices, place, Keep::LastProven);
            }
        }
        None => {
            for place in streams.iter().flat_map(Stream::members) {
                keep_at(choices, place, Keep::NothingProven);
            }
        }
    }
}

/// Revisions only grow: a full that was made later than what has the highest ones, with lower ones, is of a history of
/// its own, as after a restore to an older state. The reference, which sorts by revision, deletes it as the oldest.
fn second_history(items: &[Item], streams: &[Stream], choices: &mut [Choice]) {
    let all = || streams.iter().flat_map(Stream::members);
    let item = |place: usize| items.get(place);
    let Some(highest) = all().filter_map(item).map(|item| item.name.last).max() else {
        return;
    };
    let of_highest = all()
        .filter_map(item)
        .filter(|item| item.name.last == highest);
    let Some(made) = of_highest.map(Item::created).min() else {
        return;
    };
    let is_later =
        |item: &Item| item.created() > made.saturating_add(CLOCK_SKEW) && item.name.last < highest;
    let begins = all()
        .filter_map(item)
        .filter(|item| item.name.kind == Kind::Full && is_later(item))
        .map(Item::created)
        .min();
    let Some(begins) = begins else { return };
    let places: Vec<usize> = all().collect();
    for place in places {
        if item(place).is_some_and(|item| item.created() >= begins) {
            keep_at(choices, place, Keep::LaterHistory);
        }
    }
}
