//! `initialize` and `validate` from the outside: what is left alone, what is restored, what is refused.

mod support;

use std::fs::{self, File};

use engine::snapshot::Compression::Gzip;
use serde_json::Value;
use support::initialized::{
    DB, damage, everything, initialize, outcome, restored, revision, validate,
};
use support::{Run, Site, delta_name, full_name};

#[test]
fn a_first_start_creates_nothing() {
    let site = Site::new();
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "DataDirectoryNotExist");
    assert_eq!(said["deed"], "first_start");
    assert!(!site.path().join("out").exists());
}

/// The root of a new volume is a directory with nothing of ours in it.
#[test]
fn the_root_of_a_new_volume_is_a_first_start() {
    let site = Site::new();
    fs::create_dir_all(site.data_dir().join("lost+found")).unwrap();
    let before = everything(&site.data_dir());
    assert_eq!(outcome(&site, &[])["deed"], "first_start");
    assert_eq!(everything(&site.data_dir()), before);
}

/// The reference repairs and renames what it looks at, and boots an etcd on it.
#[test]
fn a_healthy_directory_is_not_changed_by_being_looked_at() {
    let site = restored();
    let before = everything(&site.path().join("out"));
    for mode in ["full", "sanity"] {
        let args = ["--validation-mode", mode];
        let run = validate(&site, &args);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            run.stdout.starts_with("DataDirectoryValid: "),
            "{}",
            run.stdout
        );
        assert_eq!(outcome(&site, &args)["deed"], "untouched");
        outcome(&site, &["--dry-run", args[0], args[1]]);
        assert_eq!(everything(&site.path().join("out")), before, "{mode}");
    }
}

#[test]
fn a_damaged_directory_is_restored_once() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    assert_eq!(validate(&site, &[]).code, Some(13));
    let planned = outcome(&site, &["--dry-run"]);
    assert_eq!(planned["deed"], "restored");
    assert_eq!(everything(&site.path().join("out")), before);

    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "BoltDBCorrupt");
    assert_eq!(said["deed"], "restored");
    assert_eq!(said["restored"]["revision"], 60);
    assert_eq!(said["loss"]["measure"], "nothing");
    assert_eq!(said["old"], Value::Null);
    assert_eq!(revision(&site), 60);
    let mut left: Vec<_> = fs::read_dir(site.path().join("out")).unwrap().collect();
    left.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    let names: Vec<_> = left.into_iter().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["new.etcd", "new.etcd.initialized.json"]);
    let report = fs::read(site.path().join("out/new.etcd.initialized.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&report).unwrap(), said);
    assert_eq!(fs::read_dir(site.data_dir()).unwrap().count(), 1);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
}

/// The database that a leader has sent waits beside an empty log: it is taken at the next start, and
/// was removed as if there were nothing.
#[test]
fn a_database_from_the_leader_is_something_to_keep() {
    for (name, kept) in [
        ("0000000000000009.snap.db", true),
        ("0000000000000001-0000000000000009.snap", true),
        ("tmp123.tmp", false),
    ] {
        let (site, _) = Site::with_history();
        for dir in ["member/snap", "member/wal"] {
            fs::create_dir_all(site.data_dir().join(dir)).unwrap();
        }
        let sent = site.data_dir().join("member/snap").join(name);
        fs::write(&sent, "all that was acknowledged").unwrap();
        let said = outcome(&site, &[]);
        assert_eq!(said["deed"], "restored", "{name}");
        let old = site.data_dir().join(".etcdbr.old/member/snap").join(name);
        assert_eq!(old.exists(), kept, "{name}");
    }
}

#[test]
fn an_old_state_is_brought_up_to_date() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    for mode in ["sanity", "full"] {
        assert_eq!(validate(&site, &["--validation-mode", mode]).code, Some(14));
    }
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "RevisionConsistencyError");
    assert_eq!(revision(&site), 60);
}

/// A member at revision 40 would have been thrown away for a state at 20, since an object that
/// cannot be used says 60 in its name.
#[test]
fn a_whole_directory_is_not_replaced_by_an_older_state() {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    site.put(&delta_name(21, 40, Gzip), "no gzip at all");
    let before = everything(&site.data_dir().join("member"));
    let said = outcome(&site, &[]);
    assert_eq!(said["verdict"], "RevisionConsistencyError");
    assert_eq!(said["deed"], "untouched");
    assert_eq!(everything(&site.data_dir().join("member")), before);
}

