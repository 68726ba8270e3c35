//! Members on which nothing is wrong, and which were called damaged or left behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::json;
use support::{Run, Site, contents};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

fn serving(data_dir: &Path, flags: &[String]) -> Etcd {
    let binary = oracles::etcd("3.5.35").unwrap();
    let start = || Etcd::serving(&binary, &Member::alone().unwrap(), data_dir, flags).ok();
    (0..3).find_map(|_| start()).unwrap()
}

fn on(site: &Site, verb: &str) -> Run {
    let data_dir = site.data_dir();
    site.run(verb, &["--data-dir", data_dir.to_str().unwrap()])
}

/// Its log lies elsewhere: it was called damaged, an old backup took its place, and the etcd replayed
/// all of its log on top of that.
#[test]
fn a_member_with_its_log_elsewhere_is_not_judged() {
    let (site, _) = Site::with_history();
    let elsewhere = site.path().join("log");
    let flag = format!("--wal-dir={}", elsewhere.display());
    let etcd = serving(&site.data_dir(), &[flag]);
    for count in 0..10_u32 {
        etcd.put(format!("key-{count}").as_bytes(), b"value")
            .unwrap();
    }
    drop(etcd);
    let before = contents(&site.data_dir());
    on(&site, "initialize").failed_with(&["--wal-dir", "member/wal"]);
    assert_eq!(contents(&site.data_dir()), before);
    // Nor where the directory of the log is there and empty, as under a volume that is not mounted.
    fs::create_dir(site.data_dir().join("member/wal")).unwrap();
    on(&site, "initialize").failed_with(&["not mounted", "member/wal"]);
    // Whoever knows that the log is lost says so.
    let member = site.data_dir().join("member");
    fs::rename(member, site.path().join("lost")).unwrap();
    let run = on(&site, "initialize");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.contains("Revision 60 was restored"),
        "{}",
        run.stdout
    );
}

/// A learner was counted as somebody who could bring the only voter up to date.
#[test]
fn a_voter_beside_a_learner_is_compared_with_its_backups() {
    let (site, _) = Site::with_history();
    let etcd = serving(&site.data_dir(), &[]);
    let learner = json!({"peerURLs": ["http://127.0.0.1:1"], "isLearner": true});
    etcd.ask("cluster/member/add", &learner, None).unwrap();
    etcd.put(b"key", b"value").unwrap();
    drop(etcd);
    let run = on(&site, "validate");
    assert_eq!(run.code, Some(14), "{}{}", run.stdout, run.stderr);
}
