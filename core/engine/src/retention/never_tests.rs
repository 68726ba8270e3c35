//! What no policy deletes, whatever is in a store.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::store_of_tests::{delta, full, item, left, rules, time, words};
use super::{Choice, Item, Keep, Origin, Policy, ProofRule, Rules, Scope, Window, decide};
use crate::backups::Kind;

const NOW: i64 = 1_795_775_400;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn policies() -> impl Strategy<Value = Policy> {
    let window = (0..200_i64, 0..4_u32, 0..4_u32, 0..4_u32, 0..3_u32);
    prop_oneof![
        Just(Policy::Exponential),
        (0..6_u32).prop_map(|max_backups| Policy::LimitBased { max_backups }),
        window.prop_map(
            |(hours, daily, weekly, monthly, yearly)| Policy::Window(Window {
                within: SignedDuration::from_hours(hours),
                daily,
                weekly,
                monthly,
                yearly,
            })
        ),
    ]
}

prop_compose! {
    fn any_rules()(policy in policies(), retention in 0..100_i64, deadline in 0..30_i64, needed: bool) -> Rules {
        Rules {
            policy,
            delta_retention: SignedDuration::from_hours(retention),
            upload_deadline: SignedDuration::from_mins(deadline),
            proof: if needed { ProofRule::Needed } else { ProofRule::NotNeeded },
            scope: Scope::Newest,
        }
    }
}

/// What a snapshot of a random store is: kind, revisions, seconds since the one before, marks.
type Dice = (bool, i64, i64, u8, u8);

/// A store whose times ascend with its revisions, up to about now.
fn store(dice: &[Dice], lineages: u8) -> Vec<Item> {
    let span: i64 = dice.iter().map(|one| one.2).sum();
    let (mut revision, mut second) = (1, NOW - span);
    let mut items = Vec::new();
    for (is_full, more, later, marks, origin) in dice {
        let first = revision + 1;
        revision += more;
        second += later;
        let mut one = match is_full {
            true => item(&format!("Full-00000000-{revision:08}-{second}.gz")),
            false => item(&format!("Incr-{first:08}-{revision:08}-{second}.gz")),
        };
        one.keep = marks & 15 == 1;
        one.proven = marks & 7 == 2;
        let protected = Timestamp::from_second(NOW + i64::from(*marks) - 128).unwrap();
        one.immutable_until = (marks & 7 == 3).then_some(protected);
        one.origin = match origin % (lineages + 1) {
            0 => Origin::Unknown,
            1 if marks & 31 == 4 => Origin::Unreadable,
            number => Origin::Known {
                cluster: Some((number % 2).to_string()),
                lineage: number.to_string(),
            },
        };
        items.push(one);
    }
    items
}

fn dice() -> impl Strategy<Value = Vec<Dice>> {
    let later = prop_oneof![1..7_200_i64, 1..100_000_i64, 1..2_000_000_i64];
    prop::collection::vec(
        (any::<bool>(), 1..50_i64, later, any::<u8>(), any::<u8>()),
        0..40,
    )
}