/// The reference never goes back behind the newest chain, though an older one lies beside it.
#[test]
fn bad_objects_are_passed_over() {
    let bad = |names: &[String]| {
        let (site, history) = Site::with_history();
        site.put_full(&history, 60);
        history_goes_on(&site);
        for name in names {
            let whole = site.read(name);
            site.put(name, &whole[..whole.len() / 2]);
        }
        let said = outcome(&site, &[]);
        let passed: Vec<_> = said["passed_over"].as_array().unwrap().clone();
        let passed: Vec<String> = passed
            .iter()
            .map(|object| object["object"].as_str().unwrap().to_owned())
            .collect();
        let count = names
            .iter()
            .filter(|name| passed.contains(&format!("v2/{name}")))
            .count();
        assert_eq!(count, names.len(), "{passed:?}");
        assert_eq!(said["loss"]["revisions"], 80 - revision(&site));
        // Histories happen at one revision a second.
        assert_eq!(said["loss"]["seconds"], 80 - revision(&site));
        revision(&site)
    };
    let (full, delta) = (full_name(60, Gzip), delta_name(61, 80, Gzip));
    assert_eq!(bad(&[]), 80);
    assert_eq!(bad(std::slice::from_ref(&delta)), 60);
    // The chain before leads as far.
    assert_eq!(bad(std::slice::from_ref(&full)), 80);
    assert_eq!(bad(&[full.clone(), delta.clone()]), 60);
    assert_eq!(bad(&[full, delta, delta_name(41, 60, Gzip)]), 40);
}

/// The history of [`Site::with_history`], once more and further.
fn history_goes_on(site: &Site) {
    let mut history = support::History::default();
    history.wander(60, 1);
    history.wander(80, 2);
    site.put_delta(&history, 61, 80);
}

#[test]
fn when_all_fulls_are_bad_the_directory_stays() {
    let site = restored();
    damage(&site);
    site.put(&full_name(20, Gzip), "");
    let before = everything(&site.data_dir());
    initialize(&site, &[]).failed_with(&["no state can be restored", &full_name(20, Gzip)]);
    let now = everything(&site.data_dir());
    let root = site.data_dir();
    for (path, was) in before.iter().filter(|(path, _)| **path != root) {
        assert_eq!(now.get(path), Some(was), "{}", path.display());
    }
    assert_eq!(now.len(), before.len());
}

#[test]
fn a_running_etcd_is_left_alone() {
    for locked in [DB, "member/wal/0000000000000000-0000000000000000.wal"] {
        let site = restored();
        damage(&site);
        let before = everything(&site.path().join("out"));
        let file = File::open(site.data_dir().join(locked)).unwrap();
        let _etcd = engine::lock::exclusive(file).unwrap().unwrap();
        let us = format!("process {}", std::process::id());
        initialize(&site, &[]).failed_with(&["in use", &us, "stop that process"]);
        let run = validate(&site, &[]);
        assert_eq!(run.code, Some(21), "{}", run.stdout);
        assert_eq!(everything(&site.path().join("out")), before);
    }
}

#[test]
fn of_two_at_once_the_second_says_who_is_first() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let dir = File::open(site.data_dir()).unwrap();
    let _first = engine::lock::exclusive(dir).unwrap().unwrap();
    let us = format!("process {}", std::process::id());
    initialize(&site, &[]).failed_with(&[&us, "is initializing this directory right now"]);
    assert_eq!(everything(&site.path().join("out")), before);
}

#[test]
fn the_volume_of_another_is_left_alone() {
    let site = restored();
    let named = |namespace: &str, verb: &str| {
        let mut command = site.command(verb, &["--data-dir"]);
        command.arg(site.data_dir()).env("POD_NAMESPACE", namespace);
        Run::of(command)
    };
    assert_eq!(named("garden", "initialize").code, Some(0));
    let guard = site.path().join("out/safe_guard");
    assert_eq!(fs::read(&guard).unwrap(), b"garden");
    damage(&site);
    let before = everything(&site.path().join("out"));
    named("shoot", "initialize").failed_with(&["belongs to \"garden\"", "mount the right one"]);
    assert_eq!(named("shoot", "validate").code, Some(20));
    assert_eq!(everything(&site.path().join("out")), before);
    assert_eq!(named("garden", "initialize").code, Some(0));
    assert_eq!(revision(&site), 60);
}

