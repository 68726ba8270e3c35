use std::fs;

use serde_json::Value;

use crate::pod::Cluster;
use crate::support::Site;

fn name(snapshot: &Value) -> String {
    snapshot["snapName"].as_str().unwrap().to_owned()
}

/// A pod from its first start on: backups, a lost volume, and the same state again. etcd is started once after the restore.
fn a_lost_volume_comes_back(version: &str) {
    let site = Site::new();
    let cluster = Cluster::of(&site, version);
    let mut pod = cluster.alone();
    assert_eq!(pod.get("/healthz").unwrap().status, 503);
    pod.initialize("full");
    assert_eq!(pod.body("GET", "/initialization/status"), "New");
    pod.start_etcd();
    pod.leads();

    pod.put("a", "1");
    let full = pod.json("POST", "/snapshot/full");
    assert!(site.object(&name(&full)).exists(), "{full}");
    assert_eq!(
        (&full["kind"], &full["isFinal"]),
        (&"Full".into(), &false.into())
    );
    let written = pod.put("b", "2");
    let delta = pod.json("POST", "/snapshot/delta");
    // The watch may have stored it before.
    if !delta.is_null() {
        assert_eq!(delta["kind"], "Incr");
    }
    // Clients compare it to the byte.
    assert_eq!(pod.body("POST", "/snapshot/delta"), "null");
    let latest = pod.json("GET", "/snapshot/latest");
    let deltas = latest["deltaSnapshots"].as_array().unwrap();
    assert_eq!(deltas.last().unwrap()["lastRevision"], written);
    assert!(site.object(&name(deltas.last().unwrap())).exists());

    pod.kill_etcd();
    pod.until("etcd is missed", |pod| {
        pod.get("/healthz").unwrap().status == 503
    });
    fs::remove_dir_all(pod.data_dir()).unwrap();
    pod.initialize("sanity");
    pod.start_etcd();
    assert_eq!(pod.revision(), written);
    assert_eq!(pod.value("a").as_deref(), Some("1"));
    assert_eq!(pod.value("b").as_deref(), Some("2"));
    // The reference restores a member of another name and other addresses, and corrects it later.
    let members = pod.etcd("cluster/member/list", &serde_json::json!({}));
    assert_eq!(members["members"][0]["name"], "etcd-main-0");
    assert!(
        !pod.etcd_log()
            .contains("member has been permanently removed")
    );
    // It goes on in the same place.
    pod.leads();
    pod.put("c", "3");
    pod.json("POST", "/snapshot/delta");
    let run = pod.stop_sidecar();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    // Each store that was opened had said it.
    let told = run.stderr.matches("stopping and cleaning up").count();
    assert_eq!(told, 1, "{}", run.stderr);
    let listed = site.run("verify", &["--output", "json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
}

#[test]
fn a_lost_volume_comes_back_on_etcd_3_4_23() {
    a_lost_volume_comes_back("3.4.23");
}

#[test]
fn a_lost_volume_comes_back_on_etcd_3_5_35() {
    a_lost_volume_comes_back("3.5.35");
}

#[test]
fn a_lost_volume_comes_back_on_etcd_3_6_16() {
    a_lost_volume_comes_back("3.6.16");
}

#[test]
fn a_lost_volume_comes_back_on_etcd_3_7_3() {
    a_lost_volume_comes_back("3.7.3");
}

/// What was acknowledged a moment before a pod is stopped is in no delta yet. The kubelet waits 30 s for it.
#[test]
fn what_is_held_is_stored_when_the_pod_is_stopped() {
    let site = Site::new();
    let cluster = Cluster {
        site: &site,
        version: "3.5.35",
        flags: &["--delta-snapshot-period", "1h"],
    };
    let mut pod = cluster.leading();
    pod.json("GET", "/snapshot/full");
    for number in 0..20 {
        pod.put("key", &number.to_string());
    }
    let written = pod.revision();
    pod.until("it is read", |pod| {
        pod.json("GET", "/status")["backups"]["newest"]["revision"] == written
    });
    let run = pod.stop_sidecar();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let restored = site.restore(&[]);
    assert_eq!(restored["revision"], written, "{}", run.stderr);
}

/// The last full of a cluster that moves elsewhere, as gardener asks for it.
#[test]
fn the_last_full_of_a_cluster_is_marked() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.6.16");
    let mut pod = cluster.alone();
    pod.initialize("full");
    pod.start_etcd();
    pod.put("a", "1");
    let full = pod.json("GET", "/snapshot/full?final=true");
    assert_eq!(full["isFinal"], true);
    assert!(name(&full).ends_with(".gz.final"), "{full}");
    assert!(site.object(&name(&full)).exists());
    let refused = pod.get("/snapshot/full?final=perhaps").unwrap();
    assert_eq!(refused.status, 400);
}

/// What the first store holds is in the second one, and restores from there. Nothing of it is needed for the first.
#[test]
fn a_second_store_holds_the_same() {
    let (site, second) = (Site::new(), Site::new());
    let place = second.store();
    let flags = [
        "--secondary-backup-sync-enabled=true",
        "--secondary-backup-sync-period=1s",
        "--secondary-storage-provider=Local",
        "--secondary-store-prefix=",
        "--secondary-store-endpoint-override=",
        "--secondary-store-container",
        place.to_str().unwrap(),
    ];
    let cluster = Cluster {
        site: &site,
        version: "3.6.16",
        flags: &flags,
    };
    let mut pod = cluster.alone();
    pod.initialize("full");
    pod.start_etcd();
    pod.json("POST", "/snapshot/full");
    let written = pod.put("a", "1");
    pod.body("POST", "/snapshot/delta");
    let last = pod.json("GET", "/snapshot/latest");
    let last = name(last["deltaSnapshots"].as_array().unwrap().last().unwrap());
    pod.until("it is copied", |_| second.object(&last).exists());
    pod.until("metadata goes along", |_| {
        place.join("meta").join(format!("{last}.json")).exists()
    });
    // The second store is away, and comes back.
    let away = second.path().join("away");
    fs::rename(&place, &away).unwrap();
    fs::write(&place, "not a directory").unwrap();
    pod.put("b", "2");
    pod.until("it is told", |pod| {
        let failing = pod.json("GET", "/status")["backups"]["failing"].to_string();
        failing.contains("second store")
    });
    assert_eq!(pod.get("/healthz").unwrap().status, 200);
    fs::remove_file(&place).unwrap();
    fs::rename(&away, &place).unwrap();
    pod.until("all is well", |pod| {
        pod.json("GET", "/status")["backups"]["failing"] == serde_json::json!([])
    });
    pod.kill_sidecar();
    assert!(second.restore(&[])["revision"].as_i64().unwrap() >= written);
}
