//! The status page of a sidecar beside a real etcd.

use std::fs::File;

use serde_json::Value;
use testkit::browser::Browser;

use crate::members::three;
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

/// Somebody cut an object that the sidecar had stored. The page saw it, and `/status` and the metrics told for as long as the sidecar
/// ran that all of it could be restored.
#[test]
fn what_the_store_lacks_is_not_told_as_restorable() {
    let site = Site::new();
    let cluster = Cluster {
        flags: &["--status-page-period", "1s"],
        ..Cluster::of(&site, "3.6.16")
    };
    let pod = cluster.leading();
    let full = pod.json("POST", "/snapshot/full");
    pod.put("a", "1");
    let delta = pod.json("POST", "/snapshot/delta");
    pod.put("b", "1");
    let last = pod.json("POST", "/snapshot/delta");
    let holds = |holds: bool, revision: &Value| {
        pod.until(&format!("the store holds all: {holds}"), |pod| {
            // Somebody looks.
            pod.body("GET", "/");
            let told = pod.json("GET", "/status");
            let metrics = pod.body("GET", "/metrics");
            let missing = format!("\netcdbr_backups_missing {}\n", i32::from(!holds));
            let leads_to = format!("\netcdbr_restorable_revision {revision}\n");
            told["storeHoldsAll"] == holds
                && told["backups"]["restorable"]["revision"] == *revision
                && metrics.contains(&missing)
                && metrics.contains(&leads_to)
        });
    };
    holds(true, &last["lastRevision"]);
    let name = delta["snapName"].as_str().unwrap();
    let object = site.store().join("v2").join(name);
    let file = File::options().write(true).open(object).unwrap();
    file.set_len(10).unwrap();
    holds(false, &full["lastRevision"]);
    page_says(&pod, &["<title>Problem", name]);
    let written = pod.put("c", "1");
    pod.json("POST", "/snapshot/full");
    holds(true, &written.into());
}

/// Of the other members nothing was said but who leads, and that one was away nowhere.
#[test]
fn each_member_is_told_of() {
    let site = Site::new();
    let cluster = Cluster {
        flags: &["--status-page-period", "1s"],
        ..Cluster::of(&site, "3.6.16")
    };
    let mut pods = three(&cluster);
    let serving = [
        "Members of the cluster",
        "etcd-main-0",
        "etcd-main-1",
        "etcd-main-2",
        "follower",
    ];
    pods[0].until("all of them answer", |pod| {
        let page = pod.body("GET", "/");
        serving.iter().all(|word| page.contains(word)) && !page.contains("does not answer")
    });
    pods[2].kill_etcd();
    page_says(
        &pods[0],
        &[
            "Member etcd-main-2 does not answer, the first time",
            "not known",
        ],
    );
}
