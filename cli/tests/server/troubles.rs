use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::pod::Cluster;
use crate::support::Site;

/// A store that fails must not take etcd out of service, and must not be silent either.
#[test]
fn a_store_that_fails_leaves_etcd_ready_and_is_seen() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let pod = cluster.leading();
    pod.json("POST", "/snapshot/full");
    // Root writes anywhere: the directory is away, and a file has its name.
    let (store, away) = (site.store(), site.path().join("away"));
    fs::rename(&store, &away).unwrap();
    fs::write(&store, "not a directory").unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o400)).unwrap();
    let written = pod.put("a", "1");
    pod.until("it is told", |pod| {
        let failing = pod.json("GET", "/status")["backups"]["failing"].clone();
        !failing.as_array().unwrap().is_empty()
    });
    assert_eq!(pod.get("/healthz").unwrap().status, 200);
    let metrics = pod.body("GET", "/metrics");
    let failures = metrics
        .lines()
        .filter(|line| line.starts_with("etcdbr_snapshotter_failure{"));
    let counts = failures.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap());
    assert!(counts.sum::<f64>() > 0.0, "{}", pod.log());
    // Alerts multiply by it: 0 is silence.
    let is_due = |pod: &crate::pod::Pod| {
        let metrics = pod.body("GET", "/metrics");
        let due = |kind| format!("etcdbr_snapshot_required{{kind=\"{kind}\"}} 1");
        metrics.contains(&due("Incr")) || metrics.contains(&due("Full"))
    };
    assert!(is_due(&pod), "{metrics}");
    fs::remove_file(&store).unwrap();
    fs::rename(&away, &store).unwrap();
    pod.until("all is stored", |pod| {
        let backups = pod.json("GET", "/status")["backups"].clone();
        backups["restorable"]["revision"] == written && backups["failing"] == serde_json::json!([])
    });
    assert!(!is_due(&pod));
}

/// What goes on beside a snapshotter went on for ever when its member did not lead any more: proofs, defragmentations and
/// collections, once more with each election.
#[test]
fn nothing_goes_on_of_one_that_does_not_lead() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &["--verify-every", "1s"],
    };
    let mut pod = cluster.leading();
    let proofs = |pod: &crate::pod::Pod| {
        pod.log().matches("proof").count() + pod.log().matches("proven").count()
    };
    pod.until("a proof is tried", |pod| proofs(pod) > 0);
    pod.kill_etcd();
    pod.until("it does not lead", |pod| {
        pod.log().contains("does not lead any more")
    });
    let before = proofs(&pod);
    // Each of them would have tried several times meanwhile.
    let calls = std::cell::Cell::new(0);
    pod.until("time has passed", |pod| {
        calls.set(calls.get() + usize::from(pod.get("/livez").is_some()));
        calls.get() > 250
    });
    assert_eq!(proofs(&pod), before, "{}", pod.log());
}

/// An etcd that cannot be asked was passed over in silence: no backups, and no line in the log.
#[test]
fn an_etcd_that_cannot_be_asked_is_told() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let mut pod = cluster.alone();
    pod.until("it is said", |pod| {
        pod.log().contains("no backups are taken")
    });
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    pod.json("POST", "/snapshot/full");
    let failing = |pod: &crate::pod::Pod| pod.json("GET", "/status")["backups"]["failing"].clone();
    assert_eq!(failing(&pod), serde_json::json!([]));
    pod.kill_etcd();
    pod.until("it is missed", |pod| failing(pod)[0]["what"] == "etcd");
    // What was taken is known all the same.
    assert!(pod.json("GET", "/status")["backups"]["lastFull"].is_object());
    pod.start_etcd();
    pod.until("it is well again", |pod| {
        failing(pod) == serde_json::json!([]) && pod.get("/healthz").unwrap().status == 200
    });
    assert!(!pod.log().contains("may still run"), "{}", pod.log());
}

/// A sidecar that is killed and started again goes on where it was.
#[test]
fn a_sidecar_that_was_killed_goes_on() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.6.16");
    let mut pod = cluster.leading();
    pod.json("POST", "/snapshot/full");
    pod.kill_sidecar();
    let written = pod.put("a", "1");
    pod.start_sidecar();
    pod.until("all is stored", |pod| {
        pod.json("GET", "/status")["backups"]["restorable"]["revision"] == written
    });
    pod.stop_sidecar();
    assert_eq!(site.restore(&[])["revision"], written);
}

/// Peer URLs that are changed in etcd's configuration are read by nobody: the cluster is told. That etcd-wrapper does not
/// answer ended the reference, again and again.
#[test]
fn peer_urls_that_were_changed_are_told_to_the_cluster() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &["--use-etcd-wrapper=true"],
    };
    let mut pod = cluster.alone();
    pod.initialize("full");
    pod.start_etcd();
    let peers = |pod: &crate::pod::Pod| {
        let listed = pod.etcd("cluster/member/list", &serde_json::json!({}));
        listed["members"][0]["peerURLs"].clone()
    };
    let before = peers(&pod);
    pod.kill_sidecar();
    let url = pod.change_peer_url();
    assert_ne!(before, serde_json::json!([url]));
    pod.start_sidecar();
    pod.until("the cluster is told", |pod| {
        peers(pod) == serde_json::json!([url])
    });
    pod.until("the wrapper is asked", |pod| {
        pod.log().contains("etcd-wrapper does not answer")
    });
    pod.leads();
    let size = pod.body("GET", "/metrics");
    assert!(
        size.lines().any(|line| line == "etcdbr_cluster_size 1"),
        "{size}"
    );
    assert!(size.contains("etcdbr_store_calls_total{call=\"list\",succeeded=\"true\"}"));
}
