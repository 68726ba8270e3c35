//! The Jobs of etcd-druid 0.37.1, with the very arguments, variables and files that it gives them (`controller/compaction/reconciler.go`,
//! `controller/etcdcopybackupstask/reconciler.go`), on backups of a real etcd in MinIO. Only what Kubernetes mounts lies elsewhere. They get
//! no HOME.
//!
//! `compact/flags.rs` and `copy/flags.rs` have both on directories.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod servers;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::Arc;

use libtest_mimic::Arguments;
use serde_json::Value;
use servers::{Commands, same, server, trial};
use testkit::etcd::Etcd;
use testkit::kube::{ApiServer, ServiceAccount};
use testkit::oracles;
use testkit::stores::{self, Place};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = Arc::new(Runtime::new().unwrap());
    let minio = Some(stores::s3::VARIABLE);
    let mut trials = Vec::new();
    for (name, test) in [
        (
            "the_compaction_runs_as_druid_starts_it",
            the_compaction_runs_as_druid_starts_it as fn(&Runtime) -> _,
        ),
        (
            "the_copy_runs_as_druid_starts_it",
            the_copy_runs_as_druid_starts_it,
        ),
    ] {
        trials.push(trial("s3", name, minio, &runtime, test));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What druid's Role allows of leases.
const VERBS: [&str; 5] = ["get", "list", "patch", "update", "watch"];

const ACCOUNT: ServiceAccount<'static> = ServiceAccount {
    namespace: "shoot--a--b",
    name: "etcd-main",
};

/// The directory that is mounted with the credentials.
fn secret(place: &Place) -> &str {
    let (variable, directory) = &place.variables[0];
    assert_eq!(*variable, "AWS_APPLICATION_CREDENTIALS");
    directory
}

/// An etcd with a full and a delta in this store: the revision that they lead to.
fn backed_up(etcd: &Etcd, store: &Commands) -> i64 {
    let endpoint = ["--endpoints", etcd.client_url()];
    etcd.until_its_version_is_stored().unwrap();
    for number in 0..200 {
        let key = format!("/registry/configmaps/shop/{}", number % 40);
        etcd.put(key.as_bytes(), format!("value {number}").as_bytes())
            .unwrap();
    }
    store.report(&[&["snapshot", "--once"], &endpoint[..]].concat());
    let last = etcd.put(b"/registry/secrets/shop/card", b"4711").unwrap();
    store.report(&[&["snapshot", "delta"], &endpoint[..]].concat());
    last
}

fn prefix(of: &str) -> String {
    format!("shoot--a--b--{:016x}/{of}", fastrand::u64(..))
}

/// An API server with the leases of an etcd, and the token of its service account in `mounted`.
async fn kube(mounted: &Path) -> ApiServer {
    let api = ApiServer::start("3.6.16").await.unwrap();
    api.make_account(ACCOUNT).await.unwrap();
    api.allow_leases(ACCOUNT, &VERBS).await.unwrap();
    for lease in ["etcd-main-full-snap", "etcd-main-delta-snap"] {
        api.make_lease(ACCOUNT.namespace, lease).await.unwrap();
    }
    api.mount(ACCOUNT, mounted).await.unwrap();
    api
}

fn the_compaction_runs_as_druid_starts_it(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let (container, prefix) = (server.place.container, prefix("etcd-main"));
    let store = Commands::of_place(&server.place, prefix.clone());
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let last = backed_up(&etcd, &store);
    let mounted = tempfile::tempdir().unwrap();
    let api = runtime.block_on(kube(mounted.path()));
    let volume = room.path().join("var/etcd/data").display().to_string();
    let mut job = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    job.env_clear().current_dir("/").args([
        "compact",
        &format!("--data-dir={volume}/compaction.etcd"),
        &format!("--restoration-temp-snapshots-dir={volume}/compaction.restoration.temp"),
        &format!("--snapstore-temp-directory={volume}/tmp"),
        "--metrics-scrape-wait-duration=1s",
        "--enable-snapshot-lease-renewal=true",
        "--full-snapshot-lease-name=etcd-main-full-snap",
        "--delta-snapshot-lease-name=etcd-main-delta-snap",
        "--embedded-etcd-quota-bytes=8589934592",
        "--etcd-defrag-timeout=15m0s",
        "--etcd-snapshot-timeout=15m0s",
        "--storage-provider=S3",
        &format!("--store-prefix={prefix}"),
        &format!("--store-container={container}"),
    ]);
    // As GetBackupRestoreContainerEnvVars of druid's `utils/store.go` has them; the last three are what Kubernetes gives each pod.
    job.envs([
        ("POD_NAME", "etcd-main-compactor-abcde"),
        ("POD_NAMESPACE", ACCOUNT.namespace),
        ("STORAGE_CONTAINER", container),
        ("AWS_APPLICATION_CREDENTIALS", secret(&server.place)),
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("KUBERNETES_SERVICE_PORT", &api.port().to_string()),
        (
            "ETCDBRCTL_SERVICE_ACCOUNT_DIR",
            mounted.path().to_str().unwrap(),
        ),
    ]);
    // It makes its directories in an empty volume.
    std::fs::create_dir_all(&volume).unwrap();
    ended_well(&job.output().unwrap())?;

    let lease = runtime.block_on(api.lease(ACCOUNT.namespace, "etcd-main-full-snap"));
    let holder = lease.unwrap()["spec"]["holderIdentity"].clone();
    same("what druid reads", &holder, &last.to_string().into())?;
    let verified = store.report(&["verify"]);
    same("the revision", &verified["revision"], &last.into())?;
    same("one object", &verified["deltas"], &serde_json::json!([]))?;
    let endpoint = ["--endpoints", etcd.client_url()];
    let revision = last.to_string();
    let differs = store.report(&[&["diff", &revision, "live"], &endpoint[..]].concat());
    for kind in ["added", "changed", "removed"] {
        same(kind, &differs["counts"][kind], &0.into())?;
    }
    Ok(())
}

