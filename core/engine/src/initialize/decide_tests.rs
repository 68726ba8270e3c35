use super::decide::{Action, Cluster, EmptyStart, Refusal, decide};
use crate::data_dir::Holds;
use crate::validate::{Backups, Finding, Histories, Reach};

fn findings() -> [Finding; 12] {
    let why = || String::from("why");
    [
        Finding::Valid,
        Finding::Undecided {
            lower: 1,
            upper: 9,
            newest: 5,
            why: why(),
        },
        Finding::OfAnother(why()),
        Finding::InUse("db".into()),
        Finding::Absent,
        Finding::Incomplete(vec!["member/snap"]),
        Finding::Incomplete(vec!["member/wal"]),
        Finding::LogNotMounted,
        Finding::Unreadable(why()),
        Finding::Log(why()),
        Finding::Database(why()),
        Finding::Behind {
            upper: 4,
            newest: 5,
        },
    ]
}

struct Case {
    finding: Finding,
    holds: Holds,
    backups: Backups,
    cluster: Cluster,
    empty_start: EmptyStart,
    action: Action,
}

fn cases() -> Vec<Case> {
    let reach = |histories| Reach {
        revision: 5,
        named: 5,
        histories,
    };
    let backups = [
        Backups::Unset,
        Backups::Empty,
        Backups::Missing,
        Backups::Misplaced,
        Backups::Lead(reach(Histories::One)),
        Backups::Lead(reach(Histories::Two)),
        Backups::Nowhere("why".into()),
        Backups::Unclear {
            newest: 5,
            why: "why".into(),
        },
    ];
    let mut cases = Vec::new();
    for finding in findings() {
        for holds in [Holds::Nothing, Holds::UpTo(4), Holds::AtLeast(4)] {
            for backups in &backups {
                for cluster in [
                    Cluster::Alone,
                    Cluster::OneOfSeveral,
                    Cluster::Serving,
                    Cluster::ServingAnew,
                ] {
                    for empty_start in [EmptyStart::Refused, EmptyStart::Allowed] {
                        let action = decide(&finding, holds, backups, cluster, empty_start);
                        cases.push(Case {
                            finding: finding.clone(),
                            holds,
                            backups: backups.clone(),
                            cluster,
                            empty_start,
                            action,
                        });
                    }
                }
            }
        }
    }
    cases
}

/// The rules, each over every case it speaks of.
#[test]
fn every_combination_is_decided_as_the_rules_say() {
    for case in cases() {
        let Case {
            finding,
            holds,
            backups,
            cluster,
            empty_start,
            action,
        } = &case;
        let told = format!("{finding:?} {holds:?} {backups:?} {cluster:?} {empty_start:?}");
        let trusted = matches!(finding, Finding::Valid | Finding::Undecided { .. });
        let anew = *cluster == Cluster::ServingAnew;
        assert_eq!(*action == Action::Leave, trusted && !anew, "{told}");
        if *action == Action::MakeWay {
            assert!(anew && !finding.is_final(), "{told}");
        }
        assert_eq!(finding.is_final(), is_final(*action), "{told}");
        if *action == Action::Restore {
            assert_eq!(*cluster, Cluster::Alone, "{told}");
            assert!(matches!(backups, Backups::Lead(_)), "{told}");
        }
        if *action == Action::Clear {
            assert_eq!(*empty_start, EmptyStart::Allowed, "{told}");
            assert!(matches!(backups, Backups::Unset | Backups::Empty), "{told}");
        }
        if *action == Action::StartEmpty {
            assert!(*holds == Holds::Nothing && backups.is_none(), "{told}");
        }
        let misplaced = matches!(backups, Backups::Misplaced) && *cluster == Cluster::Alone;
        assert!(
            !misplaced || *action != Action::StartEmpty && *action != Action::Clear,
            "{told}"
        );
        let no_log = [
            Finding::Incomplete(vec!["member/wal"]),
            Finding::LogNotMounted,
        ];
        let elsewhere = no_log.contains(finding) && *holds != Holds::Nothing;
        let refused = *action == Action::Refuse(Refusal::LogElsewhere);
        assert_eq!(refused, elsewhere, "{told}");
        let nothing_left = !trusted && !finding.is_final() && !elsewhere;
        if let (true, Cluster::Alone, Backups::Lead(reach)) = (nothing_left, *cluster, backups) {
            let doubtful =
                reach.histories == Histories::Two && matches!(finding, Finding::Behind { .. });
            let expected = match doubtful {
                true => Action::Refuse(Refusal::TwoHistories),
                false => Action::Restore,
            };
            assert_eq!(*action, expected, "{told}");
        }
        // An older state would be restored as the newest.
        let unclear = nothing_left && matches!(backups, Backups::Unclear { .. });
        if unclear && *cluster == Cluster::Alone {
            assert_eq!(*action, Action::Refuse(Refusal::NewestUnknown), "{told}");
        }
        if nothing_left && *cluster != Cluster::Alone {
            let left = matches!(action, Action::StartEmpty | Action::Join);
            let nothing_to_lose = backups.is_none() || *cluster != Cluster::OneOfSeveral;
            assert_eq!(left, *holds == Holds::Nothing && nothing_to_lose, "{told}");
        }
    }
}

fn is_final(action: Action) -> bool {
    use Refusal::{InUse, OfAnother, Unreadable};
    matches!(action, Action::Refuse(OfAnother | InUse | Unreadable))
}

/// The reference deletes a corrupt directory when the store is empty, with exit code 0; and a wrong
/// prefix makes every store look empty.
#[test]
fn an_empty_store_costs_no_data() {
    let bad = Finding::Database("why".into());
    let decided = |backups, empty| decide(&bad, Holds::UpTo(4), &backups, Cluster::Alone, empty);
    for (none, why) in [
        (Backups::Unset, Refusal::NoStore),
        (Backups::Empty, Refusal::NoBackups),
    ] {
        let refused = decided(none.clone(), EmptyStart::Refused);
        assert_eq!(refused, Action::Refuse(why));
        assert_eq!(decided(none, EmptyStart::Allowed), Action::Clear);
    }
    let broken = decided(Backups::Nowhere("why".into()), EmptyStart::Allowed);
    assert_eq!(broken, Action::Refuse(Refusal::NoStateToRestore));
}
