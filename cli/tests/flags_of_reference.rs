//! The flags of etcd-backup-restore 0.44 with their defaults, of the commands that run on: `server`, `snapshot`, `copy`. Those of
//! the others are in `surface.rs`, `initialize_surface.rs` and `compact/flags.rs`.

mod support;

use std::process::Command;

use support::Run;

const ETCD: &str = "--endpoints=http://127.0.0.1:2379 -e=http://127.0.0.1:2379 --service-endpoints= --etcd-username= --etcd-password= \
    --etcd-connection-timeout=30s --etcd-snapshot-timeout=15m --etcd-defrag-timeout=8m --insecure-transport=true \
    --insecure-skip-tls-verify=true --cert= --key= --cacert=";
const STORE: &str = "--storage-provider= --store-container= --store-prefix= --store-endpoint-override= \
    --max-parallel-chunk-uploads=5 --min-chunk-size=5242880 --snapstore-temp-directory=/tmp";
const SNAPSHOTTER: &str = "--schedule=@hourly -s=@hourly --delta-snapshot-period=20s --delta-snapshot-memory-limit=10485760 \
    --delta-snapshot-retention-period=0 --garbage-collection-period=1m --garbage-collection-policy=Exponential \
    --max-backups=7 -m=7 --compress-snapshots=true --compression-policy=gzip --defragmentation-schedule=@daily";
const BACKOFF: &str =
    "--backoff-multiplier=2 --backoff-attempt-limit=6 --backoff-threshold-time=128s";
const RESTORATION: &str = "--initial-cluster=default=http://localhost:2380 --initial-cluster-token=etcd-cluster \
    --data-dir=default.etcd -d=default.etcd --restoration-temp-snapshots-dir=default.restoration.tmp \
    --initial-advertise-peer-urls=http://localhost:2380 --name=default --skip-hash-check=false --max-fetchers=6 \
    --max-call-send-message-size=10485760 --max-request-bytes=10485760 --max-txn-ops=10240 \
    --embedded-etcd-quota-bytes=8589934592 --auto-compaction-mode=periodic --auto-compaction-retention=30m";
const SERVER: &str = "--config-file= --log-level=4 --server-port=8080 -p=8080 --enable-profiling=false --server-cert= --server-key= \
    --use-etcd-wrapper=false --etcd-connection-timeout-leader-election=5s --reelection-period=5s \
    --secondary-backup-sync-enabled=false --secondary-backup-sync-period=1h";
const HEALTH: &str = "--enable-snapshot-lease-renewal=false --enable-member-lease-renewal=false --k8s-heartbeat-duration=30s \
    --full-snapshot-lease-name=full-snapshot-revisions --delta-snapshot-lease-name=delta-snapshot-revisions";
const COPIER: &str = "--max-backups-to-copy=-1 --max-backup-age=-1 --max-parallel-copy-operations=10 \
    --wait-for-final-snapshot=false --wait-for-final-snapshot-timeout=0";

/// Which of the flags the command does not take: flags are read from left to right, and the last one nobody has.
fn is_taken(command: &str, flags: &[&str]) {
    let all = flags.join(" ");
    for flag in all.split_whitespace() {
        let mut run = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        run.env_clear().arg(command).args([flag, "--of-nobody"]);
        let run = Run::of(run);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(
            run.stderr.contains("'--of-nobody'"),
            "{flag}: {}",
            run.stderr
        );
    }
}

/// The same flags of another store.
fn of_another(prefix: &str) -> String {
    STORE.replace("--", &format!("--{prefix}-"))
}

#[test]
fn server_takes_every_flag_of_the_reference() {
    let second = of_another("secondary");
    let flags = [
        ETCD,
        STORE,
        SNAPSHOTTER,
        BACKOFF,
        RESTORATION,
        SERVER,
        HEALTH,
        &second,
    ];
    is_taken("server", &flags);
}

#[test]
fn snapshot_takes_every_flag_of_the_reference() {
    is_taken("snapshot", &[ETCD, STORE, SNAPSHOTTER, BACKOFF]);
}

#[test]
fn copy_takes_every_flag_of_the_reference() {
    is_taken("copy", &[STORE, &of_another("source"), COPIER]);
}
