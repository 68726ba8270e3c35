use super::plan::{Plan, PlanError, Stop, Target, plan};
use crate::backups::chain_tests::catalogue;

const STORE: [&str; 6] = [
    "Full-00000000-00000010-100",
    "Incr-00000011-00000020-120",
    "Incr-00000021-00000030-140",
    "Full-00000000-00000035-160",
    "Incr-00000036-00000040-180",
    "Incr-00000041-00000050-200",
];

fn names(plan: &Plan) -> Vec<String> {
    plan.objects()
        .map(|snapshot| snapshot.name.to_string())
        .collect()
}

fn planned(target: Target) -> Result<Plan, PlanError> {
    plan(&catalogue(&STORE), &target, &[])
}

fn at(second: i64) -> Target {
    Target::Time(jiff::Timestamp::from_second(second).unwrap())
}

#[test]
fn latest_is_the_newest_full_and_all_after_it() {
    let plan = planned(Target::Latest).unwrap();
    assert_eq!(names(&plan), STORE[3..]);
    assert_eq!(plan.stop, Stop::End);
}

#[test]
fn a_revision_takes_the_nearest_full_before_it() {
    assert_eq!(names(&planned(Target::Revision(45)).unwrap()), STORE[3..6]);
    assert_eq!(names(&planned(Target::Revision(38)).unwrap()), STORE[3..5]);
    assert_eq!(names(&planned(Target::Revision(25)).unwrap()), STORE[0..3]);
    assert_eq!(names(&planned(Target::Revision(10)).unwrap()), STORE[0..1]);
}

/// A full held more than its name says, and that revision had been reported as taken. No delta followed it, and the
/// revision was refused: "what leads there ends at" the revision of the name.
#[test]
fn a_full_that_nothing_follows_may_hold_the_revision() {
    let catalogue = catalogue(&[
        "Full-00000000-00000010-1",
        "Incr-00000011-00000020-2",
        "Full-00000000-00000020-3",
        "Full-00000000-00000040-4",
        "Incr-00000041-00000050-5",
    ]);
    for (revision, base) in [(25, 20), (39, 20), (40, 40)] {
        let plan = plan(&catalogue, &Target::Revision(revision), &[]).unwrap();
        assert_eq!(plan.base.unwrap().name.last, base, "{revision}");
        assert_eq!(plan.stop, Stop::Revision(revision));
    }
}

/// Between the last delta and the next full the revisions were not recorded one by one.
#[test]
fn revisions_in_a_gap_or_outside_are_refused_with_what_there_is() {
    for revision in [1, 9, 32, 51] {
        let error = planned(Target::Revision(revision)).unwrap_err().to_string();
        assert!(
            error.contains("revisions 10 to 30, revisions 35 to 50"),
            "{error}"
        );
    }
}

/// "What leads there ends at revision 1" was said of a revision before the first full, and of one in a gap, that what
/// leads there ended before it: not that something is missing, and what.
#[test]
fn why_a_revision_cannot_be_reached_is_told() {
    let gap = [
        "Full-00000000-00000010-100",
        "Incr-00000011-00000020-120",
        "Incr-00000031-00000040-140",
    ];
    let without_head = &STORE[1..];
    for (store, revision, why) in [
        (&STORE[..], 9, "it is before the first snapshot"),
        (&STORE, 51, "the backups end at revision 50"),
        (&STORE, 9000, "the backups end at revision 50"),
        (
            &STORE,
            32,
            "the deltas before it end at revision 30, and the next full holds revision 35",
        ),
        (&gap, 25, "revisions 21 to 30 are missing"),
        (&gap, 35, "revisions 21 to 30 are missing"),
        (without_head, 5, "it is before the first snapshot"),
        (without_head, 15, "revisions 2 to 10 are missing"),
    ] {
        let refused = plan(&catalogue(store), &Target::Revision(revision), &[]).unwrap_err();
        let expected = format!("revision {revision} cannot be restored: {why}; ");
        assert!(refused.to_string().starts_with(&expected), "{refused}");
    }
}

#[test]
fn a_time_takes_the_first_delta_finished_after_it() {
    assert_eq!(names(&planned(at(130)).unwrap()), STORE[0..3]);
    assert_eq!(names(&planned(at(199)).unwrap()), STORE[3..6]);
    assert_eq!(names(&planned(at(5000)).unwrap()), STORE[3..6]);
}

