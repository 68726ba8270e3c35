//! Which logs a full snapshot is gone on from.

mod golden;
mod invented;
mod written;

use etcd::replay::{Answer, Refused, Salvage, ServerVersion, Servers};
use etcd::wal::Log;
use golden::{golden_db, golden_log};
use invented::{Database, answer, holding, log, put};

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
/// Writes after such a full got revisions that were one too low.
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
/// in any history: a log begun by a restore was replayed after a full of before, and of 60
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

/// A killed etcd 3.5.1 had noted an entry that its database does not hold (etcd issue 13766), and never
/// applies it: an acknowledged write is lost, and all after it have a revision less. The log of `fuzz-replay`
/// 881476 and 881946 led a full of before to one revision more than the etcd was at. It is the etcd that is
/// short, and the write is salvaged.
#[test]
fn a_write_that_an_early_etcd_never_applies_is_salvaged() {
    let member = etcd::membership::MemberId(1);
    let keys: Vec<Vec<u8>> = (b'a'..b'h').map(|key| vec![key]).collect();
    let puts: Vec<Vec<u8>> = keys.iter().map(|key| put(key)).collect();
    let log = log(&[1], &puts, 11);
    // Entries 5 to 8 made revisions 2 to 5, and the put of entry 9 is not there.
    let one_short = holding(&keys[..4], 9, member);
    assert_eq!(answer(&one_short, &log), Answer::Exact(7));
    let full = holding(&keys[..4], 8, member);
    let salvage = Salvage::begin(
        &full,
        &log,
        Servers::Only(ServerVersion { minor: 5, patch: 3 }),
    )
    .unwrap();
    assert_eq!(salvage.revision(), 8);
    let mut salvaged = Vec::new();
    let count = salvage.beyond(5, |entry, value| {
        let kv = etcd::mvcc::KeyValue::decode(value).unwrap();
        salvaged.push((entry.revision.main, kv.key.to_vec()));
        Ok(())
    });
    assert_eq!(count.unwrap(), 3);
    assert_eq!(salvaged[0], (6, b"e".to_vec()));
}

/// Entry 9 was refused for want of space, and no index was saved for it; entry 10 disarmed the alarm; the full
/// was made then, says that entry 8 is its last, and knows of no alarm. The log led it to a write that the
/// etcd had refused (`fuzz-replay` 880290, on 3.4.23, about once in five runs).
#[test]
fn a_full_whose_index_lags_behind_a_disarmed_alarm_is_not_led_on() {
    let member = etcd::membership::MemberId(1);
    let keys: Vec<Vec<u8>> = (b'a'..b'h').map(|key| vec![key]).collect();
    let disarm = |requests: &mut Vec<Vec<u8>>, at: usize| {
        // An AlarmRequest is field 10: it disarms (2) the alarm NOSPACE (1) of member 7.
        requests.insert(at, vec![0x52, 6, 0x08, 2, 0x10, 7, 0x18, 1]);
    };
    let full = holding(&keys[..4], 8, member);
    let begun = |at: usize, servers| {
        let mut puts: Vec<Vec<u8>> = keys.iter().map(|key| put(key)).collect();
        disarm(&mut puts, at);
        let log = log(&[1], &puts, 12);
        Salvage::begin(&full, &log, servers).map(|salvage| salvage.revision())
    };
    let only = |minor| Servers::Only(ServerVersion { minor, patch: 23 });
    for servers in [only(4), Servers::Any] {
        let refused = begun(5, servers).unwrap_err();
        assert!(matches!(refused, Refused::Uncertain(_)), "{refused}");
        assert!(refused.to_string().contains("entry 10"), "{refused}");
        // Nothing before it can have been refused.
        assert_eq!(begun(4, servers).unwrap(), 8);
    }
    // Since 3.5 the index of every entry is saved.
    assert_eq!(begun(5, only(5)).unwrap(), 8);
}
