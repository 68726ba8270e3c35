use std::fs;

use crate::run::{command, drilled, etcd, objects, script};
use crate::support::Run;
use crate::support::real_chain::RealChain;

#[test]
fn a_damaged_chain_is_named() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    let delta = objects(site, "v2", "Incr").pop().unwrap();
    let mut bytes = fs::read(&delta).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&delta, bytes).unwrap();
    let name = delta.file_name().unwrap().to_str().unwrap();
    let report = drilled(
        site,
        &["--etcd", &etcd("3.5.35"), "--report", "drill.json"],
        1,
    );
    assert_eq!(report["verdict"], "failed", "{report}");
    assert!(report["why"].as_str().unwrap().contains(name), "{report}");
    assert!(
        report["rto_ms"].is_null() && report["restored"].is_null(),
        "{report}"
    );
    assert!(site.path().join("drill.json").exists());
    let run = Run::of(command(site, &[]));
    assert_eq!(run.code, Some(1));
    for word in ["Drill failed", name, "hint: restore a state before it"] {
        assert!(run.stdout.contains(word), "no {word:?} in {}", run.stdout);
    }
}

#[test]
fn an_etcd_that_does_not_start_is_told_with_its_last_words() {
    let chain = RealChain::of("3.5.35");
    let ends = script(&chain.site, "echo 'panic: no such thing' >&2; exit 7");
    for (program, words) in [
        (
            ends.as_str(),
            &["exit status: 7", "no such thing", "--etcd"][..],
        ),
        (
            "no-etcd-of-this-name",
            &["cannot start no-etcd-of-this-name", "No such file"],
        ),
    ] {
        let run = Run::of(command(&chain.site, &["--etcd", program]));
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        for word in words {
            assert!(run.stdout.contains(word), "no {word:?} in {}", run.stdout);
        }
    }
    // A path that was mistyped is told before the restore, not after it.
    for (program, why) in [("/nowhere/etcd", "No such file"), ("/dev/null", "no file")] {
        let run = Run::of(command(&chain.site, &["--etcd", program]));
        run.failed_with(&["nothing was restored", program, why]);
    }
}

/// One that is older than the backup refuses to start on it, and only a restore in earnest would have shown it.
#[test]
fn an_etcd_that_is_older_than_the_backup_is_told() {
    let chain = RealChain::of("3.7.3");
    let report = drilled(&chain.site, &["--etcd", &etcd("3.6.16")], 1);
    let why = report["why"].as_str().unwrap();
    assert!(why.contains("does not start on what was restored"), "{why}");
    assert_eq!(report["restored"]["revision"], chain.ends[2], "{report}");
}

#[test]
fn an_etcd_that_never_serves_is_given_up() {
    let chain = RealChain::of("3.5.35");
    let sleeps = script(&chain.site, "exec sleep 600");
    let words = ["--etcd", &sleeps, "--etcd-start-timeout", "1s"];
    let report = drilled(&chain.site, &words, 1);
    let why = report["why"].as_str().unwrap();
    assert!(
        why.contains("does not serve what was restored within 1s"),
        "{why}"
    );
}

#[test]
fn a_live_cluster_that_does_not_answer_is_told() {
    let chain = RealChain::of("3.5.35");
    let nobody = format!("http://127.0.0.1:{}", testkit::port::free().unwrap());
    let report = drilled(&chain.site, &["--endpoints", &nobody], 1);
    let why = report["why"].as_str().unwrap();
    assert!(why.contains(&nobody), "{why}");
}

/// `--report /dev/null` put a file in the place of the device, and nothing else on the machine worked any more.
#[test]
fn a_report_replaces_nothing_but_a_file() {
    let chain = RealChain::of("3.5.35");
    let (link, real) = (
        chain.site.path().join("link"),
        chain.site.path().join("real"),
    );
    fs::write(&real, "precious").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let (log, free) = (
        chain.site.path().join("free.etcd.log"),
        chain.site.path().join("free"),
    );
    std::os::unix::fs::symlink(&real, &log).unwrap();
    let nowhere = chain.site.path().join("nowhere/report");
    for path in [&link, &free, &nowhere, &chain.site.store()] {
        let report = path.display().to_string();
        let run = Run::of(command(&chain.site, &["--report", &report]));
        run.failed_with(&["cannot write the report to", &report]);
    }
    assert!(link.is_symlink() && log.is_symlink() && !free.exists());
    assert_eq!(fs::read_to_string(&real).unwrap(), "precious");
}
