use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::pod::{Cluster, Pod};
use crate::support::{Site, contents};

/// A damaged member beside a store without backups was removed, and etcd started with nothing: a wrong prefix looks just
/// the same.
#[test]
fn a_damaged_member_without_backups_is_left_alone() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &["--store-prefix", "mistyped"],
    };
    let mut pod = cluster.alone();
    pod.initialize("full");
    pod.start_etcd();
    pod.put("a", "1");
    pod.kill_sidecar();
    pod.kill_etcd();
    fs::remove_dir_all(site.store()).unwrap();
    fs::create_dir_all(site.store().join("v2")).unwrap();
    let db = pod.data_dir().join("member/snap/db");
    let mut bytes = fs::read(&db).unwrap();
    bytes[4096..].fill(0x5a);
    fs::write(&db, bytes).unwrap();
    let before = contents(&pod.data_dir());
    pod.start_sidecar();
    pod.body("GET", "/initialization/start?mode=full");
    let why = |pod: &Pod| {
        let told = pod.json("GET", "/status")["initialization"]["lastError"].clone();
        told.as_str().map(str::to_owned)
    };
    pod.until("it has failed", |pod| why(pod).is_some());
    let why = why(&pod).unwrap();
    assert!(why.contains("the only copy"), "{why}");
    let refused = "\netcdbr_initialization_refused{reason=\"no_store\"} 1\n";
    let metrics = pod.body("GET", "/metrics");
    assert!(metrics.contains(refused), "{metrics}");
    assert_eq!(contents(&pod.data_dir()), before);
    // etcd-wrapper asks again, and must not be told that all is well.
    pod.until("it may be asked again", |pod| {
        let word = pod.body("GET", "/initialization/status");
        assert_ne!(word, "Successful");
        word == "New"
    });
}

/// A second start while etcd runs must not touch what etcd has open.
#[test]
fn a_directory_in_use_is_left_alone() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.6.16",
        flags: &["--lock-timeout", "1s"],
    };
    let mut pod = cluster.alone();
    pod.initialize("full");
    pod.start_etcd();
    let written = pod.put("a", "1");
    pod.body("POST", "/initialization/start?mode=full");
    pod.until("it is refused", |pod| {
        pod.json("GET", "/status")["initialization"]["lastError"].is_string()
    });
    assert!(pod.etcd_is_healthy());
    assert_eq!(pod.revision(), written);
}

/// Without etcd's configuration a member was restored as somebody else, and said to be a success.
#[test]
fn nobody_is_restored_whose_name_is_not_known() {
    let (site, _) = Site::with_history();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &["--etcd-conf", "/no/such.yaml"],
    };
    let pod = cluster.alone();
    pod.body("GET", "/initialization/start?mode=full");
    pod.until("it has failed", |pod| {
        let told = pod.json("GET", "/status")["initialization"]["lastError"].to_string();
        told.contains("/no/such.yaml")
    });
    assert!(!pod.data_dir().exists());
}

/// Whether it has begun to write, and is stopped there; else it is done already.
fn is_stopped_within_a_restore(pod: &Pod) -> bool {
    pod.body("GET", "/initialization/start?mode=full");
    let part = pod.volume().join("new.etcd.part/new/member");
    while !part.exists() && !pod.data_dir().exists() {}
    pod.signal_sidecar(Signal::STOP);
    part.exists()
}

fn newest_delta(site: &Site) -> PathBuf {
    let objects = fs::read_dir(site.store().join("v2")).unwrap();
    let objects = objects.map(|object| object.unwrap().path());
    let is_delta = |path: &PathBuf| path.to_str().unwrap().contains("Incr");
    let revision = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.split('-').nth(2).unwrap().to_owned()
    };
    objects.filter(is_delta).max_by_key(revision).unwrap()
}

