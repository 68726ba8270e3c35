//! What a copy decides, against the rules of etcd-backup-restore (0.44, `pkg/snapshot/copier` and
//! `GetFilteredBackups` of `pkg/miscellaneous`).

use super::contents::Contents;
use super::decide::{Doubt, decide};
use super::filter::Filter;
use super::item::{Choice, Item, LeftOut, Refusal};
use crate::backups::Kind;
use crate::backups::branches::Holdings;
use crate::backups::chain_tests::catalogue;
use crate::backups::metadata::{AllMetadata, Lineage, Metadata, MetadataError, ReadError};
use jiff::Timestamp;
use snapstore::Key;

pub(super) const DAY: i64 = 86_400;
pub(super) const NOW: i64 = 1_000 * DAY;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

pub(super) fn contents(names: &[&str], described: Vec<Metadata>) -> Contents {
    let by_snapshot = described.into_iter().map(|one| (one.snapshot.clone(), one));
    let all = AllMetadata {
        by_snapshot: by_snapshot.collect(),
        ..AllMetadata::default()
    };
    let holdings = Holdings::of(catalogue(names), &all);
    Contents { holdings, all }
}

fn bare(names: &[&str]) -> Contents {
    contents(names, Vec::new())
}

pub(super) fn sum(name: &str, digit: char) -> Metadata {
    let mut metadata = Metadata::of(name).unwrap();
    metadata.stored_sha256 = Some(digit.to_string().repeat(64));
    metadata
}

pub(super) fn decided(source: &Contents, destination: &Contents, filter: Filter) -> Vec<Item> {
    decide(source, destination, (&filter, now()), Doubt::Trusted)
}

/// The names of what would be copied, in order.
pub(super) fn copied(items: &[Item]) -> Vec<String> {
    let copied = items.iter().filter(|item| item.choice == Choice::Copy);
    copied.map(|item| item.to.to_string()).collect()
}

fn choices(items: &[Item]) -> Vec<&Choice> {
    items.iter().map(|item| &item.choice).collect()
}

/// Three chains, ten days apart.
const CHAINS: [&str; 6] = [
    "Full-00000000-00000010-84672000",
    "Incr-00000011-00000020-84672100",
    "Full-00000000-00000020-85536000.gz",
    "Incr-00000021-00000030-85536100.gz",
    "Incr-00000031-00000040-85536200.gz",
    "Full-00000000-00000040-86390000.gz.final",
];

#[test]
fn the_filters_are_those_of_the_reference() {
    let (source, nothing) = (bare(&CHAINS), Contents::default());
    let last = "Full-00000000-00000040-86390000.gz";
    let middle = &CHAINS[2..5];
    let first = &CHAINS[..2];
    let all = [&[last], middle, first].concat();
    for (most, within_days, meant) in [
        (None, None, all.clone()),
        (Some(0), None, vec![]),
        (Some(1), None, vec![last]),
        (Some(2), None, [&[last], middle].concat()),
        (Some(9), None, all.clone()),
        (None, Some(0), vec![]),
        (None, Some(1), vec![last]),
        // Begun ten days ago to the second is too old, as there.
        (None, Some(10), vec![last]),
        (None, Some(11), [&[last], middle].concat()),
        (Some(1), Some(11), vec![last]),
        (None, Some(1000), all.clone()),
        (None, Some(u32::MAX), all),
    ] {
        let filter = Filter { most, within_days };
        let items = decided(&source, &nothing, filter);
        assert_eq!(copied(&items), meant, "{filter:?}");
        assert_eq!(items.len(), CHAINS.len());
    }
}

/// etcd-backup-restore looked for `.gz.final` at a destination that has `.gz`, and copied a full twice; by names alone it
/// took any object of that name for the snapshot.
#[test]
fn what_is_there_is_compared_by_more_than_its_name() {
    let (name, last) = (CHAINS[2], CHAINS[5]);
    let there = "Full-00000000-00000040-86390000.gz";
    let key = |name: &str| Key::new(format!("v2/{name}")).unwrap();
    let items = decided(&bare(&[last]), &bare(&[there]), Filter::default());
    assert_eq!(choices(&items), [&Choice::Present(key(there))]);
    let items = decided(&bare(&[last]), &bare(&[last]), Filter::default());
    assert_eq!(choices(&items), [&Choice::Present(key(last))]);
    let told = |digit| contents(&[name], vec![sum(name, digit)]);
    let other = Choice::Refused(Refusal::OtherSum { there: key(name) });
    for (source, destination, choice) in [
        (told('a'), told('A'), Choice::Present(key(name))),
        (told('a'), told('b'), other),
        (told('a'), bare(&[name]), Choice::Compare(key(name))),
        (bare(&[name]), told('a'), Choice::Present(key(name))),
        (bare(&[name]), bare(&[name]), Choice::Present(key(name))),
    ] {
        let items = decided(&source, &destination, Filter::default());
        assert_eq!(choices(&items), [&choice]);
    }
    let mut longer = bare(&[name]);
    longer.holdings.listed.snapshots[0].size += 1;
    let items = decided(&bare(&[name]), &longer, Filter::default());
    let Choice::Refused(refusal) = &items[0].choice else {
        panic!("{items:?}");
    };
    let told = refusal.to_string();
    assert!(told.contains("11 bytes") && told.contains(name), "{told}");
    let items = decide(
        &bare(&[name]),
        &bare(&[name]),
        (&Filter::default(), now()),
        Doubt::Compared,
    );
    assert_eq!(choices(&items), [&Choice::Compare(key(name))]);
}

