//! What a copy decides, for any two stores.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use snapstore::Key;

use super::contents::Contents;
use super::decide_tests::{DAY, NOW, contents, copied, decided, sum};
use super::described::as_there;
use super::filter::Filter;
use super::item::{Choice, Item, name_there};
use crate::backups::metadata::Metadata;
use crate::backups::{Compression, Kind, SnapshotName};

/// A snapshot of a store that is made up.
#[derive(Debug, Clone)]
struct Drawn {
    name: SnapshotName,
    sum: Option<char>,
    /// What the destination has of it: by how many bytes it differs, and the sum in its metadata.
    there: Option<(u64, Option<char>)>,
}

prop_compose! {
    fn drawn()(
        is_full in proptest::bool::weighted(0.3),
        is_final in proptest::bool::weighted(0.2),
        step in 0..4_i64,
        time in -200..40_000_i64,
        sum in proptest::option::of(prop_oneof![Just('a'), Just('b')]),
        there in proptest::option::of((
            prop_oneof![4 => Just(0_u64), 1 => Just(1)],
            proptest::option::of(prop_oneof![Just('a'), Just('b')]),
        )),
    ) -> (bool, bool, i64, i64, Option<char>, Option<(u64, Option<char>)>) {
        (is_full, is_final, step, time, sum, there)
    }
}

fn stores() -> impl Strategy<Value = Vec<Drawn>> {
    proptest::collection::vec(drawn(), 0..30).prop_map(|drawn| {
        let (mut revision, mut time) = (1, NOW - 10 * DAY);
        let named = drawn
            .into_iter()
            .map(|(is_full, is_final, step, passed, sum, there)| {
                time += passed;
                let first = revision + 1;
                revision += step;
                let name = match is_full || step == 0 {
                    true => SnapshotName {
                        kind: Kind::Full,
                        first: 0,
                        last: revision,
                        created: time,
                        encoding: Compression::Gzip.into(),
                        is_final,
                    },
                    false => SnapshotName {
                        kind: Kind::Delta,
                        first,
                        last: revision,
                        created: time,
                        encoding: Compression::Gzip.into(),
                        is_final: false,
                    },
                };
                Drawn { name, sum, there }
            });
        let mut seen = BTreeSet::new();
        let mut named: Vec<Drawn> = named.collect();
        named.retain(|one| seen.insert(one.name.to_string()));
        named
    })
}

fn source_of(drawn: &[Drawn]) -> Contents {
    let names: Vec<String> = drawn.iter().map(|one| one.name.to_string()).collect();
    let described = drawn
        .iter()
        .filter_map(|one| Some(sum(&one.name.to_string(), one.sum?)));
    contents(
        &names.iter().map(|name| &**name).collect::<Vec<_>>(),
        described.collect(),
    )
}

fn destination_of(drawn: &[Drawn]) -> Contents {
    let there = |one: &Drawn| Some((name_there(&one.name).to_string(), one.there?));
    let there: BTreeMap<_, _> = drawn.iter().filter_map(there).collect();
    let described = there
        .iter()
        .filter_map(|(name, (_, digit))| Some(sum(name, (*digit)?)));
    let names: Vec<&str> = there.keys().map(|name| &**name).collect();
    let mut contents = contents(&names, described.collect());
    for one in &mut contents.holdings.listed.snapshots {
        one.size += there[one.key().file_name()].0;
    }
    contents
}

/// The destination, when all that was decided has been done.
fn after(destination: Contents, items: &[Item], source: &Contents) -> Contents {
    let mut names: Vec<String> = copied(items);
    let mut described: Vec<Metadata> = destination.all.by_snapshot.values().cloned().collect();
    for item in items.iter().filter(|item| item.choice == Choice::Copy) {
        let of_source = source.all.by_snapshot.get(item.snapshot.key().file_name());
        described.extend(of_source.map(|one| as_there(one, &item.to)));
    }
    let sizes = destination.holdings.listed.snapshots.iter();
    let sizes = sizes.map(|one| (one.key().file_name().to_owned(), one.size));
    let sizes: BTreeMap<String, u64> = sizes.collect();
    names.extend(sizes.keys().cloned());
    let mut after = contents(
        &names.iter().map(|name| &**name).collect::<Vec<_>>(),
        described,
    );
    for one in &mut after.holdings.listed.snapshots {
        one.size = sizes.get(one.key().file_name()).copied().unwrap_or(10);
    }
    after
}

proptest! {
    #[test]
    fn whatever_two_stores_hold(
        drawn in stores(),
        most in proptest::option::of(0..6_usize),
        within_days in proptest::option::of(0..12_u32),
    ) {
        let filter = Filter { most, within_days };
        let (source, destination) = (source_of(&drawn), destination_of(&drawn));
        let items = decided(&source, &destination, filter);
        // Each snapshot of the source is decided on once.
        let keys: BTreeSet<&Key> = items.iter().map(|item| item.snapshot.key()).collect();
        prop_assert_eq!(keys.len(), items.len());
        prop_assert_eq!(items.len(), drawn.len());
        let mut fulls = 0;
        let mut names = BTreeSet::new();
        for (place, item) in items.iter().enumerate() {
            prop_assert!(!item.to.is_final);
            let is_chosen = !matches!(item.choice, Choice::LeftOut(_));
            // Deltas come after a full that is not left out.
            if let Some(full) = item.after {
                prop_assert!(full < place && items[full].to.kind == Kind::Full);
                let is_left = matches!(items[full].choice, Choice::LeftOut(_));
                prop_assert!(!(is_chosen && is_left), "{:?}", item);
            } else if item.to.kind == Kind::Delta && is_chosen {
                let begins = items.iter().filter(|one| one.after.is_none() && one.to.kind == Kind::Delta);
                prop_assert_eq!(begins.map(|one| one.to.first).min(), Some(2));
            }
            if is_chosen && item.to.kind == Kind::Full {
                fulls += 1;
                let days = i64::from(within_days.unwrap_or(1_000_000));
                prop_assert!(item.to.created > NOW - days * DAY);
            }
            let there = destination.holdings.listed.find(&item.to.to_string());
            match &item.choice {
                Choice::Copy => {
                    prop_assert!(there.is_none());
                    prop_assert!(names.insert(item.to.to_string()), "two would have one name");
                }
                Choice::Present(key) | Choice::Compare(key) => {
                    let there = there.unwrap();
                    prop_assert_eq!(there.key(), key);
                    prop_assert_eq!(there.size, item.snapshot.size);
                }
                _ => {}
            }
        }
        prop_assert!(fulls <= most.unwrap_or(usize::MAX));
        // When it has been done, nothing is left to be done, and nothing that was refused is accepted.
        let again = decided(&source, &after(destination, &items, &source), filter);
        for (item, again) in items.iter().zip(&again) {
            match item.choice {
                Choice::Copy => {
                    let is_there = matches!(again.choice, Choice::Present(_));
                    prop_assert!(is_there, "{:?}", again);
                }
                _ => prop_assert_eq!(&item.choice, &again.choice),
            }
        }
    }
}
