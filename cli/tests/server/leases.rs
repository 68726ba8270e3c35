//! The leases of a real kube-apiserver, as etcd-druid reads them: nothing else tells it of members and backups.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use testkit::kube::{ApiServer, ServiceAccount};
use tokio::runtime::Runtime;

use crate::pod::{Cluster, Pod};
use crate::support::{Run, Site};

const FULL: &str = "etcd-main-full-snap";
const DELTA: &str = "etcd-main-delta-snap";
const MEMBER: &str = "etcd-main-0";

/// As etcd-druid 0.37 passes them; its member is renewed more often here.
const FLAGS: &[&str] = &[
    "--enable-snapshot-lease-renewal=true",
    "--full-snapshot-lease-name=etcd-main-full-snap",
    "--delta-snapshot-lease-name=etcd-main-delta-snap",
    "--enable-member-lease-renewal=true",
    "--k8s-heartbeat-duration=1s",
];

const ACCOUNT: ServiceAccount<'static> = ServiceAccount {
    namespace: "garden",
    name: "etcd-main",
};

/// An API server with what etcd-druid makes for an etcd, and what its pod is given.
struct Kube {
    runtime: Runtime,
    server: ApiServer,
    mounted: tempfile::TempDir,
}

impl Kube {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let mounted = tempfile::tempdir().unwrap();
        let server = runtime.block_on(async {
            let server = ApiServer::start("3.6.16").await.unwrap();
            server.make_account(ACCOUNT).await.unwrap();
            server
                .allow_leases(ACCOUNT, &["get", "patch"])
                .await
                .unwrap();
            for name in [FULL, DELTA, MEMBER] {
                server.make_lease(ACCOUNT.namespace, name).await.unwrap();
            }
            server.mount(ACCOUNT, mounted.path()).await.unwrap();
            server
        });
        Self {
            runtime,
            server,
            mounted,
        }
    }

    /// The environment of its pods.
    fn environment(&self) -> [(&'static str, String); 3] {
        let mounted: &Path = self.mounted.path();
        [
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1".to_owned()),
            ("KUBERNETES_SERVICE_PORT", self.server.port().to_string()),
            (
                "ETCDBRCTL_SERVICE_ACCOUNT_DIR",
                mounted.display().to_string(),
            ),
        ]
    }

    fn lease(&self, name: &str) -> Value {
        let lease = self.server.lease(ACCOUNT.namespace, name);
        self.runtime.block_on(lease).unwrap()
    }

    fn holder(&self, name: &str) -> Option<String> {
        self.lease(name)["spec"]["holderIdentity"]
            .as_str()
            .map(str::to_owned)
    }

    fn renewed(&self, name: &str) -> Timestamp {
        let lease = self.lease(name);
        lease["spec"]["renewTime"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

fn leading(kube: &Kube, cluster: &Cluster<'_>) -> Pod {
    let mut pod = cluster.prepared(1).remove(0);
    pod.environment.extend(kube.environment());
    pod.start_sidecar();
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    pod
}

/// etcd-druid reported a cluster whose backups were fine as one without any, since no lease was renewed.
#[test]
fn druid_sees_members_and_backups() {
    let (site, kube) = (Site::new(), Kube::start());
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: FLAGS,
    };
    let mut pod = leading(&kube, &cluster);
    let full = pod.json("GET", "/snapshot/full");
    let named = full["lastRevision"].to_string();
    pod.until("the full is told", |_| {
        kube.holder(FULL).as_ref() == Some(&named)
    });
    let created: Timestamp = full["createdOn"].as_str().unwrap().parse().unwrap();
    assert_eq!(kube.renewed(FULL), created);
    the_member_says_who_it_is(&kube, &pod);

    // Nothing is written: druid takes a lease that is not renewed for backups that fail.
    pod.until("it is told that there is no delta", |_| {
        kube.holder(DELTA).as_deref() == Some("0")
    });
    let before = kube.renewed(DELTA);
    pod.until("it is renewed all the same", |_| {
        kube.renewed(DELTA) > before
    });
    let written = pod.put("a", "1").to_string();
    pod.until("the delta is told", |_| {
        kube.holder(DELTA).as_ref() == Some(&written)
    });
    nothing_is_told_while_uploads_fail(&site, &kube, &pod);

    let compacted = the_job_tells_its_full(&site, &kube);
    assert_eq!(kube.holder(FULL), Some(compacted));
    assert_eq!(pod.stop_sidecar().code, Some(0), "{}", pod.log());
}

fn the_member_says_who_it_is(kube: &Kube, pod: &Pod) {
    let status = pod.etcd("maintenance/status", &serde_json::json!({}));
    let id = |key: &str| {
        let id: u64 = status["header"][key].as_str().unwrap().parse().unwrap();
        format!("{id:x}")
    };
    let meant = format!("{}:{}:Leader", id("member_id"), id("cluster_id"));
    pod.until("it is told who leads", |_| {
        kube.holder(MEMBER).as_ref() == Some(&meant)
    });
    let tls = "member.etcd.gardener.cloud/tls-enabled";
    assert_eq!(kube.lease(MEMBER)["metadata"]["annotations"][tls], "false");
    let before = kube.renewed(MEMBER);
    pod.until("it is renewed", |_| kube.renewed(MEMBER) > before);
}

/// The time of the lease is until when the store holds everything.
fn nothing_is_told_while_uploads_fail(site: &Site, kube: &Kube, pod: &Pod) {
    let (store, away) = (site.store(), site.path().join("away"));
    fs::rename(&store, &away).unwrap();
    fs::write(&store, "not a directory").unwrap();
    let written = pod.put("b", "2");
    pod.until("it fails", |pod| {
        pod.json("GET", "/status")["backups"]["failing"] != serde_json::json!([])
    });
    let (holder, renewed, member) = (
        kube.holder(DELTA),
        kube.renewed(DELTA),
        kube.renewed(MEMBER),
    );
    pod.until("the member is renewed twice", |_| {
        kube.renewed(MEMBER) > member + jiff::SignedDuration::from_secs(3)
    });
    assert_eq!((kube.holder(DELTA), kube.renewed(DELTA)), (holder, renewed));
    fs::remove_file(&store).unwrap();
    fs::rename(&away, &store).unwrap();
    let written = written.to_string();
    pod.until("the delta is told", |_| {
        kube.holder(DELTA).as_ref() == Some(&written)
    });
}

/// The Job of etcd-druid: the revision that it says.
fn the_job_tells_its_full(site: &Site, kube: &Kube) -> String {
    let mut job = site.command(
        "compact",
        &[
            "--enable-snapshot-lease-renewal=true",
            "--full-snapshot-lease-name=etcd-main-full-snap",
            "--delta-snapshot-lease-name=etcd-main-delta-snap",
            "-o",
            "json",
        ],
    );
    job.envs(kube.environment())
        .env("POD_NAMESPACE", ACCOUNT.namespace);
    let run = Run::of(job);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    report["revision"].to_string()
}

/// The API server is gone, or refuses: backups go on, and it is said once.
#[test]
fn backups_go_on_without_leases() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: FLAGS,
    };
    let pod = cluster.leading();
    let written = pod.put("a", "1");
    pod.until("it is stored", |pod| {
        pod.json("GET", "/status")["backups"]["restorable"]["revision"] == written
    });
    pod.until("it is said", |pod| {
        pod.log().contains("KUBERNETES_SERVICE_HOST is not set")
    });
    assert_eq!(pod.get("/healthz").unwrap().status, 200);
    let told = pod
        .log()
        .matches("the lease etcd-main-full-snap is not renewed")
        .count();
    assert_eq!(told, 1, "{}", pod.log());
}
