//! Which directory is gone on from. Pure.

use std::cmp::Ordering;

use super::candidate::{Condition, Place, Standing};

/// A directory, as far as the choice depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The id of its cluster, in hex; `None` where its log does not tell.
    pub cluster: Option<String>,
    /// How many members vote in it; 0 where it is not known.
    pub voters: usize,
    /// Whether it is one of them.
    pub votes: bool,
    /// What it is good for.
    pub condition: Condition,
}

/// What can be said of directories. Numbers are their places in what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one is the furthest that is valid, and every other one is behind it or holds the same.
    Take(usize),
    /// None is valid.
    Nothing,
    /// A human must look first.
    Refuse(Doubt),
}

/// Why nothing is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A process uses this one.
    InUse(usize),
    /// This one could not be looked at, and may be the furthest.
    Unread(usize),
    /// Two are of different clusters.
    TwoClusters(usize, usize),
    /// Nobody but this member votes in its cluster, which so has its quorum.
    Alone(usize),
    /// This one may be the furthest, and what it holds is not certain.
    Uncertain(usize),
    /// Both logs end with the same entry, and lead to different revisions.
    NotOne(usize, usize),
    /// The first is ahead by the term of its last entry, and the second knows of entries as committed that the first does
    /// not have: one of them is not what a member of this cluster wrote.
    Contradicted(usize, usize),
}

/// Chooses the furthest valid directory, as members elect a leader: by the term of the last entry, then by its index. A
/// member that has the last entry of the highest term has all that was committed in earlier ones. Of those that hold
/// the same the first is taken.
pub fn choose(seen: &[Seen]) -> Choice {
    match doubt_before(seen) {
        Some(doubt) => Choice::Refuse(doubt),
        None => furthest(seen),
    }
}

/// What speaks against touching any of them.
fn doubt_before(seen: &[Seen]) -> Option<Doubt> {
    let in_use = |one: &Seen| matches!(one.condition, Condition::InUse { .. });
    if let Some(used) = seen.iter().position(in_use) {
        return Some(Doubt::InUse(used));
    }
    let is_unread = |one: &Seen| matches!(one.condition, Condition::Unread { .. });
    if let Some(unread) = seen.iter().position(is_unread) {
        return Some(Doubt::Unread(unread));
    }
    let mut known = (0..).zip(seen).filter(|(_, one)| one.cluster.is_some());
    if let Some((first, of)) = known.next()
        && let Some((other, _)) = known.find(|(_, one)| one.cluster != of.cluster)
    {
        return Some(Doubt::TwoClusters(first, other));
    }
    // A learner beside the only voter is no quorum.
    let is_alone = |one: &Seen| one.voters == 1 && one.votes && place(&one.condition).is_some();
    seen.iter().position(is_alone).map(Doubt::Alone)
}

fn furthest(seen: &[Seen]) -> Choice {
    let valid = (0..).zip(seen).filter_map(|(at, one)| match one.condition {
        Condition::Valid(standing) => Some((at, standing)),
        _ => None,
    });
    // Of equals the first.
    let best = valid
        .clone()
        .reduce(|best, next| match next.1.place.order(&best.1.place) {
            Ordering::Greater => next,
            Ordering::Less | Ordering::Equal => best,
        });
    let uncertain = (0..)
        .zip(seen)
        .filter_map(|(at, one)| match &one.condition {
            Condition::Uncertain { place, .. } => Some((at, *place)),
            _ => None,
        });
    let Some((taken, best)) = best else {
        let mut uncertain = uncertain;
        return uncertain.next().map_or(Choice::Nothing, |(at, _)| {
            Choice::Refuse(Doubt::Uncertain(at))
        });
    };
    let mut ahead = uncertain
        .filter(|(_, place)| place.order(&best.place).is_gt() || place.commit > best.place.index);
    if let Some((at, _)) = ahead.next() {
        return Choice::Refuse(Doubt::Uncertain(at));
    }
    for (at, other) in valid {
        if let Some(doubt) = against((taken, best), (at, other)) {
            return Choice::Refuse(doubt);
        }
    }
    Choice::Take(taken)
}

/// What cannot be in one cluster, beside the furthest.
fn against((taken, best): (usize, Standing), (at, other): (usize, Standing)) -> Option<Doubt> {
    if other.place.commit > best.place.index {
        return Some(Doubt::Contradicted(taken, at));
    }
    let is_same = other.place.order(&best.place) == Ordering::Equal;
    (is_same && other.revision != best.revision).then_some(Doubt::NotOne(taken, at))
}

fn place(condition: &Condition) -> Option<Place> {
    match condition {
        Condition::Valid(standing) => Some(standing.place),
        Condition::Uncertain { place, .. } => Some(*place),
        Condition::Unusable { .. } | Condition::Unread { .. } | Condition::InUse { .. } => None,
    }
}
