use std::collections::BTreeSet;
use std::fs;

use crate::pod::{Cluster, Pod};
use crate::support::Site;

fn role(pod: &Pod) -> String {
    pod.json("GET", "/status")["role"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn leader(pods: &[Pod]) -> Option<usize> {
    pods.iter().position(|pod| role(pod) == "leader")
}

/// Three members, three sidecars: one takes backups; who asks another is answered by it; another goes on when it is gone.
#[test]
fn one_of_three_takes_backups_and_another_goes_on() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.5.35");
    let mut pods = cluster.pods(3);
    for pod in &pods {
        pod.initialize("full");
    }
    for pod in &mut pods {
        pod.launch_etcd();
    }
    pods[0].until("one leads", |_| leader(&pods).is_some());
    let first = leader(&pods).unwrap();
    let other = &pods[(first + 1) % 3];
    other.until("it follows", |pod| role(pod) == "follower");
    pods[first].put("a", "1");
    // Whoever is asked, the one that leads takes it.
    let full = other.json("POST", "/snapshot/full");
    assert!(site.object(full["snapName"].as_str().unwrap()).exists());
    let delta = other.body("POST", "/snapshot/delta");
    assert!(delta == "null" || delta.contains("Incr-"), "{delta}");
    let latest = other.json("GET", "/snapshot/latest");
    assert_eq!(latest["fullSnapshot"]["snapName"], full["snapName"]);

    pods[first].kill_etcd();
    pods[first].kill_sidecar();
    let rest: Vec<&Pod> = pods
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != first)
        .map(|(_, pod)| pod)
        .collect();
    rest[0].until("another leads", |_| {
        rest.iter().any(|pod| role(pod) == "leader")
    });
    let second = rest.iter().find(|pod| role(pod) == "leader").unwrap();
    let written = second.put("b", "2");
    second.until("it takes backups", |pod| {
        pod.json("GET", "/status")["backups"]["restorable"]["revision"] == written
    });
    let writers: BTreeSet<bool> = rest.iter().map(|pod| pod.log().contains("took ")).collect();
    assert_eq!(writers.len(), 2, "both have written");
    for pod in &mut pods {
        if pod.get("/healthz").is_some() {
            assert_eq!(pod.stop_sidecar().code, Some(0));
        }
    }
    assert_eq!(site.restore(&[])["revision"], written);
    fs::remove_dir_all(site.data_dir()).unwrap();
    assert_eq!(site.run("verify", &[]).code, Some(0));
}

/// A member whose volume was emptied while the others were down was told `new`, and made a cluster of its own ("cluster ID
/// mismatch" when the others came back).
#[test]
fn a_member_that_has_served_is_never_told_to_make_a_cluster() {
    let site = Site::new();
    let cluster = Cluster::of(&site, "3.6.16");
    let mut pods = cluster.pods(3);
    for pod in &pods {
        pod.initialize("full");
        // None has served yet.
        assert!(
            pod.body("GET", "/config")
                .contains("initial-cluster-state: \"new\"")
        );
    }
    for pod in &mut pods {
        pod.launch_etcd();
    }
    pods[0].until("all know who leads", |_| {
        pods.iter()
            .all(|pod| ["leader", "follower"].contains(&role(pod).as_str()))
    });
    for pod in &mut pods {
        pod.kill_etcd();
    }
    let lost = &pods[1];
    fs::remove_dir_all(lost.data_dir()).unwrap();
    let refused = lost.get("/config").unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body.contains("has served here"), "{refused:?}");
    // Those that still have their logs are answered at once, or none could ever start.
    for pod in [&pods[0], &pods[2]] {
        pod.body("GET", "/config");
    }
    pods[0].launch_etcd();
    pods[2].launch_etcd();
    pods[0].until("they serve", Pod::etcd_is_healthy);
    let refused = pods[1].get("/config").unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body.contains("has no place"), "{refused:?}");

    // The initialization leads on: the member joins, and gets its state from the others, although there are backups.
    let written = pods[0].put("a", "1");
    pods[1].initialize_at_last();
    let config = pods[1].body("GET", "/config");
    assert!(
        config.contains("initial-cluster-state: \"existing\""),
        "{config}"
    );
    pods[1].launch_etcd();
    pods[1].until("it has what the others have", |pod| {
        pod.json("GET", "/status")["backups"]["newest"]["revision"] == written
    });
}
