use std::fs;
use std::process::Command;

use testkit::port;

use crate::pod::Cluster;
use crate::support::{Run, Site};

/// All that etcd-druid 0.37.1 passes (`component/statefulset/builder.go`), and what 0.41 had besides; the values that it
/// leaves empty are left empty.
const OF_DRUID: &[&str] = &[
    "--enable-snapshot-lease-renewal=true",
    "--full-snapshot-lease-name=etcd-main-full-snap",
    "--delta-snapshot-lease-name=etcd-main-delta-snap",
    "--store-prefix=",
    "--store-endpoint-override=",
    "--schedule=0 */24 * * *",
    "--delta-snapshot-period=5m",
    "--delta-snapshot-retention-period=360h0m0s",
    "--delta-snapshot-memory-limit=104857600",
    "--garbage-collection-policy=LimitBased",
    "--max-backups=7",
    "--garbage-collection-period=12h",
    "--compress-snapshots=true",
    "--compression-policy=gzip",
    "--etcd-snapshot-timeout=15m",
    "--defragmentation-schedule=0 0 */3 * 7",
    "--etcd-defrag-timeout=15m",
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=30m",
    "--insecure-transport=true",
    "--insecure-skip-tls-verify=true",
    "--restoration-temp-snapshots-dir=/var/etcd/data/restoration.temp",
    "--snapstore-temp-directory=/var/etcd/data/temp",
    "--etcd-connection-timeout=5m",
    "--use-etcd-wrapper=true",
    "--enable-member-lease-renewal=true",
    "--k8s-heartbeat-duration=10s",
    "--embedded-etcd-quota-bytes=8589934592",
    "--enable-profiling=true",
    "--etcd-connection-timeout-leader-election=5s",
    "--reelection-period=5s",
    "--enable-etcd-member-gc=true",
    "--k8s-member-gc-duration=1m",
    "--next-cluster-version-compatible=false",
    "--experimental-fail-below-revision=0",
];

#[test]
fn all_that_druid_passes_is_taken() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: OF_DRUID,
    };
    let mut pod = cluster.leading();
    let full = pod.json("GET", "/snapshot/full");
    assert_eq!(full["kind"], "Full");
    let run = pod.stop_sidecar();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    // It gives both of these where there is no TLS, and was told that flags of TLS count for nothing.
    assert!(!run.stderr.contains("flags of TLS"), "{}", run.stderr);
    // This is no pod, which is said and stops nothing.
    assert!(run.stderr.contains("is not set, as Kubernetes does it"));
}

/// gardener's log shipper takes lines of logrus apart, and dropped all of ours.
#[test]
fn each_line_is_one_that_the_log_shipper_takes_apart() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let mut pod = cluster.alone();
    pod.initialize("full");
    let run = pod.stop_sidecar();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for line in run.stderr.lines() {
        let rest = line
            .strip_prefix("time=\"")
            .unwrap_or_else(|| unreachable!("{line}"));
        let (time, rest) = rest.split_once("\" level=").unwrap();
        assert!(time.contains('T') && time.ends_with('Z'), "{line}");
        let (level, rest) = rest.split_once(" msg=\"").unwrap();
        assert!(["info", "warning", "error"].contains(&level), "{line}");
        assert!(rest.contains('"'), "{line}");
    }
}

/// The file of the reference's chart, with a flag that counts for more.
#[test]
fn a_file_says_what_flags_do_not() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let mut pod = cluster.alone();
    pod.kill_sidecar();
    let file = site.path().join("sidecar.yaml");
    let refused = port::free().unwrap();
    let text = format!(
        "etcdConnectionConfig:\n  connectionTimeout: 30s\n  colour: red\nserverConfig:\n  port: {refused}\n\
         snapshotterConfig:\n  schedule: \"@every 1h30m\"\n  deltaSnapshotPeriod: 10s\n"
    );
    fs::write(&file, text).unwrap();
    let mut command = pod.command();
    command.arg("--config-file").arg(&file);
    let help = |mut command: Command| {
        command.arg("--timeout=3s");
        Run::of(command)
    };
    let run = help(command);
    assert!(
        run.stderr.contains("etcdConnectionConfig.colour"),
        "{}",
        run.stderr
    );

    fs::write(&file, "snapshotterConfig: {deltaSnapshotPeriod: 10}\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .arg("server")
        .arg("--config-file")
        .arg(&file);
    let run = Run::of(command);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("--delta-snapshot-period"),
        "{}",
        run.stderr
    );
}

/// A port that is taken was found out when nobody answered.
#[test]
fn a_port_that_is_taken_is_an_error() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let pod = cluster.alone();
    let second = Run::of(pod.command());
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(
        second.stderr.contains("cannot listen on"),
        "{}",
        second.stderr
    );
}

/// What no second attempt changes was tried again for ever, or gave way to plain HTTP without a word.
#[test]
fn what_cannot_be_meant_is_refused_at_the_start() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let mut pod = cluster.alone();
    pod.kill_sidecar();
    let certificate = site.path().join("server.pem");
    fs::write(&certificate, "").unwrap();
    let certificate = certificate.to_str().unwrap();
    let (first, link) = (site.store(), site.path().join("link"));
    std::os::unix::fs::symlink(&first, &link).unwrap();
    let (round, link) = (first.join("../store"), link.to_str().unwrap());
    let second = |dir| {
        [
            "--secondary-backup-sync-enabled=true",
            "--secondary-storage-provider=Local",
            "--secondary-store-container",
            dir,
        ]
    };
    for (flags, told) in [
        (
            &second(round.to_str().unwrap())[..],
            "the second store: nothing was copied: source and destination are both",
        ),
        (&second(link), "source and destination are both"),
        (
            &["--server-cert", certificate],
            "--server-key belong together",
        ),
        (
            &["--server-key", certificate],
            "--server-key belong together",
        ),
        (&["--storage-provider=Nope"], "no storage provider \"Nope\""),
        (
            &["--secondary-backup-sync-enabled=true"],
            "--secondary-storage-provider",
        ),
        (
            &[
                "--secondary-backup-sync-enabled",
                "--secondary-storage-provider=Nope",
            ],
            "no storage provider \"Nope\"",
        ),
    ] {
        let mut command = pod.command();
        command.args(flags);
        let run = Run::of(command);
        assert_eq!(run.code, Some(1), "{flags:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(&told.replace('"', "\\\"")) || run.stderr.contains(told),
            "{}",
            run.stderr
        );
    }
}
