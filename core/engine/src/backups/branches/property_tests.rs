use proptest::prelude::*;

use super::store_of_tests::Store;

/// One step of a history: a delta, a full, or a restore to an older state.
#[derive(Debug, Clone)]
enum Step {
    Delta(i64),
    Full,
    Fork(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..9_i64).prop_map(Step::Delta),
        2 => Just(Step::Full),
        1 => (0..30_i64).prop_map(Step::Fork),
    ];
    prop::collection::vec(step, 1..40)
}

/// What a snapshotter writes along these steps. Each lineage has its own clock, off by so many seconds.
fn written(steps: &[Step], clocks: &[i64]) -> Store {
    let mut store = Store::default().of("Full-00000000-00000100-100000", "0");
    let (mut lineage, mut end, mut now) = (0_usize, 100_i64, 100_000_i64);
    let mut previous = Some("Full-00000000-00000100-100000".to_owned());
    for step in steps {
        now += 100;
        let first = end + 1;
        match step {
            Step::Delta(more) => end += more,
            Step::Full => {}
            Step::Fork(back) => {
                (lineage, previous, end) = (lineage + 1, None, end - back.min(&(end - 1)))
            }
        }
        let at = now + clocks[lineage % clocks.len()];
        let name = match step {
            Step::Delta(_) => format!("Incr-{first:08}-{end:08}-{at}"),
            Step::Full | Step::Fork(_) => format!("Full-00000000-{end:08}-{at}"),
        };
        let id = |number: usize| number.to_string();
        let parent = lineage.checked_sub(1).map(id);
        store = store.with(&name, &id(lineage), parent.as_deref(), previous.as_deref());
        previous = Some(name);
    }
    store
}

proptest! {
    #[test]
    fn every_object_is_in_the_branch_of_its_lineage(steps in steps(), clocks in prop::collection::vec(0..20_000_i64, 1..5)) {
        let store = written(&steps, &clocks);
        let branches = store.branches();
        let ids: Vec<usize> = branches.iter().map(|branch| branch.id().unwrap().parse().unwrap()).collect();
        prop_assert!(ids.is_sorted(), "{ids:?}");
        let forks = steps.iter().filter(|step| matches!(step, Step::Fork(_))).count();
        prop_assert_eq!(ids.len(), forks + 1);
        for branch in &branches {
            for snapshot in &branch.catalogue.snapshots {
                let metadata = &store.metadata[snapshot.key().file_name()];
                prop_assert_eq!(branch.lineage.as_ref().map(|one| &one.id), metadata.lineage.as_ref().map(|one| &one.id));
            }
        }
        let count: usize = branches.iter().map(|branch| branch.catalogue.snapshots.len()).sum();
        prop_assert_eq!(count, store.names.len());
    }

    /// A crash at the end, and metadata lost in the middle, change nothing: but for the beginning of a lineage, which
    /// then says nothing of it.
    #[test]
    fn lost_metadata_changes_no_branch(steps in steps(), clocks in prop::collection::vec(0..20_000_i64, 1..5), lost: prop::sample::Index) {
        let mut store = written(&steps, &clocks);
        let before = store.branches();
        let last = store.names.len() - 1;
        let is_named = |name: &str| store.metadata.values().any(|one| one.previous.as_ref().is_some_and(|previous| previous.snapshot == name));
        let begins = |name: &str| store.metadata[name].previous.is_none();
        // Of two that follow on each other only the last: nobody would name the other.
        let mut gone = vec![store.names[lost.index(last.max(2) - 1)].clone(), store.names[last].clone()];
        gone.retain(|name| (is_named(name) || *name == store.names[last]) && !begins(name));
        for name in &gone {
            store.metadata.remove(name);
        }
        prop_assert_eq!(store.branches(), before, "without {:?}", gone);
    }

    #[test]
    fn without_metadata_there_is_one_branch(steps in steps()) {
        let mut store = written(&steps, &[0]);
        store.metadata.clear();
        let branches = store.branches();
        prop_assert_eq!(branches.len(), 1);
        prop_assert_eq!(&branches[0].catalogue, &store.catalogue());
    }

    /// Whatever metadata says: every object is in one branch, or in none where its metadata cannot be read.
    #[test]
    fn branches_are_a_partition(
        dice in prop::collection::vec((0..40_i64, 0..9_i64, 0..500_i64, any::<bool>(), 0..5_u8, 0..5_u8, any::<prop::sample::Index>()), 0..40),
    ) {
        let mut store = Store::default();
        for (first, more, at, is_full, id, parent, previous) in &dice {
            let last = first + more;
            let name = match is_full {
                true => format!("Full-00000000-{last:08}-{at}"),
                false => format!("Incr-{first:08}-{last:08}-{at}"),
            };
            if store.names.contains(&name) {
                continue;
            }
            let previous = (!store.names.is_empty()).then(|| store.names[previous.index(store.names.len())].clone());
            let parent = (*parent < 4).then(|| parent.to_string());
            match id {
                4 => store = store.bare(&name),
                3 => {
                    store.unreadable.push(name.clone());
                    store = store.bare(&name);
                }
                id => store = store.with(&name, &id.to_string(), parent.as_deref(), previous.as_deref()),
            }
        }
        let branches = store.branches();
        let mut found: Vec<_> = branches.iter().flat_map(|branch| &branch.catalogue.snapshots).map(|one| one.key().file_name().to_owned()).collect();
        found.extend(store.unreadable.clone());
        found.sort();
        let mut names = store.names.clone();
        names.sort();
        prop_assert_eq!(found, names);
        for branch in &branches {
            prop_assert!(!branch.catalogue.snapshots.is_empty());
            let order: Vec<_> = branch.catalogue.snapshots.iter().map(|one| store.catalogue().snapshots.iter().position(|other| other == one)).collect();
            prop_assert!(order.is_sorted());
        }
    }
}
