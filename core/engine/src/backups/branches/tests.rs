use super::store_of_tests::Store;
use super::*;
use crate::backups::metadata::Metadata;

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

/// Of two that left one lineage that is newer in which, or in what left it since, the last full was begun.
#[test]
fn a_lineage_counts_with_what_left_it() {
    let store = Store::default()
        .of(FULL, "a")
        .with("Full-00000000-00000015-2000", "b", Some("a"), None)
        .with("Full-00000000-00000014-2500", "c", Some("a"), None);
    assert_eq!(store.ids(), "a b c");
    let store = store.with("Full-00000000-00000012-3000", "d", Some("b"), None);
    assert_eq!(store.ids(), "a c b d");
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

/// Two snapshotters died one after the other, each between a delta and its metadata. The delta of the third names that of the
/// second, and nobody that of the first: it was of no lineage, and nothing that was said to be stored after it could be restored.
#[test]
fn what_crashes_left_in_a_row_belongs_to_the_lineage_around_it() {
    let first = "Incr-00000021-00000030-1200";
    let begun = || Store::default().of(FULL, "a").of(DELTA, "a");
    let ended = |store: Store| {
        let second = "Incr-00000031-00000040-1300";
        let third = "Incr-00000041-00000050-1400";
        store.bare(second).with(third, "a", None, Some(second))
    };
    assert_eq!(ended(begun().bare(first)).ids(), "a");
    let several = begun().bare("Incr-00000021-00000025-1200");
    assert_eq!(
        ended(several.bare("Incr-00000026-00000030-1250")).ids(),
        "a"
    );
    // Of another time, of other revisions, or one of two.
    for others in [
        &["Incr-00000021-00000030-90000"][..],
        &["Incr-00000021-00000029-1200"],
        &["Incr-00000022-00000030-1200"],
        &[first, "Incr-00000021-00000030-1210"],
    ] {
        let store = others.iter().fold(begun(), |store, name| store.bare(name));
        let unknown = others.iter().map(|name| (*name).to_owned()).collect();
        let unknown = ("-".to_owned(), unknown);
        let store = ended(store);
        assert!(
            store.shown().contains(&unknown),
            "{others:?}: {:?}",
            store.shown()
        );
    }
    // It would fit into either.
    let two = ended(begun().bare(first));
    let two = two
        .with("Full-00000000-00000020-1150", "b", Some("a"), None)
        .with("Incr-00000031-00000035-1350", "b", Some("a"), None);
    assert!(two.ids().contains('-'), "{:?}", two.shown());
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
    // A full after it is no beginning of it.
    let store = store.of("Full-00000000-00000030-1300", "a");
    let shown = store.shown();
    let of_a = shown.iter().find(|(id, _)| id == "a").unwrap();
    assert_eq!(of_a.1.len(), 4, "{shown:?}");
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
