//! Replay: of directories that a killed etcd left, against what the same etcd said when it was
//! booted on them; and of logs made up here, for what etcd does not do on demand.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failure is the test's")]

mod golden;
mod written;

use std::collections::BTreeMap;
use std::sync::RwLock;

use bolt::Db;
use etcd::mvcc::KeyValue;
use etcd::raftpb::{ConfState, Entry, HardState};
use etcd::replay::{
    Answer, Commitment, Reason, Refused, Salvage, ServerVersion, Servers, State, Unreadable,
    bounds, replay, replay_on,
};
use etcd::revision;
use etcd::wal::{Files, Log, Metadata, SegmentName, SnapshotRecord, Start, Writer};

const SEED: u64 = 3;

type Database = Db<RwLock<Vec<u8>>>;

fn golden_log(name: &str) -> Log<Vec<u8>> {
    let bytes = golden::gunzip(&format!("replay/{name}/wal.gz"));
    let files = Files::new([(SegmentName::default(), bytes)]);
    Log::read(files)
        .unwrap()
        .starting_at(Start::default())
        .unwrap()
}

fn golden_db(name: &str) -> Db<Vec<u8>> {
    Db::open(golden::gunzip(&format!("replay/{name}/db.gz"))).unwrap()
}

/// 86 entries behind, with leases, ranges, nested transactions and a compaction.
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

/// Ended in the middle, deltas leave what is behind to the log.
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

/// After a restore the entries are numbered from 1 again: a log of before would match wrongly.
#[test]
fn a_log_of_another_cluster_is_refused() {
    let (full, foreign) = (golden_db("compacted"), golden_log("users"));
    let refused = Salvage::begin(&full, &foreign, Servers::Any).unwrap_err();
    assert!(matches!(refused, Refused::Foreign(_)), "{refused}");
    let log = log(&[1], &[put(b"a")], 5);
    assert!(log.start_before(3).is_none());
    assert_eq!(log.start_before(9).unwrap().index, 4);
}

/// The numbers of entries begin again with every restore, under the same ids and often in the same
/// terms. Writes of before and after were mixed: the log was believed by its numbers.
#[test]
fn a_log_begun_by_a_restore_is_not_taken_for_the_one_before_it() {
    let member = etcd::membership::MemberId(1);
    let keys: Vec<Vec<u8>> = (b'a'..b'f').map(|key| vec![key]).collect();
    let puts = |keys: &[Vec<u8>]| keys.iter().map(|key| put(key)).collect::<Vec<_>>();
    let full = holding(&keys[..4], 8, member);
    let same = log(&[1], &puts(&keys), 9);
    let salvage = Salvage::begin(&full, &same, Servers::Any).unwrap();
    assert_eq!(salvage.beyond(5, |_, _| Ok(())).unwrap(), 1);
    let others: Vec<Vec<u8>> = (b'p'..b'v').map(|key| vec![key]).collect();
    let begun_since = log(&[1], &puts(&others), 10);
    let salvage = Salvage::begin(&full, &begun_since, Servers::Any).unwrap();
    let refused = salvage.beyond(5, |_, _| Ok(())).unwrap_err();
    assert!(matches!(refused, Refused::Unproven), "{refused}");
}

/// etcd 3.5.0 to 3.5.2 may say that an entry is applied before what it asked for is in the database.
/// Writes behind such a full got revisions that were one too low.
#[test]
fn a_full_that_may_lack_its_last_entry_is_not_gone_on_from() {
    let member = etcd::membership::MemberId(1);
    let keys: Vec<Vec<u8>> = (b'a'..b'f').map(|key| vec![key]).collect();
    let puts = |keys: &[Vec<u8>]| keys.iter().map(|key| put(key)).collect::<Vec<_>>();
    let sound = Servers::Only(ServerVersion { minor: 5, patch: 3 });
    let refuses = |full: &Database, log: &Log<Vec<u8>>, servers| {
        let salvage = Salvage::begin(full, log, servers).unwrap();
        let beyond = salvage.beyond(9, |_, _| Ok(()));
        matches!(beyond, Err(Refused::Unproven))
    };
    let (lacks_d, history) = (holding(&keys[..3], 8, member), log(&[1], &puts(&keys), 9));
    assert!(refuses(&lacks_d, &history, Servers::Any));
    // Another etcd does not leave it out: then the log is another's.
    assert!(refuses(&lacks_d, &history, sound));
    // Where the last entry writes nothing it cannot be told whether it is in.
    let mut quiet = puts(&keys);
    quiet[3].clear();
    let quiet = log(&[1], &quiet, 9);
    assert!(refuses(&lacks_d, &quiet, Servers::Any));
    assert!(!refuses(&lacks_d, &quiet, sound));
}

