//! The status page of a sidecar beside a real etcd.

use testkit::browser::Browser;

use crate::pod::{Cluster, Pod};
use crate::support::Site;

/// How often the store was listed, as Prometheus is told.
fn listings(pod: &Pod) -> u64 {
    let metrics = pod.body("GET", "/metrics");
    let lines = metrics
        .lines()
        .filter(|line| line.starts_with("etcdbr_store_calls_total{"));
    let listed = lines.filter(|line| line.contains("\"list\""));
    listed
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

fn page_says(pod: &Pod, words: &[&str]) {
    pod.until(&format!("the page says {words:?}"), |pod| {
        let page = pod.body("GET", "/");
        words.iter().all(|word| page.contains(word))
    });
}

/// From a pod whose etcd has not started to one whose backups are read by whoever looks.
#[test]
fn it_tells_what_an_operator_asks() {
    let site = Site::new();
    let cluster = Cluster {
        flags: &["--status-page-period", "1s"],
        ..Cluster::of(&site, "3.6.16")
    };
    let mut pod = cluster.alone();
    page_says(&pod, &["<title>Not known", "there is no backup"]);
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    pod.put("a", "secret-value");
    pod.body("POST", "/snapshot/full");
    let written = pod.put("b", "2");
    let revision = format!("revision {written}, can be restored.");
    page_says(
        &pod,
        &[
            "<title>OK",
            &revision,
            "leader: this sidecar takes the backups",
            "Database",
        ],
    );
    // It was listed before there was any.
    page_says(&pod, &["copy-0"]);
    let page = pod.body("GET", "/");
    assert!(!page.contains("secret-value"), "{page}");
    let (_, findings) = Browser::bring()
        .and_then(|browser| browser.copied(&pod.page_url(), "copy-0", None))
        .unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    pod.kill_etcd();
    page_says(&pod, &["<title>Problem", "etcd does not answer"]);
}

/// Whoever reached the page could have the sidecar list its bucket as fast as requests come.
#[test]
fn no_look_reaches_the_store() {
    let site = Site::new();
    let cluster = Cluster {
        flags: &["--status-page-period", "24h"],
        ..Cluster::of(&site, "3.6.16")
    };
    let pod = cluster.leading();
    pod.body("POST", "/snapshot/full");
    page_says(&pod, &["Listed ", " can be restored."]);
    let before = listings(&pod);
    assert!(before > 0);
    for _ in 0..200 {
        pod.body("GET", "/");
    }
    assert_eq!(listings(&pod), before);
}

#[test]
fn it_can_be_turned_off() {
    let site = Site::new();
    let cluster = Cluster {
        flags: &["--status-page=false"],
        ..Cluster::of(&site, "3.6.16")
    };
    let pod = cluster.alone();
    assert_eq!(pod.get("/").unwrap().status, 404);
    assert_eq!(pod.get("/status").unwrap().status, 200);
}
