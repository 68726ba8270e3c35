//! Three pods of which one cannot start by itself: it gets its place among the others anew.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::json;

use crate::pod::{Cluster, Pod};
use crate::support::{Site, contents};

fn role(pod: &Pod) -> String {
    pod.json("GET", "/status")["role"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

pub(crate) fn three(cluster: &Cluster<'_>) -> Vec<Pod> {
    serving(cluster, 3)
}

/// So many that serve; each knows who leads.
fn serving(cluster: &Cluster<'_>, count: usize) -> Vec<Pod> {
    let mut pods = cluster.pods(count);
    for pod in &pods {
        pod.initialize("full");
    }
    for pod in &mut pods {
        pod.launch_etcd();
    }
    for pod in &pods {
        pod.until("it knows who leads", |pod| {
            ["leader", "follower"].contains(&role(pod).as_str())
        });
    }
    pods
}

/// The ids of those who vote, and whether another learns.
pub(crate) fn members(pod: &Pod) -> (Vec<String>, bool) {
    let listed = pod.etcd_at_last("cluster/member/list", &json!({}));
    let listed = listed["members"].as_array().unwrap().clone();
    let learns = |member: &&serde_json::Value| member["isLearner"] == true;
    let voters = listed.iter().filter(|member| !learns(member));
    let ids = voters.map(|member| member["ID"].as_str().unwrap().to_owned());
    (ids.collect(), listed.iter().any(|member| learns(&member)))
}

fn last_error(pod: &Pod) -> String {
    pod.json("GET", "/status")["initialization"]["lastError"].to_string()
}

/// Nothing of it can be read but its head.
pub(crate) fn damage(data_dir: &Path) {
    let db = data_dir.join("member/snap/db");
    let mut bytes = fs::read(&db).unwrap();
    bytes[8192..].fill(0x5a);
    fs::write(db, bytes).unwrap();
}

/// It serves again, with a vote, and with all that was written meanwhile.
fn comes_back(lost: &mut Pod, other: &Pod, before: &[String]) {
    let written = other.put("while it was away", "1");
    lost.initialize_at_last();
    // A sidecar that was killed before its etcd had served took it for the member that was removed.
    let mark = fs::read_to_string(lost.volume().join("new.etcd.etcdbr-member")).unwrap();
    let mark: serde_json::Value = serde_json::from_str(&mark).unwrap();
    let id = u64::from_str_radix(mark["member_id"].as_str().unwrap(), 16).unwrap();
    let listed = other.etcd_at_last("cluster/member/list", &json!({}));
    let listed = listed["members"].as_array().unwrap().iter();
    let mut learners = listed.filter(|member| member["isLearner"] == true);
    assert_eq!(learners.next().unwrap()["ID"], id.to_string());
    let config = lost.body("GET", "/config");
    assert!(
        config.contains("initial-cluster-state: \"existing\""),
        "{config}"
    );
    lost.launch_etcd();
    other.until("it has its vote", |pod| {
        let (voters, learns) = members(pod);
        voters.len() == 3 && !learns
    });
    lost.until("it has what the others have", |pod| {
        pod.has_revision(written)
    });
    assert_eq!(lost.value("while it was away").as_deref(), Some("1"));
    let (after, _) = members(other);
    for counted in [
        "etcdbr_add_learner_duration_seconds_count{succeeded=\"true\"} 1",
        "etcdbr_member_promote_duration_seconds_count{succeeded=\"true\"} 1",
        "etcdbr_restoration_duration_seconds_count{restore=\"single_member\",succeeded=\"true\"} 1",
    ] {
        // The others know of a vote before the sidecar has its answer.
        lost.until(counted, |pod| pod.body("GET", "/metrics").contains(counted));
    }
    let same = before.iter().filter(|id| after.contains(id)).count();
    assert_eq!(same, 2, "nobody else was removed: {before:?} {after:?}");
}

fn a_member_that_lost_its_directory_comes_back(version: &str) {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, version));
    pods[0].put("a", "1");
    let (before, _) = members(&pods[0]);
    pods[1].kill_etcd();
    fs::remove_dir_all(pods[1].data_dir()).unwrap();
    let (first, rest) = pods.split_at_mut(1);
    comes_back(&mut rest[0], &first[0], &before);
}

fn a_damaged_member_comes_back(version: &str) {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, version));
    pods[0].put("a", "1");
    let (before, _) = members(&pods[0]);
    pods[2].kill_etcd();
    damage(&pods[2].data_dir());
    // By its log it may hold some revisions more than the others had then, and not more than these.
    for number in 0..50 {
        pods[0].put("counted", &number.to_string());
    }
    let (first, rest) = pods.split_at_mut(2);
    comes_back(&mut rest[0], &first[0], &before);
    // What was acknowledged is with the others, so nothing of it is kept.
    assert!(!rest[0].data_dir().join(".etcdbr.old").exists());
    assert!(
        rest[0]
            .log()
            .contains("what was acknowledged is with the others")
    );
}

