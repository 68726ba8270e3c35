use std::collections::BTreeMap;

use proptest::prelude::*;
use snapstore::Key;

use super::*;
use crate::backups::Catalogue;
use crate::backups::chain_tests::catalogue;
use crate::backups::metadata::{
    AllMetadata, Branching, Lineage, Metadata, MetadataError, Parent, Previous, ReadError,
};

/// A store for tests: names, and what their metadata says.
#[derive(Debug, Default)]
struct Store {
    names: Vec<String>,
    metadata: BTreeMap<String, Metadata>,
    unreadable: Vec<String>,
}

impl Store {
    fn bare(mut self, name: &str) -> Self {
        self.names.push(name.to_owned());
        self
    }

    /// An object of a lineage that left `parent`.
    fn with(mut self, name: &str, id: &str, parent: Option<&str>, previous: Option<&str>) -> Self {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(Lineage {
            id: id.to_owned(),
            parent: parent.map(|id| Parent {
                id: id.to_owned(),
                left_at: 1,
                branching: Branching::Unproven,
            }),
        });
        metadata.cluster_id = Some("1".to_owned());
        metadata.previous = previous.map(|name| Previous {
            snapshot: name.to_owned(),
            stored_sha256: None,
        });
        self.metadata.insert(name.to_owned(), metadata);
        self.bare(name)
    }

    fn of(mut self, name: &str, id: &str) -> Self {
        self = self.with(name, id, None, None);
        self
    }

    fn catalogue(&self) -> Catalogue {
        catalogue(&self.names.iter().map(|name| &**name).collect::<Vec<_>>())
    }

    fn all(&self) -> AllMetadata {
        let unreadable = self.unreadable.iter().map(|name| {
            let key = Key::new(format!("meta/{name}.json")).unwrap();
            let why = MetadataError::Format(2);
            (name.clone(), ReadError::Unreadable { key, why })
        });
        AllMetadata {
            by_snapshot: self.metadata.clone(),
            unreadable: unreadable.collect(),
            unrecognized: Vec::new(),
        }
    }

    fn branches(&self) -> Vec<Branch> {
        branches(&self.catalogue(), &self.all())
    }

    /// The ids and the last segments of the keys.
    fn shown(&self) -> Vec<(String, Vec<String>)> {
        let branches = self.branches().into_iter();
        let shown = branches.map(|branch| {
            let id = branch.id().unwrap_or("-").to_owned();
            let keys = branch.catalogue.snapshots.iter();
            let names = keys.map(|one| one.key().file_name().to_owned()).collect();
            (id, names)
        });
        shown.collect()
    }

    fn ids(&self) -> String {
        let ids = self.shown().into_iter().map(|(id, _)| id);
        ids.collect::<Vec<_>>().join(" ")
    }
}

const FULL: &str = "Full-00000000-00000010-1000";
const DELTA: &str = "Incr-00000011-00000020-1100";

#[test]
fn a_store_of_another_program_is_one_branch() {
    let store = Store::default().bare(FULL).bare(DELTA);
    let [branch] = &store.branches()[..] else {
        panic!("{:?}", store.branches());
    };
    assert_eq!(branch.lineage, None);
    assert_eq!(branch.catalogue, store.catalogue());
    assert_eq!(Store::default().branches(), []);
}

/// After a restore to an older state the old history led further by its revisions, and a restore took it.
#[test]
fn a_lineage_comes_after_the_one_that_it_left_whatever_clocks_say() {
    let store = Store::default().of(FULL, "old").of(DELTA, "old").with(
        "Full-00000000-00000015-50",
        "new",
        Some("old"),
        None,
    );
    assert_eq!(store.ids(), "old new");
    let store = store.of("Full-00000000-00000012-500", "third");
    assert_eq!(
        store.ids(),
        "third old new",
        "what left the newest is newest"
    );
    let store = store.of("Full-00000000-00000012-2000", "later");
    assert_eq!(store.ids(), "third old new later");
}

#[test]
fn parents_in_a_circle_are_sorted_by_time() {
    let store = Store::default()
        .with(FULL, "a", Some("b"), None)
        .with("Full-00000000-00000020-2000", "b", Some("a"), None)
        .with("Full-00000000-00000020-900", "c", Some("a"), None)
        .with("Full-00000000-00000020-100", "d", Some("d"), None);
    assert_eq!(store.ids(), "d a c b");
}

/// A lineage of two clusters is one: the newest state was restored, and went on under another id.
#[test]
fn a_lineage_may_go_on_under_another_cluster_id() {
    let mut store = Store::default().of(FULL, "a").of(DELTA, "a");
    store.metadata.get_mut(DELTA).unwrap().cluster_id = Some("2".to_owned());
    let branches = store.branches();
    assert_eq!(
        (branches.len(), branches[0].cluster_id.as_deref()),
        (1, Some("2"))
    );
}

