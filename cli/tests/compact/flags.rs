//! The flags of the reference, and the Job that passes them.

use std::fs;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::run::compacted;
use crate::support::{Run, Site, signal};

/// The arguments with which etcd-druid 0.37 starts its Job (`controller/compaction/reconciler.go`).
#[test]
fn the_job_of_druid_runs_as_it_is() {
    let (site, _) = Site::with_history();
    let temp = site.path().join("data/tmp");
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().current_dir(site.path()).args([
        "compact",
        "--data-dir=/var/etcd/data/compaction.etcd",
        "--restoration-temp-snapshots-dir=/var/etcd/data/compaction.restoration.temp",
        &format!("--snapstore-temp-directory={}", temp.display()),
        "--metrics-scrape-wait-duration=1s",
        "--enable-snapshot-lease-renewal=true",
        "--full-snapshot-lease-name=main-full-snap",
        "--delta-snapshot-lease-name=main-delta-snap",
        "--embedded-etcd-quota-bytes=8589934592",
        "--etcd-defrag-timeout=15m0s",
        "--etcd-snapshot-timeout=15m0s",
        "--storage-provider=Local",
        "--store-prefix=",
        &format!("--store-container={}", site.store().display()),
    ]);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("Compacted to v2/Full-00000000-00000060-"),
        "{}",
        run.stdout
    );
    for words in [
        "the lease main-full-snap is not renewed: KUBERNETES_SERVICE_HOST is not set",
        "without effect here",
    ] {
        assert!(run.stderr.contains(words), "no {words:?} in {}", run.stderr);
    }
    // Made since it was not there, and nothing was left in it.
    assert_eq!(fs::read_dir(&temp).unwrap().count(), 0);
    assert_eq!(site.restore(&[])["compact_revision"], 60);
}

/// Every flag of the reference with its default, as a pod may spell it out.
#[test]
fn every_flag_of_the_reference_takes_its_default() {
    let (site, _) = Site::with_history();
    let flags = [
        "--storage-provider=",
        "--store-prefix=",
        "--max-parallel-chunk-uploads=5",
        "--min-chunk-size=5242880",
        "--snapstore-temp-directory=/tmp",
        "--initial-cluster=default=http://localhost:2380",
        "--initial-cluster-token=etcd-cluster",
        "--data-dir=default.etcd",
        "--restoration-temp-snapshots-dir=default.restoration.tmp",
        "--initial-advertise-peer-urls=http://localhost:2380",
        "--name=default",
        "--skip-hash-check=false",
        "--max-fetchers=6",
        "--max-call-send-message-size=10485760",
        "--max-request-bytes=10485760",
        "--max-txn-ops=10240",
        "--embedded-etcd-quota-bytes=8589934592",
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=30m",
        "--defragment=true",
        "--etcd-snapshot-timeout=30m",
        "--etcd-defrag-timeout=8m",
        "--full-snapshot-lease-name=full-snapshot-revisions",
        "--delta-snapshot-lease-name=delta-snapshot-revisions",
        "--enable-snapshot-lease-renewal=false",
        "--metrics-scrape-wait-duration=0s",
    ];
    let help = site.run("compact", &["--help"]).stdout;
    for flag in flags {
        let (name, _) = flag.split_once('=').unwrap();
        assert!(help.contains(name), "no {name}");
    }
    let report = compacted(&site, &flags);
    assert_eq!(report["revision"], 60);
}

/// It waits so that metrics can be read, and no longer than somebody lets it.
#[test]
fn a_signal_ends_the_waiting_and_no_more() {
    let (site, _) = Site::with_history();
    let mut command = site.command("compact", &["--metrics-scrape-wait-duration", "10m"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = String::new();
    let mut log = std::io::BufReader::new(child.stderr.take().unwrap());
    while !heard.contains("--metrics-scrape-wait-duration") {
        let read = std::io::BufRead::read_line(&mut log, &mut heard).unwrap();
        assert!(read > 0, "{heard}");
    }
    signal(&child, Signal::TERM);
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{heard}");
    assert!(run.stdout.contains("Compacted to"), "{}", run.stdout);
}
