//! Replay: of directories that a killed etcd left, against what the same etcd said when it was
//! booted on them; and of logs made up here, for what etcd does not do on demand.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failure is the test's")]

mod golden;
mod invented;
mod written;

use etcd::mvcc::KeyValue;
use etcd::replay::{
    Answer, Commitment, Reason, Refused, Salvage, ServerVersion, Servers, State, bounds, replay,
    replay_on,
};
use etcd::revision;
use golden::{golden_db, golden_log};
use invented::{answer, applied, log, put};

const SEED: u64 = 3;

/// 86 entries after, with leases, ranges, nested transactions and a compaction.
#[test]
fn a_log_brings_its_database_to_where_etcd_brings_it() {
    let (db, log) = (golden_db("compacted"), golden_log("compacted"));
    let replayed = replay(&db, &log, Commitment::Restart).unwrap();
    assert_eq!(replayed.answer, Answer::Exact(53));
    let state = replayed.state.unwrap();
    assert_eq!(state.hash_kv(SEED).unwrap(), 3_410_381_885);
    assert_eq!(state.compaction().revision(), Some(30));
    let Answer::Between { lower, upper, .. } = bounds(&db, &log).unwrap() else {
        panic!("the log writes");
    };
    assert!(lower < 53 && upper >= 53, "{lower} {upper}");
}

/// A client without the right to, wrote in a nested transaction what etcd up to 3.5.27 lets pass.
#[test]
fn what_etcds_treat_differently_is_exact_only_for_one_that_is_known() {
    let (db, log) = (golden_db("users"), golden_log("users"));
    let known = Servers::Only(ServerVersion {
        minor: 5,
        patch: 35,
    });
    let replayed = replay_on(&db, &log, Commitment::Restart, known).unwrap();
    assert_eq!(replayed.answer, Answer::Exact(121));
    let state = replayed.state.unwrap();
    assert_eq!(state.hash_kv(SEED).unwrap(), 128_412_660);
    assert_eq!(
        (state.auth().users().count(), state.auth().revision()),
        (3, 28)
    );
    match replay(&db, &log, Commitment::Restart).unwrap().answer {
        Answer::Between {
            lower,
            upper,
            stopped,
        } => {
            assert!((lower..=upper).contains(&121), "{lower} {upper}");
            assert!(
                matches!(stopped.reason, Reason::VersionsDiffer(_)),
                "{stopped}"
            );
        }
        other => panic!("{other:?}"),
    }
}

type Added = Vec<(revision::Entry, Vec<u8>)>;

/// All that the golden log adds to its database.
fn added(state: &State<'_, Vec<u8>, Vec<u8>>) -> Added {
    let mut added = Vec::new();
    let noted = state.each_added(|entry, value| {
        added.push((entry, value.to_vec()));
        Ok(())
    });
    noted.unwrap();
    added
}

/// Ended in the middle, deltas leave what is after to the log.
#[test]
fn what_no_delta_holds_is_salvaged_from_a_log_of_the_same_history() {
    let (full, log) = (golden_db("compacted"), golden_log("compacted"));
    let mut salvage = Salvage::begin(&full, &log, Servers::Any).unwrap();
    let all = added(salvage.state());
    let newest = all[all.len() / 2].0.revision.main;
    let (known, lost): (Added, Added) = all
        .into_iter()
        .partition(|(entry, _)| entry.revision.main <= newest);
    assert!(!known.is_empty() && !lost.is_empty());
    for (entry, value) in &known {
        salvage
            .check(*entry, &KeyValue::decode(value).unwrap())
            .unwrap();
    }
    let mut salvaged = Added::new();
    let count = salvage.beyond(newest, |entry, value| {
        salvaged.push((entry, value.to_vec()));
        Ok(())
    });
    assert_eq!(count.unwrap(), lost.len() as u64);
    assert!(salvaged == lost);
}

#[test]
fn a_delta_that_tells_another_story_ends_a_salvage() {
    let (full, log) = (golden_db("compacted"), golden_log("compacted"));
    let mut salvage = Salvage::begin(&full, &log, Servers::Any).unwrap();
    // Made by an etcd 3.5: without a delta its full proves nothing.
    let unproven = salvage.beyond(0, |_, _| Ok(())).unwrap_err();
    assert!(matches!(unproven, Refused::Unproven), "{unproven}");
    let (entry, value) = added(salvage.state()).remove(0);
    let mut event = KeyValue::decode(&value).unwrap();
    event.key = b"another";
    let refused = salvage.check(entry, &event).unwrap_err();
    assert!(
        matches!(refused, Refused::Diverged(at) if at == entry.revision),
        "{refused}"
    );
}

fn stopped_by(answer: Answer) -> (i64, i64, u64, Reason) {
    match answer {
        Answer::Between {
            lower,
            upper,
            stopped,
        } => (lower, upper, stopped.index, stopped.reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn alone_a_member_commits_its_whole_log_and_among_others_what_is_proven() {
    let (db, puts) = (applied(4, 2), [put(b"a"), put(b"b"), put(b"c")]);
    assert_eq!(answer(&db, &log(&[1], &puts, 5)), Answer::Exact(4));
    let among = log(&[1, 2, 3], &puts, 5);
    let uncommitted = Reason::Uncommitted { commit: 5 };
    assert_eq!(stopped_by(answer(&db, &among)), (2, 4, 6, uncommitted));
    // What it holds at least is there to be looked at.
    let replayed = replay(&db, &among, Commitment::Restart).unwrap();
    assert_eq!(replayed.state.unwrap().revision(), 2);
    assert_eq!(answer(&db, &log(&[1, 2, 3], &puts, 7)), Answer::Exact(4));
    // A voter that is another: this member was removed, or only follows.
    let foreign = stopped_by(answer(&db, &log(&[2], &puts, 4)));
    assert_eq!((foreign.0, foreign.1), (1, 4));
    // What was applied was committed, whatever was written down.
    let proven = answer(&applied(7, 2), &log(&[1, 2, 3], &puts, 5));
    assert_eq!(proven, Answer::Exact(1));
    // What it holds is what it would commit if it went on alone.
    let held = replay(&db, &among, Commitment::Held).unwrap();
    assert_eq!(held.answer, Answer::Exact(4));
    assert_eq!(held.state.unwrap().revision(), 4);
    let recorded = log(&[1], &puts, 5);
    let recorded = replay(&db, &recorded, Commitment::Recorded).unwrap().answer;
    assert_eq!(stopped_by(recorded).2, 6);
}

#[test]
fn a_request_of_tomorrow_stops_the_replay_and_says_which() {
    let unknown = vec![0xc2, 0xbb, 0x01, 0x00];
    let requests = [put(b"a"), unknown, put(b"b")];
    let (lower, upper, index, reason) =
        stopped_by(answer(&applied(4, 2), &log(&[1], &requests, 7)));
    assert_eq!((lower, upper, index), (2, 4, 6));
    assert_eq!(reason, Reason::UnknownRequest { field: 3000 });
    let requests = [vec![0xff; 9], put(b"b")];
    let (lower, upper, _, reason) = stopped_by(answer(&applied(4, 2), &log(&[1], &requests, 6)));
    assert_eq!((lower, upper), (1, 3));
    assert!(matches!(reason, Reason::Malformed(_)));
}
