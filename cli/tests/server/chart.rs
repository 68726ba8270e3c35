//! Pods of the Helm chart `charts/etcdbrctl`: the command line, the variables and etcd's configuration that it renders, where only the paths
//! and the names are others that a cluster mounts and resolves.

use std::fs;

use serde_json::{Value, json};
use testkit::kube::{ApiServer, ServiceAccount};
use tokio::runtime::Runtime;

use crate::pod::{Cluster, Pod};
use crate::rendered::{RELEASE, arguments, collection, objects, of_the_program, only, pods};
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

/// What a text of the release is for a pod here.
struct Here {
    store: String,
    /// Of the members, in order.
    ips: Vec<String>,
}

impl Here {
    fn text(&self, text: &str, pod: &Pod) -> String {
        let ip = &pod.place.ip;
        let mut text = text
            .replace("/var/etcd/data", &pod.volume().display().to_string())
            .replace("/home/nonroot/etcd-bucket", &self.store)
            .replace("0.0.0.0", ip)
            .replace("main-etcd-local", ip)
            .replace("main-etcd-client", &self.ips[0]);
        for (number, ip) in self.ips.iter().enumerate() {
            let host = format!("main-etcd-{number}.main-etcd-peer.garden.svc");
            text = text.replace(&host, ip);
        }
        // Several pods share this machine.
        text.replace("--server-port=", &format!("--listen={ip}:"))
    }

    /// Makes a pod of ours one of the release.
    fn prepare(&self, pod: &mut Pod, number: usize, release: &[Value]) {
        pod.name = format!("main-etcd-{number}");
        let template = pods(release).remove(0);
        let container = of_the_program(&template)[0];
        let arguments = arguments(container);
        pod.arguments = arguments.iter().map(|one| self.text(one, pod)).collect();
        let variables = container["env"].as_array().unwrap();
        for variable in variables {
            let called = variable["name"].as_str().unwrap();
            let value = match &variable["valueFrom"]["fieldRef"]["fieldPath"] {
                Value::String(path) if path == "metadata.name" => pod.name.clone(),
                Value::String(_) => RELEASE.namespace.to_owned(),
                _ => self.text(variable["value"].as_str().unwrap(), pod),
            };
            let called: &'static str = String::leak(called.to_owned());
            pod.environment.retain(|(name, _)| *name != called);
            pod.environment.push((called, value));
        }
        let config = only(release, "ConfigMap")["data"]["etcd.conf.yaml"].as_str();
        let config = self.text(config.unwrap(), pod);
        // By which the tests ask it.
        pod.reconfigure(|_| format!("{config}enable-grpc-gateway: true\n"));
    }
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
    let here = Here {
        store: site.store().display().to_string(),
        ips: pods.iter().map(|pod| pod.place.ip.clone()).collect(),
    };
    for (number, pod) in pods.iter_mut().enumerate() {
        here.prepare(pod, number, &release);
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
    assert!(full["lastRevision"].as_i64() >= Some(written), "{full}");
    let stored = fs::read_dir(site.store().join("main-etcd/v2")).unwrap();
    assert!(stored.count() >= 1);
    let revision = full["lastRevision"].to_string();
    pods[0].until("the full is told", |_| {
        kube.holder("main-etcd-full-snap") == revision
    });
    for number in 0..members {
        pods[number].until("the member is told", |pod| {
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
