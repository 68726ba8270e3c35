//! What a human does by a command for a member of several, in and beside the pods.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::members::{damage, members, three};
use crate::pod::{Cluster, Pod};
use crate::support::{Run, Site, contents};

/// `initialize` of a damaged member refused it whoever served, and left the rest to a human.
#[test]
fn initialize_asks_the_others_where_it_is_told_who_they_are() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.6.16"));
    let (voters, _) = members(&pods[0]);
    let url = pods[0].endpoint();
    pods[2].kill_etcd();
    pods[2].kill_sidecar();
    damage(&pods[2].data_dir());
    let before = contents(&pods[2].data_dir());
    let initialize = |pod: &Pod, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["initialize", "--data-dir"])
            .arg(pod.data_dir())
            .arg("--store-container")
            .arg(site.store())
            .args(pod.identity())
            .args(["--service-endpoints", &url])
            .args(more);
        Run::of(command)
    };
    let planned = initialize(&pods[2], &["--dry-run"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert!(
        planned
            .stderr
            .contains("would be removed and added anew as a learner"),
        "{planned:?}"
    );
    assert_eq!(
        (members(&pods[0]).0, contents(&pods[2].data_dir())),
        (voters, before)
    );

    // etcd changes no members before it is ready for that.
    pods[2].until("it is done", |pod| {
        let done = initialize(pod, &[]);
        assert!(
            done.code == Some(0) || done.stderr.contains("unhealthy cluster"),
            "{done:?}"
        );
        done.code == Some(0) && {
            assert!(done.stderr.contains("etcdctl member promote"), "{done:?}");
            true
        }
    });
    let (rest, learns) = members(&pods[0]);
    assert_eq!((rest.len(), learns), (2, true));
    assert!(!pods[2].data_dir().join("member").exists());
    pods[2].start_sidecar();
    let (first, last) = pods.split_at_mut(2);
    let lost = &mut last[0];
    lost.initialize("full");
    lost.launch_etcd();
    first[0].until("it has its vote", |pod| members(pod).0.len() == 3);
}

/// Nobody is added under the name that a flag has by default.
#[test]
fn nobody_is_added_whose_name_is_not_known() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.5.35"));
    pods[2].kill_etcd();
    damage(&pods[2].data_dir());
    let before = members(&pods[0]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args([
            "initialize",
            "--service-endpoints",
            &pods[0].endpoint(),
            "--data-dir",
        ])
        .arg(pods[2].data_dir());
    let refused = Run::of(command);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("a cluster with others"),
        "{refused:?}"
    );
    assert_eq!(members(&pods[0]), before);
}

/// Two of three are lost for good: one command makes the third go on alone, and the sidecars of the others do the rest.
#[test]
fn a_lost_quorum_comes_back_by_one_command() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.5.35"));
    let written = pods[0].put("a", "1");
    for pod in &pods {
        pod.until("it has it", |pod| pod.revision() == written);
    }
    for pod in &mut pods {
        pod.kill_etcd();
        pod.kill_sidecar();
    }
    for pod in &pods[1..] {
        fs::remove_dir_all(pod.volume()).unwrap();
        fs::create_dir(pod.volume()).unwrap();
    }
    let recover = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command
            .env_clear()
            .args(["recover-quorum", "-o", "json", "--data-dir"])
            .arg(pods[0].data_dir())
            .args(more);
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{run:?}");
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let planned = recover(&[]);
    let id = planned["cluster_id"].as_str().unwrap().to_owned();
    recover(&["--cluster-id", &id]);

    let (first, others) = pods.split_at_mut(1);
    let first = &mut first[0];
    first.start_sidecar();
    first.initialize("full");
    first.start_etcd();
    for (number, other) in others.iter_mut().enumerate() {
        other.start_sidecar();
        other.initialize_at_last();
        other.launch_etcd();
        first.until("it has its vote", |pod| members(pod).0.len() == number + 2);
        other.until("it has what was written", |pod| {
            pod.value("a").as_deref() == Some("1")
        });
    }
}