#[test]
fn what_its_metadata_contradicts_is_refused_and_its_deltas_wait() {
    let mut metadata = Metadata::of(CHAINS[0]).unwrap();
    metadata.stored_bytes = Some(11);
    let source = contents(&CHAINS[..2], vec![metadata]);
    let items = decided(&source, &Contents::default(), Filter::default());
    let refused = Refusal::NotAsDescribed {
        bytes: 10,
        told: 11,
    };
    assert_eq!(choices(&items), [&Choice::Refused(refused), &Choice::Copy]);
    assert_eq!(items[1].after, Some(0));
}

#[test]
fn deltas_that_no_full_precedes_are_left_unless_they_begin_at_nothing() {
    let nothing = Contents::default();
    let cut = bare(&["Incr-00000011-00000020-100", CHAINS[2]]);
    let items = decided(&cut, &nothing, Filter::default());
    let left = Choice::LeftOut(LeftOut::NoFull);
    assert_eq!(choices(&items), [&Choice::Copy, &left]);
    let whole = bare(&["Incr-00000002-00000020-100", "Incr-00000021-00000030-200"]);
    let items = decided(&whole, &nothing, Filter::default());
    assert_eq!(copied(&items).len(), 2);
    assert!(items.iter().all(|item| item.after.is_none()));
}

/// A store that was copied into itself has each last full twice: with `.final`, and without it.
#[test]
fn two_of_one_name_are_copied_once() {
    let (plain, last) = (
        "Full-00000000-00000040-86390000.gz",
        "Full-00000000-00000040-86390000.gz.final",
    );
    let delta = "Incr-00000041-00000050-86390100.gz";
    let items = decided(
        &bare(&[plain, last, delta]),
        &Contents::default(),
        Filter::default(),
    );
    assert_eq!(copied(&items), [plain, delta]);
    let full = items.iter().position(|item| item.choice == Choice::Copy);
    let after = items.iter().find(|item| item.to.kind == Kind::Delta);
    assert_eq!(after.unwrap().after, full);
    let described = vec![sum(plain, 'a'), sum(last, 'b')];
    let differ = contents(&[plain, last], described);
    let items = decided(&differ, &Contents::default(), Filter::default());
    let is_refused = |item: &Item| matches!(item.choice, Choice::Refused(Refusal::TwoAlike(_)));
    assert_eq!(items.iter().filter(|item| is_refused(item)).count(), 1);
}

/// A member whose clock was behind by a day took the newest full: by its time it was the oldest, and `--max-backups-to-copy 1`
/// would have copied an older state.
#[test]
fn within_a_lineage_revisions_tell_what_is_newest() {
    let names = [CHAINS[0], "Full-00000000-00000020-84600000"];
    let one = Filter {
        most: Some(1),
        within_days: None,
    };
    let of_lineage = |name: &&str| {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(Lineage {
            id: "a".to_owned(),
            parent: None,
        });
        metadata
    };
    let known = contents(&names, names.iter().map(of_lineage).collect());
    let items = decided(&known, &Contents::default(), one);
    assert_eq!(copied(&items), [names[1]]);
    // Where nothing but names is known, times decide, as in the reference.
    let items = decided(&bare(&names), &Contents::default(), one);
    assert_eq!(copied(&items), [names[0]]);
}

#[test]
fn a_snapshot_of_no_known_lineage_is_named() {
    let key = Key::new(format!("meta/{}.json", CHAINS[3])).unwrap();
    let why = MetadataError::Format(2);
    let unreadable = (CHAINS[3].to_owned(), ReadError::Unreadable { key, why });
    let all = AllMetadata {
        unreadable: [unreadable].into(),
        ..AllMetadata::default()
    };
    let holdings = Holdings::of(catalogue(&CHAINS), &all);
    let source = Contents { holdings, all };
    let items = decided(&source, &Contents::default(), Filter::default());
    assert_eq!(items.len(), CHAINS.len());
    let Choice::Refused(refusal) = &items.last().unwrap().choice else {
        panic!("{items:?}");
    };
    assert!(refusal.to_string().contains("format 2"), "{refusal}");
}
