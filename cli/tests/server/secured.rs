//! A cluster as it is run in earnest: TLS with certificates on both sides, and users that are checked.

use std::fs;

use serde_json::json;

use crate::certificates::Certificates;
use crate::members::members;
use crate::pod::{Cluster, Pod};
use crate::support::Site;

/// From now on users are checked.
fn enable_users(pod: &Pod) {
    pod.etcd("auth/role/add", &json!({"name": "root"}));
    pod.etcd(
        "auth/user/add",
        &json!({"name": "root", "password": "hush"}),
    );
    pod.etcd("auth/user/grant", &json!({"user": "root", "role": "root"}));
    pod.etcd("auth/enable", &json!({}));
}

/// From now on it is asked by somebody who may.
fn log_in(pod: &mut Pod) {
    pod.token = None;
    let told = pod.etcd_at_last(
        "auth/authenticate",
        &json!({"name": "root", "password": "hush"}),
    );
    pod.token = told["token"].as_str().map(str::to_owned);
}

/// Members were asked in the clear and by nobody where one of them had to be replaced.
#[test]
fn a_wiped_member_rejoins_where_there_are_tls_and_users() {
    let site = Site::new();
    let certificates = Certificates::new(&site);
    let password = site.path().join("password");
    fs::write(&password, "hush\n").unwrap();
    let user = [
        "--etcd-username",
        "root",
        "--etcd-password-file",
        password.to_str().unwrap(),
    ];
    let cluster = Cluster {
        site: &site,
        version: "3.6.16",
        flags: &user,
    };
    let mut pods = cluster.prepared(3);
    certificates.secure(&mut pods);
    for pod in &mut pods {
        pod.start_sidecar();
        pod.initialize("full");
    }
    pods.iter_mut().for_each(Pod::launch_etcd);
    pods[0].until("it serves", Pod::etcd_is_healthy);
    enable_users(&pods[0]);
    log_in(&mut pods[0]);
    let (before, _) = members(&pods[0]);
    let written = pods[0].put("a", "1");

    let (first, rest) = pods.split_at_mut(1);
    let (first, lost) = (&first[0], &mut rest[0]);
    lost.kill_etcd();
    fs::remove_dir_all(lost.data_dir()).unwrap();
    lost.initialize_at_last();
    let config = lost.body("GET", "/config");
    assert!(
        config.contains("initial-cluster-state: \"existing\""),
        "{config}"
    );
    lost.launch_etcd();
    // What it says of itself tells why it has none.
    lost.until("it has its vote", |_| {
        let (voters, learns) = members(first);
        voters.len() == 3 && !learns
    });
    log_in(lost);
    lost.until("it has what the others have", |pod| {
        pod.has_revision(written)
    });
    assert_eq!(lost.value("a").as_deref(), Some("1"));
    let (after, _) = members(first);
    let same = before.iter().filter(|id| after.contains(id)).count();
    assert_eq!(same, 2, "{before:?} {after:?}");
    // Backups go on, and nobody has said the password.
    let written = pods[0].put("b", "2");
    pods[0].until("it is stored", |_| {
        let stored = |pod: &Pod| {
            let restorable = pod.json("GET", "/status")["backups"]["restorable"].clone();
            restorable["revision"].as_i64() >= Some(written)
        };
        pods.iter().any(stored)
    });
    for pod in &mut pods {
        let run = pod.stop_sidecar();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(!run.stderr.contains("hush"), "{}", run.stderr);
    }
    assert!(site.restore(&[])["revision"].as_i64() >= Some(written));
}