/// The seconds in names are cut off. A full named for the second asked for was made up to a second
/// later; taken as the base, it brought what had been written meanwhile.
#[test]
fn a_full_of_the_same_second_may_be_too_late() {
    let covered = [
        "Full-00000000-00000010-100",
        "Incr-00000011-00000035-160",
        "Full-00000000-00000035-160",
    ];
    let base = |names: &[&str], second| {
        let plan = plan(&catalogue(names), &at(second), &[]).unwrap();
        plan.base.unwrap().name.last
    };
    assert_eq!((base(&covered, 160), base(&covered, 161)), (10, 35));
    // Where no deltas lead there, it is the nearest there is.
    assert_eq!(base(&[covered[0], covered[2]], 160), 35);
    assert_eq!(base(&covered[2..], 160), 35);
}

#[test]
fn a_time_in_a_gap_is_refused() {
    let error = planned(at(150)).unwrap_err().to_string();
    assert!(error.contains("not recorded one by one"), "{error}");
}

/// Who asked for a time was told revisions, and had no way to see which times there are.
#[test]
fn a_time_before_the_backups_is_answered_in_times() {
    let error = planned(at(99)).unwrap_err().to_string();
    for told in [
        "it is before the first snapshot",
        "revisions 10 to 30 (from 1970-01-01T00:01:40Z to 1970-01-01T00:02:20Z)",
        "revisions 35 to 50 (from 1970-01-01T00:02:40Z to 1970-01-01T00:03:20Z)",
    ] {
        assert!(error.contains(told), "{error}");
    }
    let alone = catalogue(&STORE[..1]);
    let error = plan(&alone, &at(99), &[]).unwrap_err().to_string();
    assert!(
        error.ends_with("revision 10 (of 1970-01-01T00:01:40Z)"),
        "{error}"
    );
}

/// Quiet hours write no deltas: nothing is missing between 30 and 30.
#[test]
fn a_time_in_quiet_hours_is_recoverable() {
    let quiet = catalogue(&[
        "Full-00000000-00000010-100",
        "Incr-00000011-00000030-140",
        "Full-00000000-00000030-160",
    ]);
    let plan = plan(&quiet, &at(150), &[]).unwrap();
    assert_eq!(plan.deltas.len(), 1);
}

#[test]
fn a_named_snapshot_is_taken_exactly() {
    let full = planned(Target::Snapshot(STORE[0].into())).unwrap();
    assert_eq!(names(&full), STORE[0..1]);
    let delta = planned(Target::Snapshot(STORE[1].into())).unwrap();
    assert_eq!(names(&delta), STORE[0..2]);
    let last = planned(Target::Snapshot(STORE[5].into())).unwrap();
    assert_eq!(names(&last), STORE[3..6]);
    assert!(matches!(
        planned(Target::Snapshot("x".into())),
        Err(PlanError::NoSuchSnapshot(_))
    ));
}

/// A full that was ahead of its name, past the end of the delta asked for, was the result itself:
/// a later state than the one named. Where to stop tells the walk to look for another base.
#[test]
fn a_named_delta_is_where_it_stops() {
    let plan = planned(Target::Snapshot(STORE[4].into())).unwrap();
    assert_eq!(plan.stop, Stop::Revision(40));
}

#[test]
fn a_full_found_to_be_ahead_is_passed_over() {
    let full = catalogue(&STORE).find(STORE[3]).unwrap().key().clone();
    let contiguous = catalogue(&[
        STORE[0],
        STORE[1],
        STORE[2],
        STORE[3],
        "Incr-00000031-00000040-180",
    ]);
    let plan = plan(&contiguous, &Target::Revision(36), &[full]).unwrap();
    assert_eq!(plan.base.unwrap().name.to_string(), STORE[0]);
    assert_eq!(plan.deltas.len(), 3);
}

#[test]
fn a_gap_after_the_newest_full_is_refused_and_named() {
    let store = catalogue(&[STORE[3], STORE[4], "Incr-00000043-00000050-200"]);
    let error = plan(&store, &Target::Latest, &[]).unwrap_err().to_string();
    assert!(error.contains("revisions 41 to 42 are missing"), "{error}");
    assert!(error.contains("Incr-00000043-00000050-200"), "{error}");
}

#[test]
fn nothing_at_all_is_an_error() {
    assert_eq!(
        plan(&catalogue(&[]), &Target::Latest, &[]),
        Err(PlanError::Empty)
    );
}

#[test]
fn without_a_full_the_deltas_must_begin_at_the_beginning() {
    let whole = catalogue(&["Incr-00000002-00000020-2"]);
    assert!(plan(&whole, &Target::Latest, &[]).unwrap().base.is_none());
    let cut = catalogue(&["Incr-00000009-00000020-2"]);
    assert!(matches!(
        plan(&cut, &Target::Latest, &[]),
        Err(PlanError::Gap(_))
    ));
}