/// A sidecar that was stopped in the middle of a restore, from a store that hangs, was killed by the kubelet; what it left is cleared
/// away by the next one, which restores all of it.
#[test]
fn a_restore_that_is_interrupted_begins_again() {
    for _ in 0..20 {
        let site = Site::with_backup("e35-gzip");
        let cluster = Cluster {
            site: &site,
            version: "3.5.35",
            flags: &["--max-fetchers", "1"],
        };
        let mut pod = cluster.alone();
        if !is_stopped_within_a_restore(&pod) {
            pod.signal_sidecar(Signal::CONT);
            continue;
        }
        let object = newest_delta(&site);
        let whole = fs::read(&object).unwrap();
        // Who opens a pipe that nobody writes to waits.
        fs::remove_file(&object).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(&object)
                .status()
                .unwrap()
                .success()
        );
        pod.signal_sidecar(Signal::CONT);
        let ended = pod.stop_sidecar();
        fs::remove_file(&object).unwrap();
        fs::write(&object, whole).unwrap();
        if pod.data_dir().join("member").exists() {
            // It had read that object before it was stopped.
            continue;
        }
        assert_eq!(ended.code, Some(0), "{ended:?}");
        pod.start_sidecar();
        pod.initialize("full");
        pod.start_etcd();
        assert_eq!(pod.revision(), site.restore(&[])["revision"]);
        return;
    }
    unreachable!("twenty restores ended before they heard a signal")
}

/// A member came back without its last revisions, and nothing but its log said so.
#[test]
fn what_a_restore_lost_is_told() {
    let site = Site::with_backup("e35-gzip");
    fs::write(newest_delta(&site), b"cut").unwrap();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &[],
    };
    let pod = cluster.alone();
    pod.initialize("full");
    let report = fs::read(pod.volume().join("new.etcd.initialized.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let (revisions, seconds) = (&report["loss"]["revisions"], &report["loss"]["seconds"]);
    assert!(revisions.as_i64() > Some(0), "{report}");
    let metrics = pod.body("GET", "/metrics");
    for (of, value) in [("revisions", revisions), ("seconds", seconds)] {
        let told = format!("\netcdbr_initialization_lost_{of} {value}\n");
        assert!(metrics.contains(&told), "{told}{metrics}");
    }
}

/// Before the first delta, and long before the next.
const ALL_IS_HELD: [&str; 2] = ["--delta-snapshot-period", "1h"];

/// What the sidecar had read of a member, and not stored yet, was dropped when its etcd had ended, or was stored after the
/// initialization had listed the backups: an acknowledged delta that nobody restored.
fn what_is_held_is_restored(when: impl Fn(&Pod)) {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &ALL_IS_HELD,
    };
    let mut pod = cluster.leading();
    pod.json("POST", "/snapshot/full");
    let mut written = 0;
    for number in 0..200 {
        written = pod.put("key", &number.to_string());
    }
    pod.until("it is read", |pod| {
        pod.json("GET", "/status")["backups"]["newest"]["revision"] == written
    });
    pod.kill_etcd();
    fs::remove_dir_all(pod.data_dir()).unwrap();
    when(&pod);
    pod.initialize("full");
    pod.start_etcd();
    assert_eq!(pod.revision(), written, "{}", pod.log());
    assert_eq!(pod.value("key").as_deref(), Some("199"));
    // And it is the same history that goes on.
    pod.leads();
    let written = pod.put("key", "200");
    pod.json("POST", "/snapshot/delta");
    let restored = site.restore(&[]);
    assert_eq!(restored["revision"], written);
    let begun = pod.log().matches("a lineage begins with a full").count();
    assert_eq!(begun, 1, "{}", pod.log());
}

#[test]
fn what_is_held_is_restored_at_once() {
    what_is_held_is_restored(|_| ());
}

#[test]
fn what_is_held_is_restored_after_etcd_was_missed() {
    what_is_held_is_restored(|pod| {
        pod.until("etcd is missed", |pod| {
            pod.log().contains("this member does not lead any more")
        });
    });
}
