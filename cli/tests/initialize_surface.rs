//! What scripts see of `initialize`: its flags, and its JSON.

mod support;

use serde_json::Value;
use support::Site;
use support::initialized::{damage, initialize, outcome, restored, revision, validate};

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
        "action_taken",
        "data_dir",
        "deed",
        "dry_run",
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
    for flag in ["endpoints", "etcd-snapshot-timeout", "etcd-defrag-timeout"] {
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

/// The whole explanation was a WARN beside the document, also of a first restore of which nothing is lost.
#[test]
fn beside_the_document_a_loss_is_a_warning_and_nothing_lost_is_none() {
    let (site, _) = Site::with_history();
    let document = ["--output", "json"];
    let first = initialize(&site, &document);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let told = first
        .stderr
        .lines()
        .find(|line| line.contains("was restored"));
    assert!(told.unwrap().contains(" INFO "), "{}", first.stderr);

    // Its last delta is gone, and with it twenty revisions that the damaged member had.
    damage(&site);
    site.remove(&support::delta_name(
        41,
        60,
        testkit::backup::Compression::Gzip,
    ));
    let lossy = initialize(&site, &document);
    assert_eq!(lossy.code, Some(0), "{}", lossy.stderr);
    let told = lossy
        .stderr
        .lines()
        .find(|line| line.contains("was restored"));
    assert!(told.unwrap().contains(" WARN "), "{}", lossy.stderr);
}
