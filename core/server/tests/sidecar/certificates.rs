//! TLS: certificates that are replaced while the server runs, and those of clients.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client, Identity};
use server::{TlsFiles, TriggerAccess};

use crate::client::said;
use crate::world::{LONG, Plan, Sidecar};

/// The name by which etcd-wrapper asks: a host alias of the pod.
const NAME: &str = "etcd-main-local";

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        Self { issuer }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Certificate and key in PEM.
    pub(crate) fn issue(&self, names: &[&str]) -> (String, String) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// Writes a pair for the server.
    pub(crate) fn equip(&self, room: &Path) -> TlsFiles {
        let files = TlsFiles {
            certificate: room.join("tls.crt"),
            key: room.join("tls.key"),
        };
        let (certificate, key) = self.issue(&[NAME, "localhost"]);
        std::fs::write(&files.certificate, certificate).unwrap();
        std::fs::write(&files.key, key).unwrap();
        files
    }
}

/// As etcd-wrapper: a CA, a name, and no certificate of its own.
fn trusting(ca: &Authority, address: SocketAddr) -> Client {
    let ca = Certificate::from_pem(ca.pem().as_bytes()).unwrap();
    let builder = Client::builder().no_proxy().tls_certs_only([ca]);
    // Each request makes a connection, and sees the certificate of now.
    let builder = builder.pool_max_idle_per_host(0);
    builder.resolve(NAME, address).build().unwrap()
}

fn url(sidecar: &Sidecar, path: &str) -> String {
    format!("https://{NAME}:{}{path}", sidecar.address.port())
}

fn secure(authority: &Authority) -> Plan {
    let mut plan = Plan::new();
    plan.settings.tls = Some(authority.equip(plan.room.path()));
    plan.settings.limits.poll_certificates = Duration::from_millis(20);
    plan
}

#[tokio::test]
async fn a_wrapper_asks_over_tls() {
    let authority = Authority::new();
    let mut sidecar = secure(&authority).start().await;
    let client = trusting(&authority, sidecar.address);
    let get = |path: &str| client.get(url(&sidecar, path)).send();
    let response = get("/initialization/status").await.unwrap();
    let headers = response.headers().clone();
    assert_eq!(headers["strict-transport-security"], "max-age=31536000");
    assert_eq!(headers["content-security-policy"], "default-src 'self'");
    assert_eq!(response.text().await.unwrap(), "New");
    // As in the reference.
    for path in ["/config", "/metrics"] {
        let response = get(path).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(
            !response.headers().contains_key("strict-transport-security"),
            "{path}"
        );
    }
    assert_eq!(
        said(get("/initialization/start").await).await,
        (200, String::new())
    );
    sidecar.initializing().await.end.send(Ok(())).unwrap();
    let other = trusting(&Authority::new(), sidecar.address);
    assert!(other.get(url(&sidecar, "/healthz")).send().await.is_err());
    // Plain HTTP at this port is no answer.
    assert!(reqwest::get(sidecar.url("/healthz")).await.is_err());
}

async fn until_trusted(client: &Client, address: String) {
    let trusted = async {
        while client.get(&address).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    assert!(
        tokio::time::timeout(LONG, trusted).await.is_ok(),
        "it never is"
    );
}

/// The reference reads its certificate once: when it had expired, the sidecar was reached by nobody.
#[tokio::test]
async fn a_certificate_is_replaced_while_it_runs() {
    let (old, new) = (Authority::new(), Authority::new());
    let sidecar = secure(&old).start().await;
    let address = url(&sidecar, "/livez");
    let (by_old, by_new) = (
        trusting(&old, sidecar.address),
        trusting(&new, sidecar.address),
    );
    assert!(by_old.get(&address).send().await.is_ok());
    assert!(by_new.get(&address).send().await.is_err());
    // A secret of Kubernetes: a link that is turned.
    new.equip(sidecar.room.path());
    until_trusted(&by_new, address.clone()).await;
    assert!(by_old.get(&address).send().await.is_err());
}

#[tokio::test]
async fn a_pair_that_is_none_is_told_at_the_start() {
    let authority = Authority::new();
    let plan = secure(&authority);
    let files = plan.settings.tls.clone().unwrap();
    let (_, other) = authority.issue(&[NAME]);
    std::fs::write(&files.key, other).unwrap();
    let ports = crate::world::ports();
    let metrics = std::sync::Arc::new(server::Metrics::new(ports.now.clone()).unwrap());
    let error = server::Server::bind(plan.settings, ports, metrics)
        .await
        .err()
        .unwrap();
    let error = error.to_string();
    assert!(
        error.contains("tls.crt") && error.contains("no use with its key"),
        "{error}"
    );
    assert!(!error.contains("PRIVATE"), "{error}");
}

#[tokio::test]
async fn triggers_can_ask_for_a_certificate() {
    let (authority, callers) = (Authority::new(), Authority::new());
    let mut plan = secure(&authority);
    let ca = plan.room.path().join("callers.pem");
    std::fs::write(&ca, callers.pem()).unwrap();
    plan.settings.triggers = TriggerAccess::ClientCa(ca);
    let mut sidecar = plan.start().await;
    let nobody = trusting(&authority, sidecar.address);
    let address = url(&sidecar, "/snapshot/full");
    assert_eq!(said(nobody.post(&address).send().await).await.0, 401);
    // Everything else needs none, as etcd-wrapper has none.
    let status = url(&sidecar, "/initialization/status");
    assert_eq!(said(nobody.get(status).send().await).await.0, 200);
    let (certificate, key) = callers.issue(&["druid"]);
    let root = Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let druid = Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .identity(Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap())
        .resolve(NAME, sidecar.address)
        .build()
        .unwrap();
    let answer = tokio::spawn(async move { said(druid.post(&address).send().await).await });
    sidecar.taking().await.done(7);
    assert_eq!(answer.await.unwrap().0, 200);
}

/// A handshake that does not come holds no place.
#[tokio::test]
async fn a_handshake_is_not_waited_for() {
    let authority = Authority::new();
    let mut plan = secure(&authority);
    plan.settings.limits.header_timeout = Duration::from_millis(100);
    let sidecar = plan.start().await;
    let mut silent = sidecar.connect().await;
    assert_eq!(crate::client::until_closed(&mut silent).await, "");
}