macro_rules! on_versions {
    ($($test:ident: $($name:ident $version:literal),*;)*) => {$(
        mod $test {
            $(#[test]
            fn $name() {
                super::$test($version);
            })*
        }
    )*};
}

// A lost member was to be removed and added by hand, in the middle of the night.
on_versions! {
    a_member_that_lost_its_directory_comes_back: on_etcd_3_4_23 "3.4.23", on_etcd_3_7_3 "3.7.3";
    a_damaged_member_comes_back: on_etcd_3_5_35 "3.5.35", on_etcd_3_6_16 "3.6.16";
}

/// The volumes of two members were swapped: each etcd started as the other, or was taken for a lost one and wiped.
#[test]
fn swapped_volumes_are_refused() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.5.35"));
    for pod in &mut pods[1..] {
        pod.kill_etcd();
        pod.kill_sidecar();
    }
    let (one, other) = (pods[1].volume(), pods[2].volume());
    let aside = one.with_extension("aside");
    fs::rename(&one, &aside).unwrap();
    fs::rename(&other, &one).unwrap();
    fs::rename(&aside, &other).unwrap();
    for (number, whose) in [(1, "etcd-main-2"), (2, "etcd-main-1")] {
        let pod = &mut pods[number];
        let before = contents(&pod.data_dir());
        pod.start_sidecar();
        pod.body("GET", "/initialization/start?mode=sanity");
        let expected = format!("this is the volume of {whose}");
        pod.until("it is refused", |pod| last_error(pod).contains(&expected));
        assert_eq!(contents(&pod.data_dir()), before);
    }
}

/// Two members were replaced at once: "too many learners", and one of them never came back.
#[test]
fn two_that_are_lost_at_once_come_back_one_after_the_other() {
    let site = Site::new();
    let mut pods = serving(&Cluster::of(&site, "3.6.16"), 5);
    let (before, _) = members(&pods[0]);
    let (rest, lost) = pods.split_at_mut(3);
    for pod in &mut *lost {
        pod.kill_etcd();
        fs::remove_dir_all(pod.data_dir()).unwrap();
    }
    let written = rest[0].put("a", "1");
    thread::scope(|scope| {
        for pod in &mut *lost {
            scope.spawn(|| {
                pod.initialize_at_last();
                pod.launch_etcd();
                pod.until("it has what the others have", |pod| {
                    pod.has_revision(written)
                });
            });
        }
    });
    rest[0].until("both have their votes", |pod| members(pod).0.len() == 5);
    let (after, _) = members(&rest[0]);
    let same = before.iter().filter(|id| after.contains(id)).count();
    assert_eq!(same, 3, "{before:?} {after:?}");
}

/// Three members that waited for each other before they started: none of them ever did.
#[test]
fn three_that_wake_together_do_not_wait_for_each_other() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.5.35"));
    let written = pods[0].put("a", "1");
    let (before, _) = members(&pods[0]);
    for pod in &mut pods {
        pod.kill_etcd();
        pod.kill_sidecar();
    }
    thread::scope(|scope| {
        for pod in &mut pods {
            scope.spawn(|| {
                pod.start_sidecar();
                pod.initialize("full");
                pod.start_etcd();
            });
        }
    });
    assert_eq!(members(&pods[0]).0, before);
    assert!(pods[0].revision() >= written);
}

/// A quorum that is lost is not there to change members: nothing is removed, and it is said what is needed.
#[test]
fn without_a_quorum_a_damaged_member_waits() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.6.16"));
    pods[1].kill_etcd();
    pods[2].kill_etcd();
    damage(&pods[2].data_dir());
    let before = contents(&pods[2].data_dir());
    pods[2].body("GET", "/initialization/start?mode=full");
    pods[2].until("it waits", |pod| {
        last_error(pod).contains("Start the others first")
    });
    assert_eq!(contents(&pods[2].data_dir()), before);
    // They are there again, and it comes back by itself.
    pods[1].launch_etcd();
    pods[1].until("they serve", Pod::etcd_is_healthy);
    pods[2].initialize_at_last();
    // By its log it may hold more than the others have: then it is kept.
    assert!(pods[2].data_dir().join(".etcdbr.old").exists());
}

/// A member that was removed while it was away had an etcd that ended at each start.
#[test]
fn a_member_that_was_removed_is_added_anew() {
    let site = Site::new();
    let mut pods = three(&Cluster::of(&site, "3.5.35"));
    pods[2].kill_etcd();
    let listed = pods[0].etcd_at_last("cluster/member/list", &json!({}));
    let members_now = listed["members"].as_array().unwrap();
    let lost = members_now
        .iter()
        .find(|member| member["name"] == "etcd-main-2")
        .unwrap();
    pods[0].etcd_takes("cluster/member/remove", &json!({"ID": lost["ID"]}));
    let (before, _) = members(&pods[0]);
    let (first, rest) = pods.split_at_mut(2);
    comes_back(&mut rest[0], &first[0], &before);
}