#[test]
fn an_old_member_is_kept_when_it_is_asked_for() {
    let site = restored();
    damage(&site);
    let damaged = fs::read(site.data_dir().join(DB)).unwrap();
    let said = outcome(&site, &["--keep-old"]);
    let kept = site.data_dir().join(".etcdbr.old");
    assert_eq!(said["old"]["path"], kept.to_str().unwrap());
    assert_eq!(fs::read(kept.join(DB)).unwrap(), damaged);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    assert!(kept.exists());
}

/// A directory of three members gets its state from the others.
#[test]
fn a_member_of_several_is_left_to_a_human() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let cluster = "--initial-cluster=default=http://localhost:2380,b=http://b:2380";
    initialize(&site, &[cluster]).failed_with(&["others", "etcdctl member remove"]);
    assert_eq!(everything(&site.path().join("out")), before);
}

/// A member that is added to a cluster has no directory yet. It was left to the others whether they
/// were there or not: a cluster that had lost all its members began with an empty store.
#[test]
fn a_new_member_of_several_gets_its_state_from_the_others() {
    let (site, _) = Site::with_history();
    let cluster = "--initial-cluster=default=http://localhost:2380,b=http://b:2380";
    for unsaid in [&[cluster][..], &[cluster, "--initial-cluster-state=new"]] {
        initialize(&site, unsaid).failed_with(&["--initial-cluster-state existing", "restore"]);
        assert!(!site.data_dir().exists());
    }
    let existing = "--initial-cluster-state=existing";
    let said = outcome(&site, &[cluster, existing]);
    assert_eq!(said["deed"], "first_start");
    let words = said["explanation"].as_str().unwrap();
    assert!(words.contains("gets its state from them"), "{words}");
    assert!(!site.data_dir().exists());
    let planned = outcome(&site, &[cluster, existing, "--dry-run"]);
    assert_eq!(planned["deed"], "first_start");
}

#[test]
fn json_has_the_fields_that_scripts_read() {
    let site = restored();
    let said = outcome(&site, &[]);
    let fields: Vec<_> = said
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "data_dir",
        "deed",
        "explanation",
        "loss",
        "old",
        "passed_over",
        "remarks",
        "restored",
        "salvage",
        "verdict",
    ];
    assert_eq!(fields, expected);
    let run = validate(&site, &["--output", "json"]);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    let fields: Vec<_> = said
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = ["data_dir", "exit_code", "explanation", "remarks", "verdict"];
    assert_eq!(fields, expected);
}

/// Flags of `initialize` in etcd-backup-restore 0.44 beside those of `restore`, with their defaults
/// (`pkg/types/etcdconnection.go`, `pkg/types/validator.go`).
const REFERENCE: [(&str, &str); 13] = [
    ("endpoints", "http://127.0.0.1:2379"),
    ("service-endpoints", ""),
    ("etcd-username", ""),
    ("etcd-password", ""),
    ("etcd-connection-timeout", "30s"),
    ("etcd-snapshot-timeout", "15m"),
    ("etcd-defrag-timeout", "8m"),
    ("insecure-transport", "true"),
    ("insecure-skip-tls-verify", "true"),
    ("cert", ""),
    ("key", ""),
    ("cacert", ""),
    ("validation-mode", "full"),
];

/// Those of `restore`.
const OF_RESTORE: [(&str, &str); 18] = [
    ("storage-provider", ""),
    ("store-prefix", ""),
    ("max-parallel-chunk-uploads", "5"),
    ("min-chunk-size", "5242880"),
    ("snapstore-temp-directory", "/tmp"),
    ("initial-cluster", "default=http://localhost:2380"),
    ("initial-cluster-token", "etcd-cluster"),
    ("restoration-temp-snapshots-dir", "default.restoration.tmp"),
    ("initial-advertise-peer-urls", "http://localhost:2380"),
    ("name", "default"),
    ("skip-hash-check", "false"),
    ("max-fetchers", "6"),
    ("max-call-send-message-size", "10485760"),
    ("max-request-bytes", "10485760"),
    ("max-txn-ops", "10240"),
    ("embedded-etcd-quota-bytes", "8589934592"),
    ("auto-compaction-mode", "periodic"),
    ("auto-compaction-retention", "30m"),
];

