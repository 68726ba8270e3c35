//! Stores whose objects do not make one plain chain: what can be restored is, and for the rest the
//! message says which revisions are where.

mod support;

use std::fs;

use support::{History, Site, delta_name, full_name};
use testkit::backup::Compression::{self, Gzip};
use testkit::backup::compress;
use testkit::synthetic::{delta, time};

fn history(revision: i64) -> History {
    let mut history = History::default();
    history.wander(revision, 1);
    history
}

/// The HashKV of the same history restored from one full at its end.
fn hash_of(history: &History, revision: i64) -> u64 {
    let site = Site::new();
    site.put_full(history, revision);
    site.restored_hash(&[])
}

#[test]
fn a_chain_amounts_to_its_history() {
    let (site, history) = Site::with_history();
    assert_eq!(site.restored_hash(&[]), hash_of(&history, 60));
    for revision in [20, 21, 39, 40, 41, 60] {
        let hash = site.restored_hash(&["--to-revision", &revision.to_string()]);
        assert_eq!(hash, hash_of(&history, revision), "{revision}");
    }
    let hash = site.restored_hash(&["--to-time", &time(33).to_string()]);
    assert_eq!(hash, hash_of(&history, 33));
}

#[test]
fn a_gap_is_refused_and_what_is_before_it_can_be_had() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.put_delta(&history, 44, 60);
    let words = [
        "revisions 41 to 43 are missing",
        "v2/Incr-00000044-00000060",
        "--to-revision 40",
    ];
    site.refused(&[], &words);
    site.refused(
        &["--to-revision", "50"],
        &["revisions 41 to 43 are missing"],
    );
    let hash = site.restored_hash(&["--to-revision", "40"]);
    assert_eq!(hash, hash_of(&history, 40));
}

/// A restore to a revision in the midst of a delta stopped reading there, and never saw the hash at
/// the end of the delta: a value changed in the store was published without a word.
#[test]
fn a_delta_that_is_wanted_in_part_is_hashed_whole() {
    let (site, history) = Site::with_history();
    let name = delta_name(21, 40, Compression::None);
    site.remove(&delta_name(21, 40, Gzip));
    let mut content = history.delta(21..=40);
    let end = content.len() - 33;
    // Behind what is wanted, and nothing that the JSON parser would mind.
    assert_eq!(content[end], b']');
    content[end] = b' ';
    content.insert(end + 1, b']');
    site.put(&name, &content);
    for wanted in [
        ["--to-revision", "30"],
        ["--to-time", &time(30).to_string()],
    ] {
        site.refused(&wanted, &[&name, "SHA-256"]);
        let run = site.run("verify", &wanted);
        run.failed_with(&[&name, "SHA-256"]);
    }
    let hash = site.restored_hash(&["--to-revision", "30", "--skip-hash-check"]);
    assert_eq!(hash, hash_of(&history, 30));
}

/// Each delta on its way held a thread of the pool that the store reads files with: with as many as
/// the pool has, all waited for bytes that no thread was left to read, for ever.
#[test]
fn more_fetchers_than_threads_do_not_wait_for_each_other() {
    let (site, history) = (Site::new(), history(620));
    site.put_full(&history, 20);
    (21..=620).for_each(|revision| site.put_delta(&history, revision, revision));
    let hash = site.restored_hash(&["--max-fetchers", "65535"]);
    assert_eq!(hash, hash_of(&history, 620));
}

/// Right after a full a gap may be none, since a full may be ahead of its name. Then it is.
#[test]
fn a_gap_right_behind_the_full_is_refused() {
    let (site, _) = Site::with_history();
    site.remove(&delta_name(21, 40, Gzip));
    let words = [
        "revisions 21 to 40 are missing",
        "v2/Incr-00000041-00000060",
    ];
    site.refused(&[], &words);
    site.restore(&["--to-revision", "20"]);
}

/// During a change of leader two snapshotters write the same events, cut differently. The
/// reference aborts on them ("mismatched event revision", its issue 1043).
#[test]
fn equal_overlaps_are_passed_over() {
    let (site, history) = Site::with_history();
    let plain = site.restore(&[]);
    fs::remove_dir_all(site.data_dir()).unwrap();
    for (first, last) in [(21, 30), (21, 50), (25, 45), (41, 50), (55, 60)] {
        site.put_delta(&history, first, last);
    }
    let report = site.restore(&[]);
    for field in ["hash_kv", "revision", "events", "database_bytes"] {
        assert_eq!(report[field], plain[field], "{field}");
    }
    assert!(report["repeated_events"].as_u64() > Some(0));
}

/// Two clusters under one prefix, or one before and after a restore.
#[test]
fn diverging_overlaps_are_refused() {
    let (site, history) = Site::with_history();
    let mut other = history.events(31..=50);
    let put = other.iter_mut().find(|event| event.value.is_some());
    let put = put.unwrap();
    put.value = Some(b"of another history".to_vec());
    let (name, revision) = (delta_name(31, 50, Gzip), put.revision);
    site.put(&name, compress(Gzip, &delta(&other)));
    let words = [
        &format!("v2/{name}"),
        "v2/Incr-00000021-00000040",
        &format!("different events for revision {revision}"),
        &format!("--to-revision {}", revision - 1),
    ];
    site.refused(&[], &words);
    let before = (revision - 1).to_string();
    let hash = site.restored_hash(&["--to-revision", &before]);
    assert_eq!(hash, hash_of(&history, revision - 1));
}