/// The last eight puts had only to be asked for somewhere among 20,000 entries, and "heartbeat 1" is,
/// in any history: a log begun by a restore was replayed behind a full of before, and of 60
/// acknowledged writes 24 were lost.
#[test]
fn a_heartbeat_fits_any_history() {
    let member = etcd::membership::MemberId(1);
    let beats = |keys: &[&[u8]], count: usize| {
        let beats = vec![b"heartbeat".as_slice(); count];
        let keys = keys.iter().copied().chain(beats);
        keys.map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let asked = |keys: Vec<Vec<u8>>| {
        let puts: Vec<_> = keys.iter().map(|key| put(key)).collect();
        log(&[1], &puts, 5)
    };
    // Entries 5 to 18 made revisions 2 to 15.
    let full = holding(&beats(&[b"a", b"b", b"c", b"d"], 10), 18, member);
    let goes_on = |log: &Log<Vec<u8>>| {
        let salvage = Salvage::begin(&full, log, Servers::Any).unwrap();
        match salvage.beyond(15, |_, _| Ok(())) {
            Ok(count) => Some(count),
            Err(Refused::Unproven) => None,
            Err(other) => panic!("{other}"),
        }
    };
    let three_five_three = Servers::Only(ServerVersion { minor: 5, patch: 3 });
    let own = asked(beats(&[b"a", b"b", b"c", b"d"], 12));
    let salvage = Salvage::begin(&full, &own, three_five_three).unwrap();
    assert_eq!(salvage.beyond(15, |_, _| Ok(())).unwrap(), 2);
    // The beat applied last may be the one before it, of an early etcd 3.5.
    assert_eq!(goes_on(&own), None);
    let refused_by_all = |log: &Log<Vec<u8>>| {
        let salvage = Salvage::begin(&full, log, three_five_three).unwrap();
        let beyond = salvage.beyond(15, |_, _| Ok(()));
        goes_on(log).is_none() && matches!(beyond, Err(Refused::Unproven))
    };
    assert!(refused_by_all(&asked(beats(&[b"p", b"q", b"r", b"s"], 12))));
    assert!(refused_by_all(&asked(beats(&[], 16))));
    let acked = |n: usize| match n % 2 {
        0 => b"heartbeat".to_vec(),
        _ => format!("acked{n}").into_bytes(),
    };
    assert!(refused_by_all(&asked((0..20).map(acked).collect())));
    // One write more before the same beats.
    let keys: [&[u8]; 5] = [b"x", b"a", b"b", b"c", b"d"];
    assert!(refused_by_all(&asked(beats(&keys, 12))));
}

/// The database of `member` that holds these keys, each put once with no value, and has applied the
/// entries up to `index` in term 2.
fn holding(keys: &[Vec<u8>], index: u64, member: etcd::membership::MemberId) -> Database {
    let entries = (2..).zip(keys).map(|(revision, key)| {
        let mut value = Vec::new();
        KeyValue {
            key,
            create_revision: revision,
            mod_revision: revision,
            version: 1,
            value: b"",
            lease: 0,
        }
        .encode_put(&mut value);
        let at = revision::Entry::put(revision::Revision::new(revision, 0));
        (at.to_bytes().to_vec(), value)
    });
    let meta = BTreeMap::from([
        (b"consistent_index".to_vec(), index.to_be_bytes().to_vec()),
        (b"term".to_vec(), 2_u64.to_be_bytes().to_vec()),
    ]);
    let json = format!(
        r#"{{"id":{},"peerURLs":["http://a:1"],"name":"a"}}"#,
        member.0
    );
    let members = BTreeMap::from([(member.to_string().into_bytes(), json.into_bytes())]);
    written::database(&BTreeMap::from([
        (b"key".as_slice(), entries.collect()),
        (b"members".as_slice(), members),
        (b"meta".as_slice(), meta),
    ]))
}

/// The message of a put of one key, as a client sends it: the request is field 4.
fn put(key: &[u8]) -> Vec<u8> {
    let put = [&[0x0a, key.len() as u8], key].concat();
    [&[0x22, put.len() as u8], put.as_slice()].concat()
}

fn normal(index: u64, data: Vec<u8>) -> Entry {
    Entry {
        entry_type: 0,
        term: 2,
        index,
        data: Some(data),
    }
}

/// A log behind a snapshot at entry 4 of these voters, with entries from 5 on, of which those up
/// to `commit` were known to be committed.
fn log(voters: &[u64], requests: &[Vec<u8>], commit: u64) -> Log<Vec<u8>> {
    let entries = requests.iter().map(|request| normal(0, request.clone()));
    log_of(voters, &entries.collect::<Vec<_>>(), commit)
}

fn log_of(voters: &[u64], entries: &[Entry], commit: u64) -> Log<Vec<u8>> {
    let mut writer = Writer::new(0);
    writer.metadata(&Metadata {
        node_id: 1,
        cluster_id: 9,
    });
    let conf_state = ConfState {
        voters: voters.to_vec(),
        ..ConfState::default()
    };
    writer.snapshot(&SnapshotRecord {
        index: 4,
        term: 2,
        conf_state: Some(conf_state.clone()),
    });
    for (index, entry) in (5..).zip(entries) {
        writer.entry(&Entry {
            index,
            ..entry.clone()
        });
    }
    writer.hard_state(&HardState {
        term: entries.iter().map(|entry| entry.term).fold(2, u64::max),
        vote: 1,
        commit,
    });
    let start = Start {
        index: 4,
        term: 2,
        conf_state,
    };
    let files = Files::new([(SegmentName::default(), writer.finish())]);
    Log::read(files).unwrap().starting_at(start).unwrap()
}

/// An empty store that has applied the entries up to `index`, the last in `term`.
fn applied(index: u64, term: u64) -> Database {
    let meta = BTreeMap::from([
        (b"consistent_index".to_vec(), index.to_be_bytes().to_vec()),
        (b"term".to_vec(), term.to_be_bytes().to_vec()),
    ]);
    written::database(&BTreeMap::from([(b"meta".as_slice(), meta)]))
}

fn answer(db: &Database, log: &Log<Vec<u8>>) -> Answer {
    replay(db, log, Commitment::Restart).unwrap().answer
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

#[test]
fn a_database_and_a_log_of_two_histories_say_nothing() {
    let puts = [put(b"a"), put(b"b")];
    let whole = log(&[1], &puts, 6);
    let unreadable = |db: &Database, log: &Log<Vec<u8>>| match answer(db, log) {
        Answer::Unreadable(unreadable) => unreadable,
        other => panic!("{other:?}"),
    };
    let behind = Unreadable::LogBeginsLater {
        consistent_index: 3,
        start: 4,
    };
    assert_eq!(unreadable(&applied(3, 2), &whole), behind);
    let ahead = Unreadable::LogEndsEarlier {
        consistent_index: 7,
        last: 6,
    };
    assert_eq!(unreadable(&applied(7, 2), &whole), ahead);
    let foreign = Unreadable::OtherTerm {
        index: 5,
        applied: 3,
        logged: 2,
    };
    assert_eq!(unreadable(&applied(5, 3), &whole), foreign);
    let cut = Unreadable::CommitBehindEnd { commit: 9, last: 6 };
    assert_eq!(unreadable(&applied(5, 2), &log(&[1], &puts, 9)), cut);
    // A term of 0 was never recorded, and that of a restore, 1, is left alone by etcd 3.4: every
    // member that it ran on a restored directory was called damaged.
    assert_eq!(answer(&applied(5, 0), &whole), Answer::Exact(2));
    assert_eq!(answer(&applied(5, 1), &whole), Answer::Exact(2));
}

/// An etcd 3.5 ran on a member for a while, and 3.4 again: it leaves the term that 3.5 wrote, and
/// every such member was called damaged.
#[test]
fn a_term_that_is_older_than_the_log_is_that_of_an_etcd_that_was_rolled_back() {
    let entries = [put(b"a"), put(b"b")].map(|data| Entry {
        term: 5,
        ..normal(0, data)
    });
    let grown = log_of(&[1], &entries, 6);
    assert_eq!(answer(&applied(5, 3), &grown), Answer::Exact(2));
    let of_3_5 = |term: u64| {
        let bytes = |number: u64| number.to_be_bytes().to_vec();
        let meta = BTreeMap::from([
            (b"consistent_index".to_vec(), bytes(5)),
            (b"term".to_vec(), bytes(term)),
        ]);
        let cluster = BTreeMap::from([(b"clusterVersion".to_vec(), b"3.5.0".to_vec())]);
        written::database(&BTreeMap::from([
            (b"cluster".as_slice(), cluster),
            (b"meta".as_slice(), meta),
        ]))
    };
    assert_eq!(answer(&of_3_5(5), &grown), Answer::Exact(2));
    assert!(matches!(answer(&of_3_5(3), &grown), Answer::Unreadable(_)));
}
