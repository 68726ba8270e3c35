//! Three members, each on a machine of its own: a network namespace with an address, an etcd and a sidecar. Links are cut,
//! machines die, volumes are lost or swapped, etcd is upgraded; all the while it is written to, and backups are taken.
//!
//! These need the right to make network namespaces: without it they fail, and say so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::network::Network;
use testkit::wait;

use crate::load::Load;
use crate::members::members;
use crate::place::Place;
use crate::pod::{Cluster, Pod};
use crate::stored::{acknowledged, lead_to_what_etcd_had};
use crate::support::{Site, contents};

/// Three members that serve, and are written to. What ends first stands first.
struct World {
    load: Load,
    pods: Vec<Pod>,
    site: Site,
    network: Network,
}

/// So many entries of raft lie between two of its snapshots.
const ENTRIES: u64 = 200;

fn role(pod: &Pod) -> String {
    let role = pod.json("GET", "/status")["role"].clone();
    role.as_str().unwrap_or_default().to_owned()
}

impl World {
    fn of(version: &str, seed: u64) -> Self {
        let network = Network::new(3).unwrap();
        let site = Site::new();
        let cluster = Cluster::of(&site, version);
        let places = (0..3).map(|number| Place::on(&network, number));
        let mut pods = cluster.prepared_at(places.collect());
        for pod in &mut pods {
            // A raft snapshot again and again: etcd 3.7 starts on no log that goes back to 3.5, which says more than it reads.
            let count = "snapshot-count: ";
            pod.reconfigure(|config| {
                config.replace(&format!("{count}10000"), &format!("{count}{ENTRIES}"))
            });
            pod.start_sidecar();
            pod.initialize("full");
        }
        pods.iter_mut().for_each(Pod::launch_etcd);
        for pod in &pods {
            pod.until("it knows who leads", |pod| {
                ["leader", "follower"].contains(&role(pod).as_str())
            });
        }
        let load = Load::on(&pods, seed);
        let world = Self {
            load,
            pods,
            site,
            network,
        };
        world.backs_up();
        world
    }

    fn leader(&self) -> usize {
        self.led_by(&[0, 1, 2])
    }

    /// Which of these leads, by the word of its sidecar.
    fn led_by(&self, some: &[usize]) -> usize {
        let leads = || {
            some.iter()
                .find(|number| role(&self.pods[**number]) == "leader")
        };
        self.pods[some[0]].until("one of them leads", |_| leads().is_some());
        *leads().unwrap()
    }

    /// Writes go on, and are stored.
    fn backs_up(&self) {
        self.backs_up_by(&[0, 1, 2]);
    }

    /// The same, where only these serve. Which of them leads.
    fn backs_up_by(&self, some: &[usize]) -> usize {
        let leader = self.led_by(some);
        let pod = &self.pods[leader];
        self.load.goes_on(pod, 30);
        let written = self.load.paused().newest();
        pod.until("it is stored", |pod| {
            let restorable = pod.json("GET", "/status")["backups"]["restorable"].clone();
            restorable["revision"].as_i64() >= Some(written)
        });
        leader
    }

    /// Every snapshot that a sidecar has acknowledged, by name.
    fn acknowledged(&self) -> BTreeMap<String, i64> {
        self.pods.iter().flat_map(acknowledged).collect()
    }