#[test]
fn every_flag_of_the_reference_takes_its_default() {
    let (site, _) = Site::with_history();
    let flags = REFERENCE.iter().chain(&OF_RESTORE);
    let words: Vec<_> = flags
        .map(|(flag, default)| format!("--{flag}={default}"))
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let run = initialize(&site, &words);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(revision(&site), 60);
    let notices = run
        .stderr
        .lines()
        .filter(|line| line.contains("without effect"));
    let notices: Vec<_> = notices.collect();
    let [_, notice] = notices[..] else {
        unreachable!("{notices:?}");
    };
    for (flag, _) in &REFERENCE[..12] {
        assert!(
            notice.contains(&format!("--{flag}")),
            "--{flag} in: {notice}"
        );
    }
    let short = initialize(
        &site,
        &["-e", "http://127.0.0.1:2379", "--insecure-transport"],
    );
    assert_eq!(short.code, Some(0), "{}", short.stderr);
}

/// The password of a running etcd is dropped as it is read.
#[test]
fn no_flag_says_a_secret_again() {
    let (site, _) = Site::with_history();
    let run = initialize(&site, &["--etcd-password", "hunter2", "--output", "json"]);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains("hunter2"));
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let site = Site::new();
    fs::create_dir_all(site.path().join("out")).unwrap();
    fs::write(site.data_dir(), "a file").unwrap();
    initialize(&site, &[]).failed_with(&["it is a file, not a directory"]);
    assert_eq!(fs::read(site.data_dir()).unwrap(), b"a file");
}

/// The link was moved aside and removed, and the new member stood on the volume of the link.
#[test]
fn a_member_that_is_a_link_is_not_replaced() {
    let site = restored();
    let (member, real) = (site.data_dir().join("member"), site.path().join("real"));
    fs::rename(&member, &real).unwrap();
    std::os::unix::fs::symlink(&real, &member).unwrap();
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    damage(&site);
    let before = everything(&real);
    initialize(&site, &[]).failed_with(&["symbolic link", "the directory that holds the real one"]);
    let planned = outcome(&site, &["--dry-run"]);
    assert_eq!(
        (&planned["deed"], &planned["verdict"]),
        (&"refused".into(), &"BoltDBCorrupt".into())
    );
    assert_eq!(everything(&real), before);
    assert!(member.is_symlink());
}

#[test]
fn a_directory_may_be_spelled_through_another() {
    let site = restored();
    let spelled = site.data_dir().join("member/..");
    let run = site.run("initialize", &["--data-dir", spelled.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("new.etcd is whole"), "{}", run.stdout);
}

/// For two minutes a pod said nothing.
#[test]
fn who_is_waited_for_is_said_at_once() {
    let site = restored();
    let file = File::open(site.data_dir().join(DB)).unwrap();
    let etcd = engine::lock::exclusive(file).unwrap().unwrap();
    let mut command = site.command("initialize", &["--lock-timeout", "1h", "--data-dir"]);
    command
        .arg(site.data_dir())
        .stderr(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let stderr = child.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut line).unwrap();
    let us = format!("process {}", std::process::id());
    assert!(line.contains(&us) && line.contains("Waiting"), "{line}");
    drop(etcd);
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_interrupted_swap_is_told_by_those_who_only_look() {
    let site = restored();
    let aside = site.data_dir().join(".etcdbr.aside");
    fs::create_dir(&aside).unwrap();
    fs::rename(site.data_dir().join("member"), aside.join("member")).unwrap();
    let before = everything(&site.path().join("out"));
    let run = validate(&site, &[]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert!(
        run.stderr.contains("puts it back before all else"),
        "{}",
        run.stderr
    );
    site.run("restore", &[]).failed_with(&["was killed here"]);
    assert_eq!(everything(&site.path().join("out")), before);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    assert_eq!(revision(&site), 60);
}