fn goes(choice: &Choice) -> bool {
    matches!(choice, Choice::Remove(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_protected_stays(dice in dice(), lineages in 0..3_u8, rules in any_rules()) {
        let items = store(&dice, lineages);
        let decision = decide(&items, now(), &rules);
        for (item, choice) in items.iter().zip(&decision.choices) {
            if goes(choice) {
                prop_assert!(!item.keep, "marked");
                prop_assert!(item.immutable_until.is_none_or(|until| until < now()), "immutable");
                let age = SignedDuration::from_secs(NOW - item.name.created);
                prop_assert!(age >= rules.upload_deadline, "its upload may be going on");
                prop_assert!(item.origin != Origin::Unreadable);
            }
        }
    }

    #[test]
    fn the_newest_chain_stays(dice in dice(), rules in any_rules()) {
        let items = store(&dice, 0);
        let decision = decide(&items, now(), &rules);
        let newest = items.iter().rposition(|item| item.name.kind == Kind::Full);
        for choice in &decision.choices[newest.unwrap_or(0)..] {
            prop_assert!(!goes(choice) || newest.is_none());
        }
        let restores = |items: &[Item]| items.iter().any(|item| item.name.kind == Kind::Full);
        prop_assert_eq!(restores(&items), restores(&left(&items, &decision)));
    }

    #[test]
    fn the_last_proven_chain_stays(dice in dice(), mut rules in any_rules()) {
        rules.proof = ProofRule::Needed;
        let items = store(&dice, 0);
        let decision = decide(&items, now(), &rules);
        let is_proven = |item: &Item| item.name.kind == Kind::Full && item.proven;
        match items.iter().rposition(is_proven) {
            None => prop_assert!(decision.removals.is_empty()),
            Some(full) => {
                let after = &items[full + 1..];
                let deltas = after.iter().take_while(|item| item.name.kind == Kind::Delta).count();
                prop_assert!(decision.choices[full..=full + deltas].iter().all(|choice| !goes(choice)));
            }
        }
    }

    /// What goes is of one lineage, or of none by the only one there is; and what stays of the others is all of it.
    #[test]
    fn another_lineage_is_not_touched(dice in dice(), rules in any_rules()) {
        let items = store(&dice, 3);
        let decision = decide(&items, now(), &rules);
        let gone = items.iter().zip(&decision.choices).filter(|(_, choice)| goes(choice));
        let lineages: BTreeSet<_> = gone.map(|(item, _)| &item.origin).filter(|origin| **origin != Origin::Unknown).collect();
        prop_assert!(lineages.len() <= 1, "{lineages:?}");
        let fulls = items.iter().filter(|item| item.name.kind == Kind::Full);
        let newest = fulls.max_by_key(|full| (full.name.created, full.name.last));
        if let (Some(newest), Some(lineage)) = (newest, lineages.first()) {
            let known: BTreeSet<_> = items.iter().map(|item| &item.origin).filter(|origin| matches!(origin, Origin::Known { .. })).collect();
            prop_assert!(known.len() == 1 || newest.origin == **lineage);
        }
    }

    #[test]
    fn a_second_run_deletes_nothing_more(dice in dice(), lineages in 0..2_u8, rules in any_rules()) {
        let items = store(&dice, lineages);
        let items = left(&items, &decide(&items, now(), &rules));
        let again = decide(&items, now(), &rules);
        prop_assert!(again.removals.is_empty(), "{:?}", words(&again));
    }

    /// Each removal is in the order of deletion once, and nothing else is.
    #[test]
    fn the_order_holds_what_goes(dice in dice(), lineages in 0..3_u8, rules in any_rules()) {
        let items = store(&dice, lineages);
        let decision = decide(&items, now(), &rules);
        let mut ordered: Vec<usize> = decision.removals.iter().flat_map(|one| one.places.clone()).collect();
        for chain in &decision.removals {
            let kinds = chain.places.iter().map(|place| items[*place].name.kind == Kind::Full);
            prop_assert!(kinds.rev().skip(1).all(|is_full| !is_full), "a full goes last");
        }
        ordered.sort_unstable();
        let gone = decision.choices.iter().enumerate().filter(|(_, choice)| goes(choice));
        prop_assert_eq!(ordered, gone.map(|(place, _)| place).collect::<Vec<_>>());
    }
}

/// A marked delta that lost its full could not be restored.
#[test]
fn what_a_marked_delta_needs_stays() {
    let mut items = [
        full(10, "2026-11-01T00:00:00Z"),
        delta(11, "2026-11-01T01:00:00Z"),
        delta(12, "2026-11-01T02:00:00Z"),
        delta(13, "2026-11-01T03:00:00Z"),
        full(14, "2026-11-02T00:00:00Z"),
    ];
    items[2].keep = true;
    let decision = decide(&items, now(), &rules(Policy::LimitBased { max_backups: 1 }));
    let expected = [
        "needed_by_marked",
        "needed_by_marked",
        "marked",
        "old_delta",
        "newest_chain",
    ];
    assert_eq!(words(&decision), expected);
}

/// With the reference, `LimitBased` with one backup deletes the only full that restores when the newest one is bad.
#[test]
fn a_newer_full_replaces_an_older_one_once_it_is_proven() {
    let mut items = [
        full(10, "2026-11-01T00:00:00Z"),
        full(14, "2026-11-02T00:00:00Z"),
    ];
    items[0].proven = true;
    let mut rules = rules(Policy::LimitBased { max_backups: 1 });
    assert_eq!(words(&decide(&items, now(), &rules))[0], "past_limit");
    rules.proof = ProofRule::Needed;
    assert_eq!(words(&decide(&items, now(), &rules))[0], "last_proven");
    items[1].proven = true;
    assert_eq!(words(&decide(&items, now(), &rules))[0], "past_limit");
    items[0].proven = false;
    items[1].proven = false;
    assert_eq!(words(&decide(&items, now(), &rules))[0], "nothing_proven");
}

/// After a restore to an older state the reference counts revisions anew below the old ones, sorts by them, and
/// deletes what it has just written as the oldest.
#[test]
fn a_history_that_began_later_with_lower_revisions_stays() {
    let items = [
        full(50, "2026-11-20T00:00:00Z"),
        delta(60, "2026-11-20T01:00:00Z"),
        full(90, "2026-11-10T00:00:00Z"),
        full(100, "2026-11-11T00:00:00Z"),
    ];
    let decision = decide(&items, now(), &rules(Policy::LimitBased { max_backups: 1 }));
    let expected = [
        "later_history",
        "later_history",
        "past_limit",
        "newest_chain",
    ];
    assert_eq!(words(&decision), expected);
}

fn known(mut item: Item, cluster: &str, lineage: &str) -> Item {
    item.origin = Origin::Known {
        cluster: Some(cluster.into()),
        lineage: lineage.into(),
    };
    item
}

#[test]
fn a_lineage_is_collected_by_itself_and_others_say_why_they_stay() {
    let items = [
        full(5, "2026-10-01T00:00:00Z"),
        known(full(10, "2026-11-01T00:00:00Z"), "c", "old"),
        full(11, "2026-11-02T00:00:00Z"),
        known(full(12, "2026-11-03T00:00:00Z"), "c", "old"),
        known(full(8, "2026-11-04T00:00:00Z"), "c", "new"),
        known(full(9, "2026-11-05T00:00:00Z"), "c", "new"),
        known(full(99, "2026-11-04T00:00:00Z"), "d", "its own"),
    ];
    let mut rules = rules(Policy::LimitBased { max_backups: 1 });
    let expected = [
        "other_lineage",
        "other_lineage",
        "unknown_lineage",
        "other_lineage",
        "past_limit",
        "newest_chain",
        "other_cluster",
    ];
    assert_eq!(words(&decide(&items, now(), &rules)), expected);
    rules.scope = Scope::Lineage("old".into());
    let expected = [
        "past_limit",
        "past_limit",
        "unknown_lineage",
        "newest_chain",
        "other_lineage",
        "other_lineage",
        "other_cluster",
    ];
    assert_eq!(words(&decide(&items, now(), &rules)), expected);
    rules.scope = Scope::Lineage("nobody's".into());
    assert!(decide(&items, now(), &rules).removals.is_empty());
}

/// The collector ran between a full and its metadata: the full counted as another history, and then as the only one.
#[test]
fn a_full_whose_metadata_is_on_its_way_belongs_to_the_only_lineage() {
    let items = [
        known(full(10, "2026-11-01T00:00:00Z"), "c", "a"),
        known(full(12, "2026-11-02T00:00:00Z"), "c", "a"),
        full(14, "2026-11-03T00:00:00Z"),
    ];
    let decision = decide(&items, now(), &rules(Policy::LimitBased { max_backups: 2 }));
    assert_eq!(
        words(&decision),
        ["past_limit", "within_limit", "newest_chain"]
    );
}

/// Two clocks tell when an object was written, and neither is trusted alone.
#[test]
fn what_was_written_shortly_ago_stays() {
    let mut items = [
        full(10, "2026-11-01T00:00:00Z"),
        full(14, "2026-11-02T00:00:00Z"),
    ];
    items[0].written = Some(now() - SignedDuration::from_mins(9));
    let mut rules = rules(Policy::LimitBased { max_backups: 1 });
    rules.upload_deadline = SignedDuration::from_mins(10);
    assert_eq!(words(&decide(&items, now(), &rules))[0], "being_written");
    rules.upload_deadline = SignedDuration::from_mins(9);
    assert_eq!(words(&decide(&items, now(), &rules))[0], "past_limit");
}

/// To the very moment at which it ends, the reference counts an object as protected.
#[test]
fn immutable_stays_until_it_ends() {
    let mut items = [
        full(10, "2026-11-01T00:00:00Z"),
        full(14, "2026-11-02T00:00:00Z"),
    ];
    items[0].immutable_until = Some(time("2026-11-27T10:30:00Z"));
    let at = |now: &str| {
        let rules = rules(Policy::LimitBased { max_backups: 1 });
        words(&decide(&items, time(now), &rules))[0]
    };
    assert_eq!(at("2026-11-27T10:30:00Z"), "immutable");
    assert_eq!(at("2026-11-27T10:30:01Z"), "past_limit");
}

#[test]
fn each_reason_has_its_own_word_and_sentence() {
    let reasons = [
        Keep::NewestChain,
        Keep::YoungDelta,
        Keep::CurrentHour,
        Keep::WithinLimit,
        Keep::WithinWindow,
        Keep::BeingWritten,
        Keep::Marked,
        Keep::NeededByMarked("x".into()),
        Keep::Immutable(now()),
        Keep::LastProven,
        Keep::NothingProven,
        Keep::LaterHistory,
        Keep::OtherCluster,
        Keep::OtherLineage,
        Keep::UnknownLineage,
        Keep::UnreadableMetadata,
        Keep::NoTime,
    ];
    let words: BTreeSet<_> = reasons
        .iter()
        .map(|why| Choice::Keep(why.clone()).word())
        .collect();
    let sentences: BTreeSet<_> = reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        (words.len(), sentences.len()),
        (reasons.len(), reasons.len())
    );
}