    /// All members hold what was acknowledged, and the same; one chain leads there, without a gap; each snapshot that was acknowledged leads to
    /// what etcd had.
    fn is_well(&self) {
        self.backs_up();
        for pod in &self.pods {
            let (difference, _) = self.load.difference(pod);
            assert_eq!(difference, None, "{}: {}", pod.name, pod.log());
        }
        // Now nothing is written any more.
        let writes = self.load.paused();
        let head = self.pods[0].revision();
        let leader = self.leader();
        let hashes: BTreeSet<u32> = self
            .pods
            .iter()
            .map(|pod| {
                pod.until("it has all of it", |pod| pod.has_revision(head));
                pod.hash_kv(head)
            })
            .collect();
        assert_eq!(hashes.len(), 1, "the members differ at revision {head}");
        self.pods[leader].body("POST", "/snapshot/delta");
        let revisions: BTreeSet<i64> = self.acknowledged().into_values().collect();
        assert_eq!(revisions.last(), Some(&head), "{}", self.pods[leader].log());
        lead_to_what_etcd_had(&self.site, &revisions, &self.pods[leader]);
        let list = self.site.run("list", &["-o", "json"]);
        let listed: Value = serde_json::from_str(&list.stdout).unwrap();
        assert_eq!(listed["lineages"], Value::Null, "{listed}");
        assert!(writes.count() > 100);
    }

