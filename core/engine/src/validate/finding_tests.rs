use super::facts::{Facts, Guard, HeldLog, Part, Position, Structure};
use super::finding::{Finding, judge};

const NEWEST: i64 = 100;

fn parts() -> [Part; 4] {
    [
        Part::Unseen,
        Part::Fine,
        Part::Damaged("d".into()),
        Part::Unreadable("u".into()),
    ]
}

fn positions() -> [Position; 9] {
    let between = |lower, upper| Position::Between {
        lower,
        upper,
        why: "w".into(),
    };
    [
        Position::Unknown,
        Position::Received(7),
        Position::At(99),
        Position::At(100),
        Position::AtLeast(99),
        Position::AtLeast(100),
        between(90, 99),
        between(90, 100),
        between(100, 110),
    ]
}

/// Every combination of facts there is.
fn everything() -> Vec<Facts> {
    let guards = [
        Guard::Unasked,
        Guard::Unset,
        Guard::Ours,
        Guard::Of("x".into()),
        Guard::Unreadable("g".into()),
    ];
    let structures = [
        Structure::Absent,
        Structure::Incomplete(vec!["member/wal"]),
        Structure::Whole,
    ];
    let mut all = vec![Facts::unseen()];
    let mut spread = |with: &dyn Fn(&Facts) -> Vec<Facts>| {
        all = all.iter().flat_map(with).collect();
    };
    let changed = |facts: &Facts, change: &dyn Fn(&mut Facts)| {
        let mut facts = facts.clone();
        change(&mut facts);
        facts
    };
    spread(&|f| {
        guards
            .clone()
            .map(|g| changed(f, &|f| f.guard = g.clone()))
            .into()
    });
    spread(&|f| {
        structures
            .clone()
            .map(|s| changed(f, &|f| f.structure = s.clone()))
            .into()
    });
    spread(&|f| {
        [None, Some("db".into())]
            .map(|u| changed(f, &|f| f.in_use = u.clone()))
            .into()
    });
    spread(&|f| {
        parts()
            .map(|p| changed(f, &|f| f.snapshots = p.clone()))
            .into()
    });
    spread(&|f| parts().map(|p| changed(f, &|f| f.log = p.clone())).into());
    spread(&|f| {
        parts()
            .map(|p| changed(f, &|f| f.database = p.clone()))
            .into()
    });
    spread(&|f| {
        positions()
            .map(|p| changed(f, &|f| f.position = p.clone()))
            .into()
    });
    let logs = [HeldLog::Unseen, HeldLog::NotMounted];
    spread(&|f| {
        logs.clone()
            .map(|l| changed(f, &|f| f.held_log = l.clone()))
            .into()
    });
    spread(&|f| [0, 1, 3].map(|m| changed(f, &|f| f.members = m)).into());
    all
}

fn any(facts: &Facts, wanted: fn(&Part) -> bool) -> bool {
    [&facts.snapshots, &facts.log, &facts.database]
        .into_iter()
        .any(wanted)
}

/// The rules that must hold, written once more and otherwise: from the finding back to the facts.
#[test]
fn every_combination_of_facts_is_judged() {
    let all = everything();
    assert_eq!(all.len(), 5 * 3 * 2 * 64 * 9 * 2 * 3);
    for facts in all {
        let foreign = matches!(facts.guard, Guard::Of(_));
        let guarded = matches!(facts.guard, Guard::Unreadable(_));
        let free = !foreign && !guarded && facts.in_use.is_none();
        let whole = free && facts.structure == Structure::Whole;
        let is_mounted = facts.held_log != HeldLog::NotMounted;
        let readable =
            whole && is_mounted && !any(&facts, |part| matches!(part, Part::Unreadable(_)));
        let log = [&facts.snapshots, &facts.log].map(|part| matches!(part, Part::Damaged(_)));
        let database = matches!(facts.database, Part::Damaged(_));
        let sound = readable && log == [false, false] && !database;
        for newest in [None, Some(NEWEST)] {
            let expected = |finding: &Finding| match finding {
                Finding::OfAnother(_) => foreign,
                Finding::InUse(_) => !foreign && !guarded && facts.in_use.is_some(),
                Finding::Absent => free && facts.structure == Structure::Absent,
                Finding::Incomplete(_) => {
                    free && matches!(facts.structure, Structure::Incomplete(_))
                }
                Finding::LogNotMounted => whole && !is_mounted,
                Finding::Unreadable(_) => guarded || whole && is_mounted && !readable,
                Finding::Log(_) => readable && log != [false, false],
                Finding::Database(_) => readable && log == [false, false] && database,
                Finding::Behind { .. } => sound && compared(&facts, newest) == Some(Less::Yes),
                Finding::Undecided { .. } => sound && compared(&facts, newest) == Some(Less::Maybe),
                Finding::Valid => sound && compared(&facts, newest).is_none(),
            };
            let finding = judge(&facts, newest);
            assert!(expected(&finding), "{finding:?} of {facts:?}");
        }
    }
}

#[derive(PartialEq)]
enum Less {
    Yes,
    Maybe,
}

/// Whether the position is less than the newest backup; `None` when it is not, or not asked.
fn compared(facts: &Facts, newest: Option<i64>) -> Option<Less> {
    let newest = newest.filter(|_| facts.members != 3)?;
    let (lower, upper) = match facts.position {
        Position::Unknown | Position::Received(_) => (i64::MIN, i64::MAX),
        Position::At(at) => (at, at),
        Position::AtLeast(at) => (at, i64::MAX),
        Position::Between { lower, upper, .. } => (lower, upper),
    };
    match (lower < newest, upper < newest) {
        (_, true) => Some(Less::Yes),
        (true, false) => Some(Less::Maybe),
        (false, false) => None,
    }
}

/// "The database is that of a snapshot from the leader" was the reason given for every position that
/// nobody had looked at.
#[test]
fn the_reason_of_a_doubt_is_the_true_one() {
    for (position, reason) in [
        (Position::Unknown, "nobody looked"),
        (Position::Received(7), "snapshot at entry 7"),
        (Position::AtLeast(99), "the log was not read"),
    ] {
        let facts = Facts {
            position,
            ..Facts::unseen()
        };
        let finding = judge(&facts, Some(NEWEST));
        let told = format!("{finding:?}");
        assert!(matches!(finding, Finding::Undecided { .. }), "{told}");
        assert!(told.contains(reason), "{told}");
    }
}
