use jiff::Timestamp;

use super::choice::{Choice, Keep, Remove};
use super::guard::guard;
use super::item::Item;
use super::lineage::others;
use super::policy::Rules;
use super::stream::{Stream, streams};

/// What becomes of every item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// For each item, in their order.
    pub choices: Vec<Choice>,
    /// What may go, in the order in which it must be deleted: chain by chain, the oldest first; in each the deltas,
    /// newest first, and the full last. Whoever stops in between leaves chains that restore as far as they go.
    pub removals: Vec<Removal>,
}

/// The deletions of one chain. One that fails ends those of its chain: what is left may need what comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The places of the items, in order.
    pub places: Vec<usize>,
}

/// Decides. At the same `now` what is left of a decision that was carried out leads to no further deletion, as long as
/// the times in the names ascend with the revisions.
pub fn decide(items: &[Item], now: Timestamp, rules: &Rules) -> Decision {
    let others = others(items, &rules.scope);
    let belongs: Vec<usize> = others
        .iter()
        .enumerate()
        .filter_map(|(place, other)| other.is_none().then_some(place))
        .collect();
    let all = |other: Option<Keep>| Choice::Keep(other.unwrap_or(Keep::NewestChain));
    let mut choices: Vec<Choice> = others.into_iter().map(all).collect();
    let streams = streams(items, &belongs);
    for (place, choice) in by_policy(items, &streams, now, rules) {
        if let Some(chosen) = choices.get_mut(place) {
            *chosen = choice;
        }
    }
    guard(items, &streams, &mut choices, now, rules);
    let removals = streams.iter().map(|stream| removal(stream, &choices));
    let removals = removals.filter(|one| !one.places.is_empty()).collect();
    Decision { choices, removals }
}

/// What the policy makes of every stream but the newest, which is left out.
fn by_policy(
    items: &[Item],
    streams: &[Stream],
    now: Timestamp,
    rules: &Rules,
) -> Vec<(usize, Choice)> {
    let fulls = streams.iter().filter_map(|stream| stream.full);
    let created: Vec<i64> = fulls
        .filter_map(|place| items.get(place).map(Item::created))
        .collect();
    let mut of_fulls = rules.policy.fulls(&created, now).into_iter().enumerate();
    let mut chosen = Vec::new();
    let Some((_, older)) = streams.split_last() else {
        return chosen;
    };
    for stream in older {
        let mut are_needed = false;
        if let Some(full) = stream.full
            && let Some((at, choice)) = of_fulls.next()
        {
            are_needed = rules.policy.needs_deltas(&created, at, now);
            chosen.push((full, choice));
        }
        for delta in &stream.deltas {
            let Some(item) = items.get(*delta) else {
                continue;
            };
            let choice = match (are_needed, is_old(item, now, rules)) {
                (true, _) => Choice::Keep(Keep::WithinWindow),
                (false, false) => Choice::Keep(Keep::YoungDelta),
                (false, true) => Choice::Remove(Remove::OldDelta),
            };
            chosen.push((*delta, choice));
        }
    }
    chosen
}

fn is_old(delta: &Item, now: Timestamp, rules: &Rules) -> bool {
    let made = delta.name.created_at();
    made.is_some_and(|made| now.duration_since(made) > rules.delta_retention)
}

fn removal(stream: &Stream, choices: &[Choice]) -> Removal {
    let goes = |place: &usize| matches!(choices.get(*place), Some(Choice::Remove(_)));
    let mut places: Vec<usize> = stream.members().filter(goes).collect();
    places.reverse();
    Removal { places }
}