    /// The objects of the store.
    fn stored(&self) -> BTreeSet<String> {
        let objects = fs::read_dir(self.site.store().join("v2")).unwrap();
        objects
            .map(|object| object.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

/// A leader that was cut off with its sidecar went on to upload for as long as it took itself for the leader, beside the one
/// that the others had chosen: two chains over the same revisions.
#[test]
fn a_leader_that_is_cut_off_uploads_nothing() {
    let world = World::of("3.5.35", 1);
    let first = world.leader();
    let others: Vec<usize> = (0..3).filter(|number| *number != first).collect();
    let (lost, trigger) = (&world.pods[first], ("POST", "/snapshot/full"));
    // It holds what it has not stored yet: it is written to all the time.
    world.network.cut(first).unwrap();
    wait::pass(Duration::from_secs(5));
    let (before, said) = (world.stored(), acknowledged(lost));
    // The store is within its reach, and somebody asks it for a full.
    let asked = lost.ask(trigger.0, trigger.1).unwrap();
    assert_ne!(asked.status, 200, "{asked:?}");
    assert_ne!(role(lost), "leader");

    // The others go on.
    let second = world.backs_up_by(&others);
    world.pods[second].json(trigger.0, trigger.1);
    assert_eq!(acknowledged(lost), said, "{}", lost.log());
    world.network.mend(first).unwrap();
    lost.until("it follows", |pod| role(pod) == "follower");
    world.backs_up();
    let mut by_others: BTreeSet<String> = BTreeSet::new();
    for number in others {
        by_others.extend(acknowledged(&world.pods[number]).into_keys());
    }
    // It may have got the lead back since, but not before it was there again.
    by_others.extend(
        acknowledged(lost)
            .into_keys()
            .filter(|name| !said.contains_key(name)),
    );
    let new: Vec<String> = world.stored().difference(&before).cloned().collect();
    assert!(!new.is_empty());
    for name in new {
        assert!(by_others.contains(&name), "nobody has said {name}");
    }
    world.is_well();
}

/// A machine that dies with all that runs on it, and comes back with its volume.
#[test]
fn the_machine_of_a_leader_that_dies_comes_back() {
    let mut world = World::of("3.6.16", 2);
    let first = world.leader();
    let before = members(&world.pods[first]);
    world.network.cut(first).unwrap();
    world.pods[first].kill_etcd();
    world.pods[first].kill_sidecar();
    let others: Vec<usize> = (0..3).filter(|number| *number != first).collect();
    world.backs_up_by(&others);
    world.network.mend(first).unwrap();
    let lost = &mut world.pods[first];
    lost.start_sidecar();
    lost.initialize("full");
    lost.start_etcd();
    assert_eq!(members(lost), before, "nobody was added or removed");
    world.is_well();
}

/// A member that was wiped while it was cut off was told to make a cluster of its own, or to take over what the others had.
#[test]
fn a_member_that_is_wiped_while_it_is_cut_off_waits_for_the_others() {
    let mut world = World::of("3.5.35", 3);
    let leader = world.leader();
    let number = (leader + 1) % 3;
    let (before, _) = members(&world.pods[leader]);
    world.network.cut(number).unwrap();
    let lost = &mut world.pods[number];
    lost.kill_etcd();
    fs::remove_dir_all(lost.data_dir()).unwrap();
    lost.body("GET", "/initialization/start?mode=full");
    lost.until("it is told why", |pod| {
        let status = pod.json("GET", "/status");
        status["initialization"]["lastError"].is_string()
    });
    let refused = lost.get("/config").unwrap();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!lost.data_dir().join("member").exists());
    // Nobody has touched the members meanwhile.
    world.backs_up_by(&[leader, 3 - leader - number]);
    assert_eq!(members(&world.pods[leader]).0, before);

    world.network.mend(number).unwrap();
    let lost = &mut world.pods[number];
    lost.initialize_at_last();
    lost.launch_etcd();
    lost.until("it has its vote", |pod| {
        let list = pod.told("cluster/member/list", &json!({}));
        list.is_some() && members(pod).0.len() == 3
    });
    let (after, _) = members(&world.pods[number]);
    let same = before.iter().filter(|id| after.contains(id)).count();
    assert_eq!(same, 2, "{before:?} {after:?}");
    world.is_well();
}

/// The volumes of two members were swapped where neither of them reached anybody who could tell.
#[test]
fn volumes_that_were_swapped_are_refused_by_those_who_are_cut_off() {
    let mut world = World::of("3.6.16", 4);
    let leader = world.leader();
    let two = [(leader + 1) % 3, (leader + 2) % 3];
    let swap = |world: &World| {
        let [one, other] = two.map(|number| world.pods[number].volume());
        let aside = one.with_extension("aside");
        fs::rename(&one, &aside).unwrap();
        fs::rename(&other, &one).unwrap();
        fs::rename(&aside, &other).unwrap();
    };
    for number in two {
        world.network.cut(number).unwrap();
        world.pods[number].kill_etcd();
        world.pods[number].kill_sidecar();
    }
    swap(&world);
    for (number, other) in [(two[0], two[1]), (two[1], two[0])] {
        let expected = format!("this is the volume of {}", world.pods[other].name);
        let pod = &mut world.pods[number];
        let before = contents(&pod.data_dir());
        pod.start_sidecar();
        pod.body("GET", "/initialization/start?mode=full");
        pod.until("it is refused", |pod| {
            let status = pod.json("GET", "/status");
            status["initialization"]["lastError"]
                .to_string()
                .contains(&expected)
        });
        assert!(contents(&pod.data_dir()) == before, "{}", pod.log());
        pod.kill_sidecar();
    }
    swap(&world);
    for number in two {
        world.network.mend(number).unwrap();
        let pod = &mut world.pods[number];
        pod.start_sidecar();
        pod.initialize("full");
        pod.launch_etcd();
    }
    world.is_well();
}

/// One member after another is stopped in order and started as the next minor, as an operator or a StatefulSet does it.
#[test]
fn members_are_upgraded_one_by_one_from_3_5_to_3_7() {
    let mut world = World::of("3.5.35", 5);
    for version in ["3.6.16", "3.7.3"] {
        for number in (0..3).rev() {
            let pod = &mut world.pods[number];
            pod.stop_etcd();
            version.clone_into(&mut pod.version);
            pod.initialize_at_last_in("sanity");
            pod.start_etcd();
            world.backs_up();
        }
        world.load.goes_on(&world.pods[0], 2 * ENTRIES);
        // Members of the next minor but one start only in a cluster that has taken this one.
        let (minor, _) = version.rsplit_once('.').unwrap();
        let taken = format!("\"etcdcluster\":\"{minor}.0\"");
        world.pods[0].until("the cluster is of this version", |pod| {
            let told = pod.ask_etcd("GET", "/version", "");
            told.is_some_and(|told| told.body.contains(&taken))
        });
        world.backs_up();
    }
    world.is_well();
}