#[test]
fn what_another_program_wrote_before_is_older_and_what_it_wrote_after_all_is_newer() {
    let ours = Store::default().bare(FULL).bare(DELTA);
    let ours = ours.of("Full-00000000-00000030-1200", "a");
    assert_eq!(ours.ids(), "- a");
    let between = ours.of("Incr-00000031-00000040-1400", "a");
    let between = between.bare("Full-00000000-00000035-1300");
    assert_eq!(
        between.ids(),
        "- a",
        "one full in between is not the newest"
    );
    let taken_over = between.bare("Full-00000000-00000050-1500");
    assert_eq!(taken_over.ids(), "a -");
}

/// A process died between a delta and its metadata, and the delta was of no lineage: a restore would have led to an
/// older state without a word.
#[test]
fn what_a_crash_left_belongs_to_the_newest_lineage() {
    let one = Store::default().of(FULL, "a").of(DELTA, "a");
    let left = one.bare("Incr-00000021-00000030-1200");
    assert_eq!(left.ids(), "a");
    // Two members whose clocks differ: the full was begun while deltas went on.
    let full = left.bare("Full-00000000-00000020-1210");
    assert_eq!(full.ids(), "a");
    let full = Store::default().of(FULL, "a").of(DELTA, "a");
    assert_eq!(full.bare("Full-00000000-00000010-1120").ids(), "a");
    for other in [
        "Incr-00000022-00000030-1200",
        "Incr-00000019-00000030-1200",
        "Incr-00000021-00000030-900",
        "Full-00000000-00000015-1050",
        "Full-00000000-00000010-2000",
        "Full-00000000-00000030-1200",
    ] {
        let store = Store::default().of(FULL, "a").of(DELTA, "a").bare(other);
        let unknown = ("-".to_owned(), vec![other.to_owned()]);
        assert!(store.shown().contains(&unknown), "{other} is of a lineage");
    }
}

/// What an older lineage may have left is not told from what another program has written.
#[test]
fn only_the_newest_lineage_takes_what_a_crash_left() {
    let store = Store::default()
        .of(FULL, "a")
        .of(DELTA, "a")
        .with("Full-00000000-00000015-1150", "b", Some("a"), None)
        .bare("Incr-00000021-00000030-1200")
        .bare("Incr-00000016-00000018-1200");
    assert_eq!(store.ids(), "- a b");
    let shown = store.shown();
    assert_eq!((shown[0].1.len(), shown[2].1.len()), (1, 2), "{shown:?}");
}

/// Another program goes on with its own chain, which ends at the same revision.
#[test]
fn a_delta_that_continues_two_chains_is_of_unknown_origin() {
    let store = Store::default()
        .of(FULL, "a")
        .of(DELTA, "a")
        .bare("Full-00000000-00000008-900")
        .bare("Incr-00000009-00000020-1090")
        .bare("Incr-00000021-00000030-1200");
    let shown = store.shown();
    assert_eq!(
        (shown[0].0.as_str(), shown[0].1.len()),
        ("-", 3),
        "{shown:?}"
    );
}

/// The mark of an operator on an object without metadata makes metadata that says nothing else.
#[test]
fn a_mark_says_nothing_of_lineages() {
    let mut store = Store::default().bare(FULL).bare(DELTA);
    let mut marked = Metadata::of(DELTA).unwrap();
    marked.keep = true;
    store.metadata.insert(DELTA.to_owned(), marked);
    assert_eq!(store.ids(), "-");
    assert_eq!(store.shown()[0].1.len(), 2);
    let mut marked = Store::default().of(FULL, "a").bare(DELTA);
    marked.metadata.extend(store.metadata);
    assert_eq!(marked.ids(), "a");
}

/// A lineage began with a delta after what another program has written: without that it cannot be restored.
#[test]
fn what_is_continued_comes_with_what_leads_there() {
    let next = "Incr-00000021-00000030-1200";
    let store = Store::default()
        .bare("Full-00000000-00000002-2000")
        .bare(FULL)
        .bare(DELTA)
        .with(next, "a", None, Some(DELTA));
    let shown = store.shown();
    let of_a = shown.iter().find(|(id, _)| id == "a").unwrap();
    assert_eq!(of_a.1, [FULL, DELTA, next]);
    // With a full of its own it needs nothing else.
    let store = Store::default()
        .bare("Full-00000000-00000002-900")
        .of(FULL, "a")
        .bare(DELTA)
        .with(next, "a", None, Some(DELTA));
    let shown = store.shown();
    assert_eq!(shown[0].1.len(), 1, "{shown:?}");
    assert_eq!(shown[1].1.len(), 3, "{shown:?}");
}

#[test]
fn unreadable_metadata_is_of_no_branch() {
    let mut store = Store::default().of(FULL, "a").bare(DELTA);
    store.unreadable.push(DELTA.to_owned());
    assert_eq!(store.shown(), [("a".to_owned(), vec![FULL.to_owned()])]);
    let origins = origins(&store.catalogue(), &store.all());
    assert_eq!(origins[1], Origin::Unreadable);
}

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
