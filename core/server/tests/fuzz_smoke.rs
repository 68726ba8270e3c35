//! The bodies of the fuzz targets over a fixed number of mutated seeds, on stable Rust.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop"
)]

#[path = "../fuzz/bodies.rs"]
mod bodies;
#[path = "../fuzz/sidecar.rs"]
mod sidecar;

use fastrand::Rng;
use testkit::mutated::mutated;

const CONFIGS: u64 = 20_000;
const REQUESTS: u64 = 6_000;

/// As etcd-druid writes it, as the chart does, and what YAML can do besides.
const DOCUMENTS: [&str; 3] = [
    "name: etcd-config\ndata-dir: /var/etcd/data/new.etcd\nquota-backend-bytes: 8589934592\ninitial-cluster-token: etcd-cluster\n\
     initial-cluster-state: new\ninitial-cluster: etcd-main-0=http://etcd-main-0.svc:2380,etcd-main-1=http://localhost:2380\n\
     initial-advertise-peer-urls:\n  etcd-main-0:\n  - http://etcd-main-0.svc:2380\n  etcd-main-1:\n  - http://localhost:2380\n\
     advertise-client-urls:\n  etcd-main-0:\n  - http://etcd-main-0.svc:2379\n  etcd-main-1:\n  - http://localhost:2379\n\
     client-transport-security: {cert-file: a, key: hunter2}\n",
    "initial-advertise-peer-urls: http://0.0.0.0:2380\nadvertise-client-urls: [http://a:1, http://b:2]\n\
     initial-cluster: etcd=http://0.0.0.0:2380\nmember-name-prefix: blue\n",
    "a: &a [1, 2.5, ~, yes]\nb: *a\n\"c d\": |\n  text\n  more\ne: !!str 7\n? f\n: 'g''h'\n<<: {i: 0x1f}\n",
];

const YAML: [&str; 18] = [
    ": ",
    "\n- ",
    "\n  ",
    "&a ",
    "*a",
    "{",
    "}",
    "[",
    "]",
    "|\n",
    "---\n",
    "!!binary ",
    "\t",
    "\u{0}",
    "\u{2028}",
    "9223372036854775808",
    "name: etcd-main-1\n",
    "initial-cluster: ",
];

/// What etcd-wrapper, etcd-druid, Prometheus and a browser send.
const ASKED: [&str; 9] = [
    "GET /initialization/start?mode=full HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET /initialization/start?mode=sanity&failBelowRevision=7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET /initialization/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET /snapshot/full?final=true HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n",
    "POST /snapshot/delta HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n{\"a\":",
    "GET /snapshot/latest HTTP/1.0\r\n\r\n",
    "GET /config HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST /snapshot/full HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
];

const WORDS: [&str; 18] = [
    "\r\n",
    "\r\n\r\n",
    "?final=",
    "&final=maybe",
    "%00",
    "%2e%2e/",
    "%ff",
    "..//",
    "HTTP/2.0",
    "OPTIONS ",
    "Content-Length: 18446744073709551616\r\n",
    "Transfer-Encoding: chunked\r\n",
    "failBelowRevision=-9223372036854775809",
    "Expect: 100-continue\r\n",
    "Upgrade: h2c\r\n",
    "/status",
    "/livez",
    "\u{0}",
];

#[test]
fn mutated_configurations_of_etcd_are_read_without_a_panic() {
    for seed in 0..CONFIGS {
        let mut random = Rng::with_seed(seed);
        let document = random.choice(DOCUMENTS).unwrap();
        bodies::etcd_config(&mutated(document.as_bytes(), &YAML, &mut random));
    }
}

/// Requests that are almost right, one after the other to one sidecar, which then answers as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_requests_are_answered_or_closed() {
    let room = tempfile::tempdir().unwrap();
    let config = room.path().join("etcd.conf.yaml");
    std::fs::write(&config, DOCUMENTS[0]).unwrap();
    let address = sidecar::started(&config).await;
    for seed in 0..REQUESTS {
        let mut random = Rng::with_seed(seed);
        let request = random.choice(ASKED).unwrap();
        bodies::http(address, &mutated(request.as_bytes(), &WORDS, &mut random)).await;
    }
    for asked in ASKED {
        bodies::http(address, asked.as_bytes()).await;
    }
}