/// The reference asks etcd for the revision first and for the snapshot then.
#[test]
fn a_full_ahead_of_its_name_is_not_applied_twice() {
    for ahead in [23, 40, 47, 60] {
        let (site, history) = Site::with_history();
        let content = compress(Gzip, &history.full(ahead));
        site.put(&full_name(20, Gzip), content);
        let report = site.restore(&[]);
        assert_eq!(report["base_revision"], ahead);
        assert_eq!(report["revision"], 60);
        assert_eq!(report["hash_kv"], hash_of(&history, 60));
    }
}

/// The gap between the name of a full and the next delta is none when the full is ahead.
#[test]
fn a_full_ahead_of_its_name_may_bridge_a_hole() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(21, 40, Gzip));
    let content = compress(Gzip, &history.full(40));
    site.put(&full_name(20, Gzip), content);
    assert_eq!(site.restored_hash(&[]), hash_of(&history, 60));
}

#[test]
fn a_full_ahead_of_its_name_and_of_another_history_is_refused() {
    let (site, _) = Site::with_history();
    let mut other = history(25);
    other.wander(30, 77);
    let content = compress(Gzip, &other.full(30));
    site.put(&full_name(20, Gzip), content);
    let words = [
        "v2/Incr-00000021-00000040",
        "v2/Full-00000000-00000020",
        "different events for revision 26",
    ];
    site.refused(&[], &words);
}

/// Only the events of the delta were looked up in the full, so a delta that lacked the last events
/// of a transaction passed.
#[test]
fn a_delta_that_lacks_the_end_of_a_transaction_is_refused() {
    let (site, _) = Site::with_history();
    let mut history = history(20);
    history.transaction(&[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]);
    history.put("d", "4");
    site.put(&full_name(20, Gzip), compress(Gzip, &history.full(22)));
    let mut cut = history.events(21..=22);
    let whole = cut.len();
    cut.retain(|event| event.key != b"c");
    assert_eq!(cut.len(), whole - 1);
    for name in [delta_name(21, 40, Gzip), delta_name(41, 60, Gzip)] {
        site.remove(&name);
    }
    site.put(&delta_name(21, 22, Gzip), compress(Gzip, &delta(&cut)));
    let words = [
        "v2/Incr-00000021-00000022",
        "different events for revision 21",
    ];
    site.refused(&[], &words);
}

/// Without a full nothing says that there was an etcd at all: an empty one was restored, exit 0.
#[test]
fn a_time_before_the_first_event_is_refused() {
    let (site, history) = Site::with_history();
    for name in [
        full_name(20, Gzip),
        delta_name(21, 40, Gzip),
        delta_name(41, 60, Gzip),
    ] {
        site.remove(&name);
    }
    site.put_delta(&history, 2, 20);
    site.refused(
        &["--to-time", "1969-07-20T20:17:40Z"],
        &["no event from before that time"],
    );
}

#[test]
fn a_revision_before_the_real_one_of_a_full_falls_back_to_an_older_full() {
    let (site, history) = Site::with_history();
    let content = compress(Gzip, &history.full(47));
    site.put(&full_name(40, Gzip), content);
    let report = site.restore(&["--to-revision", "43"]);
    assert_eq!(report["base"], "v2/Full-00000000-00000020-1800000020.gz");
    assert_eq!(report["hash_kv"], hash_of(&history, 43));
    fs::remove_dir_all(site.data_dir()).unwrap();

    site.remove(&full_name(20, Gzip));
    let words = [
        "v2/Full-00000000-00000040",
        "already holds revision 47",
        "its name says 40",
    ];
    site.refused(&["--to-revision", "43"], &words);
}

#[test]
fn without_a_full_deltas_begin_at_the_beginning() {
    let (site, history) = (Site::new(), history(60));
    site.put_delta(&history, 2, 40);
    site.put_delta(&history, 41, 60);
    let report = site.restore(&[]);
    assert_eq!(report["base"], serde_json::Value::Null);
    assert_eq!(report["hash_kv"], hash_of(&history, 60));
}

#[test]
fn without_a_full_later_deltas_are_refused() {
    let (site, history) = (Site::new(), history(60));
    site.put_delta(&history, 3, 40);
    let words = ["revisions 2 to 2 are missing", "v2/Incr-00000003-00000040"];
    site.refused(&[], &words);
}

/// The reference said "will do nothing" and exited 0; the pod then started an empty etcd.
#[test]
fn a_store_without_snapshots_is_an_error() {
    let site = Site::new();
    site.refused(
        &[],
        &["there is no snapshot", "check the container and the prefix"],
    );
    site.put("notes.txt", "x");
    site.put("Full-00000000-00000020-1800000020.gz.tmp", "x");
    let words = ["there is no snapshot; check", "2 objects", "v2/Full-"];
    site.refused(&[], &words);
    fs::remove_dir_all(site.store()).unwrap();
    let run = site.run("restore", &[]);
    run.failed_with(&["there is no snapshot; check", "is not there: file:///"]);
    site.left_nothing();
    assert!(!site.store().exists(), "reading made a directory");
}

