//! Certificates that have expired: it is told which, and a renewed one is taken by whoever runs.

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::certificates::{Certificates, Dates};
use crate::pod::{Cluster, Pod};
use crate::support::Site;

/// Why etcd does not answer, as `/status` tells it.
fn why(pod: &Pod) -> String {
    let failing = pod.json("GET", "/status")["backups"]["failing"].clone();
    let failing = failing.as_array().cloned().unwrap_or_default();
    let of_etcd = failing.into_iter().find(|one| one["what"] == "etcd");
    of_etcd
        .and_then(|one| one["why"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn tells(pod: &Pod, words: &[&str]) {
    pod.until("it is told why", |pod| {
        let why = why(pod);
        words.iter().all(|word| why.contains(word))
    });
}

/// A certificate of the sidecar that had expired: backups ended, and went on after a restart only.
#[test]
fn a_certificate_for_etcd_that_has_expired_is_told_and_a_renewed_one_is_taken() {
    let site = Site::new();
    let certificates = Certificates::new(&site);
    certificates.issue("client", Dates::Expired);
    let mut pods = Cluster::of(&site, "3.5.35").prepared(1);
    certificates.secure(&mut pods);
    let pod = &mut pods[0];
    pod.start_sidecar();
    pod.initialize("full");
    pod.start_etcd();
    tells(pod, &["our certificate has expired", "--cert"]);
    assert_eq!(pod.get("/healthz").unwrap().status, 503);
    certificates.issue("client", Dates::Valid);
    pod.leads();
    let full: Value = pod.json("POST", "/snapshot/full");
    assert_eq!(full["kind"], "Full");

    // The one of etcd itself.
    pod.kill_etcd();
    certificates.issue("etcd", Dates::Expired);
    pod.start_etcd();
    tells(pod, &["certificate expired"]);
    certificates.issue("etcd", Dates::Valid);
    pod.leads();
    let written = pod.put("a", "1");
    pod.until("it is stored", |pod| {
        pod.json("GET", "/status")["backups"]["restorable"]["revision"] == written
    });
}

/// The certificate that the sidecar shows had expired, and it did not know: etcd-wrapper reached nobody, and no log said why.
#[test]
fn a_certificate_of_the_sidecar_that_has_expired_is_told_and_a_renewed_one_is_taken() {
    let site = Site::new();
    let certificates = Certificates::new(&site);
    certificates.issue("sidecar", Dates::Expired);
    let mut pod = Cluster::of(&site, "3.5.35").prepared(1).remove(0);
    for (flag, kind) in [("--server-cert", "pem"), ("--server-key", "key")] {
        let path = certificates.path("sidecar", kind);
        pod.arguments.extend([flag.to_owned(), path]);
    }
    pod.launch_sidecar();
    let told = "the certificate of this server has expired at 2020-01-01T00:00:00Z";
    pod.until("it is told", |pod| pod.log().contains(told));
    assert!(pod.log().contains(&certificates.path("sidecar", "pem")));
    let ca = reqwest::Certificate::from_pem(certificates.ca().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]);
    let client = client.pool_max_idle_per_host(0).build().unwrap();
    let url = format!("https://{}:{}/livez", pod.place.ip, pod.port());
    let runtime = Runtime::new().unwrap();
    let answers = || runtime.block_on(client.get(&url).send()).is_ok();
    assert!(!answers());
    certificates.issue("sidecar", Dates::Valid);
    pod.until("the renewed one is shown", |_| answers());
    assert_eq!(pod.log().matches(told).count(), 1, "{}", pod.log());
}
