use super::candidate::{Condition, Place, Standing};
use super::choose::{Choice, Doubt, Seen, choose};

fn seen(condition: Condition) -> Seen {
    Seen {
        cluster: Some("c1".to_owned()),
        voters: 3,
        votes: true,
        condition,
    }
}

fn valid(term: u64, index: u64, revision: i64) -> Seen {
    let commit = index.min(5);
    let place = Place {
        term,
        index,
        commit,
    };
    seen(Condition::Valid(Standing { place, revision }))
}

fn uncertain(term: u64, index: u64) -> Seen {
    let place = Place {
        term,
        index,
        commit: 0,
    };
    let why = String::new();
    seen(Condition::Uncertain { place, why })
}

fn damaged() -> Seen {
    seen(Condition::Unusable {
        log_reaches: Some(999),
        why: String::new(),
    })
}

#[test]
fn the_furthest_is_taken_by_term_and_then_by_index() {
    for (all, taken) in [
        (vec![valid(2, 9, 8), valid(2, 10, 9), valid(2, 7, 6)], 1),
        // What follows in an older term no leader has committed.
        (vec![valid(2, 90, 80), valid(3, 40, 30)], 1),
        (vec![valid(2, 9, 8), valid(2, 9, 8)], 0),
        (vec![damaged(), valid(2, 9, 8), uncertain(2, 9)], 1),
    ] {
        assert_eq!(choose(&all), Choice::Take(taken), "{all:?}");
    }
}

#[test]
fn what_is_damaged_is_never_taken() {
    assert_eq!(choose(&[damaged(), damaged()]), Choice::Nothing);
    assert_eq!(choose(&[]), Choice::Nothing);
    assert_eq!(choose(&[damaged(), valid(1, 6, 2)]), Choice::Take(1));
}

#[test]
fn what_may_be_further_is_not_passed_over() {
    let all = [valid(2, 9, 8), uncertain(2, 10)];
    assert_eq!(choose(&all), Choice::Refuse(Doubt::Uncertain(1)));
    assert_eq!(
        choose(&[uncertain(2, 10)]),
        Choice::Refuse(Doubt::Uncertain(0))
    );
}

#[test]
fn what_cannot_be_ordered_is_refused() {
    let all = [valid(2, 9, 8), valid(2, 9, 7)];
    assert_eq!(choose(&all), Choice::Refuse(Doubt::NotOne(0, 1)));
    let place = Place {
        term: 2,
        index: 90,
        commit: 41,
    };
    let committed = seen(Condition::Valid(Standing {
        place,
        revision: 80,
    }));
    let all = [valid(3, 40, 30), committed];
    assert_eq!(choose(&all), Choice::Refuse(Doubt::Contradicted(0, 1)));
}

#[test]
fn two_clusters_are_refused_though_one_is_damaged() {
    let mut other = damaged();
    other.cluster = Some("c2".to_owned());
    assert_eq!(
        choose(&[valid(1, 2, 3), other]),
        Choice::Refuse(Doubt::TwoClusters(0, 1))
    );
    let mut unknown = damaged();
    unknown.cluster = None;
    assert_eq!(choose(&[unknown, valid(1, 2, 3)]), Choice::Take(1));
}

#[test]
fn one_in_use_one_that_is_not_read_and_one_that_votes_alone_are_refused() {
    let used = seen(Condition::InUse { why: String::new() });
    assert_eq!(
        choose(&[valid(1, 2, 3), used]),
        Choice::Refuse(Doubt::InUse(1))
    );
    let unread = seen(Condition::Unread { why: String::new() });
    assert_eq!(
        choose(&[valid(1, 2, 3), unread]),
        Choice::Refuse(Doubt::Unread(1))
    );
    let mut alone = valid(1, 2, 3);
    alone.voters = 1;
    assert_eq!(
        choose(std::slice::from_ref(&alone)),
        Choice::Refuse(Doubt::Alone(0))
    );
    // The one that votes is lost, and this is a learner beside it: that it had its quorum was no comfort.
    alone.votes = false;
    assert_eq!(choose(&[alone]), Choice::Take(0));
}

/// Over all sets of three out of many: what is taken is valid, no valid or uncertain one is ahead of it, none knows of
/// a committed entry that it lacks, and the order in which they are given changes nothing but which of equals it is.
#[test]
fn whatever_is_given_nothing_valid_is_ahead_of_what_is_taken() {
    let mut kinds = vec![damaged(), uncertain(1, 6), uncertain(3, 7)];
    for term in 1..4 {
        for index in 5..8 {
            for revision in 3..5 {
                kinds.push(valid(term, index, revision));
            }
        }
    }
    let place = |one: &Seen| match &one.condition {
        Condition::Valid(standing) => Some(standing.place),
        Condition::Uncertain { place, .. } => Some(*place),
        _ => None,
    };
    let mut taken_ones = 0;
    for a in &kinds {
        for b in &kinds {
            for c in &kinds {
                let all = [a.clone(), b.clone(), c.clone()];
                let turned = [c.clone(), a.clone(), b.clone()];
                match (choose(&all), choose(&turned)) {
                    (Choice::Take(one), Choice::Take(other)) => {
                        taken_ones += 1;
                        assert_eq!(all[one].condition, turned[other].condition);
                        assert!(matches!(all[one].condition, Condition::Valid(_)));
                        let best = place(&all[one]).unwrap();
                        for other in all.iter().filter_map(place) {
                            assert!((other.term, other.index) <= (best.term, best.index));
                            assert!(other.commit <= best.index);
                        }
                    }
                    (Choice::Refuse(_), Choice::Refuse(_)) | (Choice::Nothing, Choice::Nothing) => {
                    }
                    differ => panic!("{all:?}: {differ:?}"),
                }
            }
        }
    }
    assert!(taken_ones > 1000, "{taken_ones}");
}