/// A control plane moves: druid starts the Job at the destination before the last full of the source is there.
fn the_copy_runs_as_druid_starts_it(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let (container, from, to) = (server.place.container, prefix("from"), prefix("to"));
    let endpoint = server.proxy.url();
    let source = Commands::of_place(&server.place, from.clone());
    let destination = Commands::of_place(&server.place, to.clone());
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let last = backed_up(&etcd, &source);
    let mut job = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    job.env_clear().current_dir("/").args([
        "copy",
        "--snapstore-temp-directory=/home/nonroot/data/tmp",
        "--storage-provider=S3",
        &format!("--store-prefix={to}"),
        &format!("--store-container={container}"),
        &format!("--store-endpoint-override={endpoint}"),
        "--source-storage-provider=S3",
        &format!("--source-store-prefix={from}"),
        &format!("--source-store-container={container}"),
        &format!("--source-store-endpoint-override={endpoint}"),
        "--max-backup-age=14",
        "--max-backups-to-copy=1",
        "--wait-for-final-snapshot=true",
        "--wait-for-final-snapshot-timeout=1h0m0s",
    ]);
    job.envs([
        ("SOURCE_STORAGE_CONTAINER", container),
        ("SOURCE_AWS_APPLICATION_CREDENTIALS", secret(&server.place)),
        ("STORAGE_CONTAINER", container),
        ("AWS_APPLICATION_CREDENTIALS", secret(&server.place)),
    ]);
    let job = Waiting::started(job);
    let endpoint = ["--endpoints", etcd.client_url()];
    let full = source.report(&[&["snapshot", "--once", "--final"], &endpoint[..]].concat());
    let name = full["full"]["key"].as_str().unwrap();
    same(name, &name.ends_with(".final"), &true)?;
    ended_well(&job.output())?;

    let listed = destination.report(&["list"]);
    let chains = listed["chains"].as_array().unwrap();
    same("chains", &chains.len(), &1)?;
    let copied = chains[0]["full"]["name"].clone();
    same(
        "it goes on there",
        &copied,
        &name.trim_end_matches(".final").into(),
    )?;
    let restored = destination.restore(&room.path().join("restored"));
    let hash = etcd.hash_kv(0).unwrap();
    same("the hash", &restored, &Value::from(hash.hash))?;
    same(
        "the revision",
        &destination.report(&["verify"])["revision"],
        &last.into(),
    )
}

/// A Job that waits for the last full of its source. It is killed when it is dropped before its end.
struct Waiting(Option<Child>);

impl Waiting {
    /// Started, and it says itself that it waits.
    fn started(mut job: Command) -> Self {
        let child = job.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut waiting = Self(Some(child.unwrap()));
        let log = waiting.0.as_mut().unwrap().stderr.as_mut().unwrap();
        // Byte by byte: what comes after it is read with the output.
        let mut log = BufReader::with_capacity(1, log);
        let mut heard = String::new();
        while !heard.contains("waiting for a final full") {
            let read = log.read_line(&mut heard).unwrap();
            assert!(read > 0, "{heard}");
        }
        waiting
    }

    fn output(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ended_well(output: &Output) -> Result<(), String> {
    let told = String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned();
    same(&told, &output.status.code(), &Some(0))
}
