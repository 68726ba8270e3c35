//! Items for tests, made of names.

use jiff::{SignedDuration, Timestamp};
use snapstore::Key;

use super::item::{Item, Origin};
use super::lineage::Scope;
use super::policy::{Policy, ProofRule, Rules};
use super::{Choice, Decision};
use crate::backups::SnapshotName;

pub(super) fn item(name: &str) -> Item {
    Item {
        name: SnapshotName::parse(name).unwrap(),
        key: Key::new(format!("v2/{name}")).unwrap(),
        bytes: 10,
        written: None,
        immutable_until: None,
        origin: Origin::Unknown,
        proven: false,
        keep: false,
    }
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A full at a time, of the revision given.
pub(super) fn full(revision: i64, at: &str) -> Item {
    item(&format!(
        "Full-00000000-{revision:08}-{}",
        time(at).as_second()
    ))
}

/// A delta that ends at the revision given.
pub(super) fn delta(last: i64, at: &str) -> Item {
    item(&format!(
        "Incr-{last:08}-{last:08}-{}",
        time(at).as_second()
    ))
}

pub(super) fn rules(policy: Policy) -> Rules {
    Rules {
        policy,
        delta_retention: SignedDuration::ZERO,
        upload_deadline: SignedDuration::ZERO,
        proof: ProofRule::NotNeeded,
        scope: Scope::Newest,
    }
}

/// The words of the choices.
pub(super) fn words(decision: &Decision) -> Vec<&'static str> {
    decision.choices.iter().map(Choice::word).collect()
}

/// What is left when a decision was carried out.
pub(super) fn left(items: &[Item], decision: &Decision) -> Vec<Item> {
    let stays = |(_, choice): &(&Item, &Choice)| matches!(choice, Choice::Keep(_));
    let pairs = items.iter().zip(&decision.choices).filter(stays);
    pairs.map(|(item, _)| item.clone()).collect()
}
