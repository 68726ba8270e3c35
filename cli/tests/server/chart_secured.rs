//! Three members of the Helm chart with TLS everywhere: for clients, among members and for the sidecars, each by a CA of its own.

use reqwest::{Certificate, Client, Identity, Method};
use serde_json::{Value, json};
use testkit::port;
use testkit::proxy::{Authority, Identity as Issued};
use tokio::runtime::Runtime;

use crate::kubelet::{Kubelet, restorable};
use crate::pod::{Cluster, Pod};
use crate::rendered::objects;
use crate::support::Site;

/// The addresses that stand for the names of the cluster here.
const NAMES: [&str; 3] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

fn pair(of: &Issued) -> Value {
    json!({"crt": of.pem(), "key": of.key_pem()})
}

/// Who asks: over TLS, and at etcd with a certificate.
struct Clients {
    runtime: Runtime,
    of_sidecars: Client,
    of_etcd: Client,
}

/// Values with certificates, and who trusts those who have signed them.
fn certificates() -> (Value, Clients) {
    let [etcd, peers, sidecars] = [(); 3].map(|()| Authority::new().unwrap());
    let issue = |by: &Authority| by.identity(&NAMES).unwrap();
    let client = issue(&etcd);
    let values = json!({
        "etcd": {
            "ca": etcd.pem(), "server": pair(&issue(&etcd)), "client": pair(&client),
            "peer": {"ca": peers.pem(), "server": pair(&issue(&peers))},
        },
        "etcdBackupRestore": {"ca": sidecars.pem(), "server": pair(&issue(&sidecars))},
    });
    let trusting = |authority: &Authority| {
        let ca = Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        Client::builder().no_proxy().tls_certs_only([ca])
    };
    let shown = [client.key_pem(), client.pem()].concat();
    let shown = Identity::from_pem(shown.as_bytes()).unwrap();
    let clients = Clients {
        runtime: Runtime::new().unwrap(),
        of_sidecars: trusting(&sidecars).build().unwrap(),
        of_etcd: trusting(&etcd).identity(shown).build().unwrap(),
    };
    (values, clients)
}

impl Clients {
    /// Status and body; `None` where nobody answers whom they trust.
    fn ask(&self, by: &Client, method: Method, url: &str, body: &Value) -> Option<(u16, String)> {
        let asked = by.request(method, url).body(body.to_string());
        self.runtime.block_on(async {
            let answer = asked.send().await.ok()?;
            Some((answer.status().as_u16(), answer.text().await.ok()?))
        })
    }

    fn sidecar(&self, pod: &Pod, method: Method, path: &str) -> Option<(u16, String)> {
        let url = format!("https://{}:{}{path}", pod.place.ip, pod.port());
        self.ask(&self.of_sidecars, method, &url, &Value::Null)
    }

    /// What it answers, which must be 200.
    fn body(&self, pod: &Pod, method: Method, path: &str) -> String {
        let (status, body) = self.sidecar(pod, method, path).unwrap();
        assert_eq!(status, 200, "{path}: {body}\n{}", pod.log());
        body
    }

    fn etcd(&self, pod: &Pod, method: Method, path: &str, body: &Value) -> Option<(u16, String)> {
        let url = format!("https://{}:{}{path}", pod.place.ip, pod.client_port());
        self.ask(&self.of_etcd, method, &url, body)
    }

    fn leads(&self, pod: &Pod) -> bool {
        let asked = self.sidecar(pod, Method::GET, "/healthz");
        asked.is_some_and(|(status, _)| status == 200)
    }
}

fn prepared(site: &Site, tls: &Value) -> Vec<Pod> {
    let mut pods = Cluster::of(site, "3.5.35").prepared(NAMES.len());
    let release = objects(&json!({
        "replicas": pods.len(),
        "servicePorts": {
            "etcd": {"client": pods[0].client_port(), "peer": port::free().unwrap()},
            "etcdBackupRestore": {"server": pods[0].port()},
        },
        "backup": {"storageProvider": "Local", "local": {"claim": "backups"}, "leaderElection": {"etcdConnectionTimeout": "5s", "reelectionPeriod": "1s"}},
        "leases": {"enabled": false, "heartbeat": "10s"},
        "tls": tls,
    }));
    let kubelet = Kubelet {
        release: &release,
        store: site.store().display().to_string(),
        ips: NAMES.map(str::to_owned).to_vec(),
    };
    for (number, pod) in pods.iter_mut().enumerate() {
        kubelet.prepare(pod, number);
    }
    pods
}

/// A certificate that one container mounts and the other needs, or a scheme that one of them takes for another, shows when nobody serves.
#[test]
fn members_with_tls_everywhere_serve_and_are_backed_up() {
    let site = Site::new();
    let (tls, clients) = certificates();
    let mut pods = prepared(&site, &tls);
    for pod in &mut pods {
        pod.launch_sidecar();
        pod.until("the sidecar answers", |pod| {
            clients.sidecar(pod, Method::GET, "/livez").is_some()
        });
        clients.body(pod, Method::GET, "/initialization/start?mode=full");
        pod.until("it is initialized", |pod| {
            clients.body(pod, Method::GET, "/initialization/status") == "Successful"
        });
        let config = clients.body(pod, Method::GET, "/config");
        pod.launch_etcd_with(&config);
    }
    for pod in &pods {
        pod.until("etcd serves", |pod| {
            let asked = clients.etcd(pod, Method::GET, "/health", &Value::Null);
            asked.is_some_and(|(_, body)| body.contains("true"))
        });
    }
    pods[0].until("one leads", |_| {
        pods.iter().filter(|pod| clients.leads(pod)).count() == 1
    });
    // "a": "1".
    let written = json!({"key": "YQ==", "value": "MQ=="});
    let put = clients.etcd(&pods[0], Method::POST, "/v3/kv/put", &written);
    let (status, answer) = put.unwrap();
    assert_eq!(status, 200, "{answer}");
    // One that does not lead hands it on, over TLS too.
    for pod in &pods {
        clients.body(pod, Method::POST, "/snapshot/full");
    }
    assert_eq!(restorable(&site), 2);
    for pod in &mut pods {
        let run = pod.stop_sidecar();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(!run.stderr.contains("without effect"), "{}", run.stderr);
    }
}
