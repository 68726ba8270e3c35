//! Pods of the Helm chart `charts/etcdbrctl`: the command line, the variables and etcd's configuration that it renders, where only the paths
//! and the names are others that a cluster mounts and resolves.

use serde_json::{Value, json};
use testkit::kube::{ApiServer, ServiceAccount};
use tokio::runtime::Runtime;

use crate::kubelet::{Kubelet, restorable};
use crate::pod::{Cluster, Pod};
use crate::rendered::{RELEASE, collection, objects};
use crate::support::Site;

const ACCOUNT: ServiceAccount<'static> = ServiceAccount {
    namespace: RELEASE.namespace,
    name: "main-etcd",
};

/// What is rendered for so many members, on the ports of these pods.
fn release(members: usize, pod: &Pod, peer: u16) -> Vec<Value> {
    objects(&json!({
        "replicas": members,
        "servicePorts": {
            "etcd": {"client": pod.client_port(), "peer": peer},
            "etcdBackupRestore": {"server": pod.port()},
        },
        "backup": {
            "storageProvider": "Local", "local": {"claim": "backups"}, "deltaSnapshotPeriod": "1s",
            "leaderElection": {"etcdConnectionTimeout": "5s", "reelectionPeriod": "1s"},
        },
        "leases": {"enabled": true, "heartbeat": "1s"},
    }))
}

/// An API server that holds the release, and what its pods are given.
struct Kube {
    runtime: Runtime,
    api: ApiServer,
    mounted: tempfile::TempDir,
}

impl Kube {
    fn with(release: &[Value]) -> Self {
        let runtime = Runtime::new().unwrap();
        let mounted = tempfile::tempdir().unwrap();
        let api = runtime.block_on(async {
            let api = ApiServer::start("3.6.16").await.unwrap();
            let namespace = json!({"metadata": {"name": RELEASE.namespace}});
            api.make("/api/v1/namespaces", namespace).await.unwrap();
            for object in release {
                api.make(&collection(object), object.clone()).await.unwrap();
            }
            api.mount(ACCOUNT, mounted.path()).await.unwrap();
            api
        });
        Self {
            runtime,
            api,
            mounted,
        }
    }

    fn environment(&self) -> [(&'static str, String); 3] {
        let mounted = self.mounted.path().display().to_string();
        [
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1".to_owned()),
            ("KUBERNETES_SERVICE_PORT", self.api.port().to_string()),
            ("ETCDBRCTL_SERVICE_ACCOUNT_DIR", mounted),
        ]
    }

    fn holder(&self, lease: &str) -> String {
        let lease = self.api.lease(RELEASE.namespace, lease);
        let lease = self.runtime.block_on(lease).unwrap();
        let holder = lease["spec"]["holderIdentity"].as_str();
        holder.unwrap_or_default().to_owned()
    }
}

/// Members of the release, of which each has its etcd.
fn serving(site: &Site, members: usize) -> (Vec<Pod>, Kube) {
    let cluster = Cluster::of(site, "3.5.35");
    let mut pods = cluster.prepared(members);
    let release = release(members, &pods[0], testkit::port::free().unwrap());
    let kube = Kube::with(&release);
    let kubelet = Kubelet {
        release: &release,
        store: site.store().display().to_string(),
        ips: pods.iter().map(|pod| pod.place.ip.clone()).collect(),
    };
    for (number, pod) in pods.iter_mut().enumerate() {
        kubelet.prepare(pod, number);
        pod.environment.extend(kube.environment());
        pod.start_sidecar();
        assert_eq!(pod.get("/livez").unwrap().status, 200, "the probe");
        pod.initialize("full");
    }
    pods.iter_mut().for_each(Pod::launch_etcd);
    for pod in &pods {
        pod.until("etcd serves", Pod::etcd_is_healthy);
    }
    (pods, kube)
}

/// How many of them lead.
fn leading(pods: &[Pod]) -> usize {
    let leads = |pod: &&Pod| {
        pod.get("/healthz")
            .is_some_and(|answer| answer.status == 200)
    };
    pods.iter().filter(leads).count()
}

fn goes_on(members: usize) {
    let site = Site::new();
    let (mut pods, kube) = serving(&site, members);
    pods[0].until("one leads", |_| leading(&pods) == 1);
    let written = pods[0].put("a", "1");
    // A member that does not lead hands it on.
    let full = pods[members - 1].json("POST", "/snapshot/full");
    assert_eq!(restorable(&site), written);
    let revision = full["lastRevision"].to_string();
    pods[0].until("the full is told", |_| {
        kube.holder("main-etcd-full-snap") == revision
    });
    for (number, pod) in pods.iter().enumerate() {
        pod.until("the member is told", |pod| {
            let role = match pod.get("/healthz").unwrap().status {
                200 => ":Leader",
                _ => ":Member",
            };
            kube.holder(&format!("main-etcd-{number}")).ends_with(role)
        });
    }
    for pod in &mut pods {
        let run = pod.stop_sidecar();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for words in ["without effect", "is not renewed"] {
            assert!(!run.stderr.contains(words), "{words}: {}", run.stderr);
        }
    }
}

#[test]
fn one_member_serves_and_is_backed_up() {
    goes_on(1);
}

#[test]
fn three_members_serve_and_are_backed_up() {
    goes_on(3);
}