#[test]
fn the_older_layout_is_read() {
    let (site, history) = Site::with_history();
    let old = site.store().join("v1/Backup-1800000000");
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::rename(site.store().join("v2"), &old).unwrap();
    let report = site.restore(&[]);
    assert_eq!(report["hash_kv"], hash_of(&history, 60));
    let base = report["base"].as_str().unwrap();
    assert!(base.starts_with("v1/Backup-1800000000/Full-"), "{base}");
}

/// `.final` marks the last full before a cluster went to sleep.
#[test]
fn a_final_full_is_a_full() {
    let (site, history) = (Site::new(), history(30));
    let content = compress(Gzip, &history.full(30));
    site.put(&format!("{}.final", full_name(30, Gzip)), content);
    assert_eq!(site.restored_hash(&[]), hash_of(&history, 30));
}

/// The reference looks for "v1/" anywhere in the key: no snapshot of a cluster whose prefix was
/// `prod-v1/etcd` could be read.
#[test]
fn a_prefix_may_look_like_a_layout() {
    let (site, history) = Site::with_history();
    let nested = site.store().join("prod-v1/etcd-v2/v1");
    fs::create_dir_all(&nested).unwrap();
    fs::rename(site.store().join("v2"), nested.join("v2")).unwrap();
    let report = site.restore(&["--store-prefix", "prod-v1/etcd-v2/v1"]);
    assert_eq!(report["hash_kv"], hash_of(&history, 60));
}

/// The backups of a sibling cluster stand beside ours, under a prefix that begins with ours.
#[test]
fn siblings_do_not_mix_in() {
    let (site, history) = Site::with_history();
    let ours = site.store().join("etcd");
    fs::create_dir_all(&ours).unwrap();
    fs::rename(site.store().join("v2"), ours.join("v2")).unwrap();
    let sibling = site.store().join("etcd-2/v2");
    fs::create_dir_all(&sibling).unwrap();
    fs::write(sibling.join(full_name(99, Compression::None)), "broken").unwrap();
    let report = site.restore(&["--store-prefix", "etcd"]);
    assert_eq!(report["hash_kv"], hash_of(&history, 60));
}

/// Made by etcd-backup-restore from etcd 3.5.1 and 3.4.23; the hashes are what those answered.
#[test]
fn backups_of_the_reference_amount_to_what_their_etcds_answered() {
    for (backup, revision, hash) in [
        ("e35-gzip", 10961, 1_951_264_071_u64),
        ("e34-lzw", 5399, 1_934_498_884),
    ] {
        let report = Site::with_backup(backup).restore(&[]);
        assert_eq!(report["revision"], revision);
        assert_eq!(report["hash_kv"], hash);
    }
}

/// A time between a full and the first event after it: no line told the time and the revision that it came to, and the
/// full "and 1 delta" were named as what the state is made of, beside the remark that these are left out.
#[test]
fn a_time_at_a_full_is_told_and_what_was_not_used_is_no_source() {
    let (site, _) = Site::with_history();
    let as_of = format!("as of     {}", time(20));
    for verb in ["verify", "restore"] {
        let run = site.run(verb, &["--to-time", &time(20).to_string()]);
        for told in [&as_of, "nothing of 1 later delta was used"] {
            assert!(run.stdout.contains(told), "{}{}", run.stdout, run.stderr);
        }
        assert!(!run.stdout.contains("and 1 delta"), "{}", run.stdout);
    }
    for (at, used, unused) in [(20, 0, 1), (33, 1, 0), (60, 2, 0)] {
        let wanted = time(at).to_string();
        let run = site.run("verify", &["--to-time", &wanted, "-o", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["reached_time"], wanted);
        let count = |key: &str| report[key].as_array().map_or(0, Vec::len);
        assert_eq!((count("deltas"), count("unused_deltas")), (used, unused));
    }
}

/// A state was asked for by its time, and nothing said which one had come of it; a time after the last backup gave the
/// newest state without a word.
#[test]
fn the_time_that_was_reached_is_told() {
    let (site, _) = Site::with_history();
    for verb in ["verify", "restore"] {
        let run = site.run(verb, &["--to-time", &time(33).to_string()]);
        let told = format!("as of     {}", time(33));
        assert!(run.stdout.contains(&told), "{}{}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("end before"), "{}", run.stderr);
    }
    fs::remove_dir_all(site.data_dir()).unwrap();
    let late = "2999-01-01T00:00:00Z";
    let run = site.run("restore", &["--to-time", late, "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["revision"], 60);
    assert_eq!(report["reached_time"], time(60).to_string());
    let told = format!(
        "the backups end before {late}, with revision 60 of {}",
        time(60)
    );
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(
        site.run("verify", &["-o", "json"])
            .stdout
            .find("reached_time")
            .is_none()
    );
}
