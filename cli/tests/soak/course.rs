//! One round after another: a fault, what brings the member back, and whether all is as it was acknowledged.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::Value;
use testkit::acknowledged::Writes;
use testkit::wait;

use crate::certificates::{Certificates, Dates};
use crate::damage;
use crate::disk::Disk;
use crate::fault::Fault;
use crate::large::writes_much;
use crate::load::{Load, difference};
use crate::place::Place;
use crate::pod::{Cluster, Pod};
use crate::stored::acknowledged;
use crate::support::Site;
use crate::voters::voters;
use crate::wall_clock::WallClock;

/// Below the directory of the run: a disk with the store on it.
pub(crate) const DISK: &str = "disk";

/// How large the store may become, and the volume of a member, in MiB.
const STORE: u32 = 1024;
const VOLUME: u32 = 1024;

/// So many large writes fill what etcd has set aside on its volume, in most cases.
const LARGE_WRITES: usize = 80;

/// Who is under trial. What ends first stands first.
pub(crate) struct Course<'a> {
    load: Load,
    pub(crate) pods: Vec<Pod>,
    volumes: Vec<Disk>,
    store: Disk,
    site: &'a Site,
    certificates: Certificates,
    clock: WallClock,
    random: fastrand::Rng,
    /// Snapshots that were acknowledged, by name: what each reaches, and etcd's hash of that.
    pub(crate) snapshots: BTreeMap<String, (i64, u32)>,
}

/// What came of a fault.
pub(crate) struct Came {
    /// To which member, and where.
    pub(crate) what: String,
    /// How many writes that were acknowledged are lost.
    pub(crate) lost: usize,
    /// What was said of that.
    pub(crate) said: String,
}

impl From<String> for Came {
    fn from(what: String) -> Self {
        let (lost, said) = (0, String::new());
        Self { what, lost, said }
    }
}

impl<'a> Course<'a> {
    /// So many members serve, are written to, and are backed up.
    pub(crate) fn begin(site: &'a Site, store: Disk, members: usize, seed: u64) -> Self {
        let flags = [
            // Short chains, and every snapshot stays.
            ["--schedule", "@every 1m"],
            ["--delta-snapshot-period", "2s"],
            ["--garbage-collection-period", "24h"],
        ];
        let cluster = Cluster {
            site,
            version: "3.5.35",
            flags: flags.as_flattened(),
        };
        let places = (0..members).map(Place::on_loopback).collect();
        let mut pods = cluster.prepared_at(places);
        let certificates = Certificates::new(site);
        certificates.secure(&mut pods);
        let clock = WallClock::new(site);
        let volume = |pod: &Pod| Disk::mount(&pod.volume(), VOLUME);
        let volumes: Vec<Disk> = pods.iter().map(volume).collect();
        for pod in &mut pods {
            // etcd forgets nothing by itself, so that each revision has a hash to compare with.
            let period = "auto-compaction-retention: ";
            pod.reconfigure(|config| {
                config.replace(&format!("{period}30m"), &format!("{period}240h"))
            });
            clock.give(pod);
            pod.start_sidecar();
            pod.initialize("full");
        }
        pods.iter_mut().for_each(Pod::launch_etcd);
        let load = Load::on(&pods, seed);
        let mut course = Self {
            load,
            pods,
            volumes,
            store,
            site,
            certificates,
            clock,
            random: fastrand::Rng::with_seed(seed),
            snapshots: BTreeMap::new(),
        };
        course.is_well();
        course
    }

    /// The disk of the store.
    pub(crate) fn store_disk(site: &Site) -> Disk {
        Disk::mount(&site.path().join(DISK), STORE)
    }

    /// One fault, until all is well.
    pub(crate) fn round(&mut self, fault: Fault) -> Came {
        let at = self.random.usize(..self.pods.len());
        let came = match fault {
            Fault::SidecarKilled => {
                let pod = &mut self.pods[at];
                pod.kill_sidecar();
                pod.start_sidecar();
                pod.name.clone().into()
            }
            Fault::StoreDown => self.store_is_away(),
            Fault::StoreFull => self.store_is_full(),
            Fault::ClockBack => {
                self.clock.goes_back();
                self.is_well();
                // Its name says that it is older than what it follows.
                let full = self.pods[at].json("POST", "/snapshot/full");
                self.is_well();
                self.clock.is_right_again();
                full["snapName"].as_str().unwrap().to_owned().into()
            }
            _ => self.member_fails(fault, at),
        };
        self.is_well();
        came
    }

    /// A file has the place of its directory, as where a volume was not mounted.
    fn store_is_away(&self) -> Came {
        let (store, away) = (self.site.store(), self.site.path().join(DISK).join("away"));
        fs::rename(&store, &away).unwrap();
        fs::write(&store, "not a directory").unwrap();
        self.it_is_told("the store is away");
        fs::remove_file(&store).unwrap();
        fs::rename(&away, &store).unwrap();
        String::new().into()
    }

    fn store_is_full(&self) -> Came {
        self.store.fill();
        self.it_is_told("the store is full");
        self.store.free();
        String::new().into()
    }

    /// Whoever takes backups says that they fail, and no etcd is touched by that.
    fn it_is_told(&self, what: &str) {
        self.pods[0].until(what, |_| {
            self.pods.iter().any(|pod| !failing(pod).is_empty())
        });
        wait::pass(Duration::from_secs(2));
        assert!(self.pods.iter().all(Pod::etcd_is_healthy), "{what}");
    }

    /// It is killed under load, and something happens to it before it is started again.
    fn member_fails(&mut self, fault: Fault, at: usize) -> Came {
        if fault == Fault::VolumeFull {
            self.fill_volume(at);
        }
        let is_alone = self.pods.len() == 1;
        let pod = &mut self.pods[at];
        pod.kill_etcd();
        if fault == Fault::PodKilled {
            pod.kill_sidecar();
        }
        // Where others serve, they are written to.
        let mut writes = is_alone.then(|| self.load.paused());
        let dir = pod.data_dir();
        let detail = match fault {
            Fault::WalFlipped => damage::flip_word(&dir, &mut self.random),
            Fault::PageZeroed => damage::zero_page(&dir, &mut self.random),
            Fault::DirectoryGone => {
                fs::remove_dir_all(&dir).unwrap();
                String::new()
            }
            Fault::VolumeFull => {
                // etcd-wrapper asks for it at once.
                pod.body("GET", "/initialization/start?mode=full");
                wait::pass(Duration::from_secs(2));
                self.volumes[at].free();
                String::new()
            }
            Fault::CertificateRotated => {
                // Those who are connected go on with the old one.
                for name in ["etcd", "client"] {
                    self.certificates.issue(name, Dates::Valid);
                }
                String::new()
            }
            _ => String::new(),
        };
        if fault == Fault::PodKilled {
            pod.start_sidecar();
        }
        pod.initialize_at_last();
        pod.launch_etcd();
        let wanted = self.pods.len();
        let pod = &self.pods[at];
        pod.until("it serves with its vote", |pod| {
            pod.etcd_is_healthy() && voters(pod) == Some(wanted)
        });
        let mut came = Came::from(format!("{} {detail} ({})", pod.name, verdict(pod)));
        if let Some(writes) = &mut writes {
            (came.lost, came.said) = lost(writes, pod, fault);
            let (difference, _) = difference(writes, pod);
            assert_eq!(difference, None, "{}", pod.log());
        }
        came
    }

    /// Until etcd has ended by that, or has found room for all of it.
    fn fill_volume(&mut self, at: usize) {
        self.volumes[at].fill();
        let pod = &self.pods[at];
        for _ in 0..LARGE_WRITES {
            // It has ended.
            if pod.door().open().is_none() {
                return;
            }
            writes_much(&self.load, pod, &mut self.random);
        }
    }

    /// Writes go on and are stored, and every member holds what was acknowledged.
    fn is_well(&mut self) {
        let (load, first) = (&self.load, &self.pods[0]);
        load.goes_on(first, 10);
        let written = load.paused().newest();
        first.until("all of it is stored", |_| {
            self.pods.iter().any(|pod| restorable(pod) >= Some(written))
        });
        first.until("nothing fails", |_| {
            self.pods.iter().all(|pod| failing(pod).is_empty())
        });
        for pod in &self.pods {
            let (difference, _) = load.difference(pod);
            assert_eq!(difference, None, "{}: {}", pod.name, pod.log());
        }
        self.learn();
    }

    /// What was acknowledged since, with etcd's hash of it.
    fn learn(&mut self) {
        let pod = &self.pods[0];
        let all = self.pods.iter().flat_map(acknowledged);
        for (name, revision) in all.collect::<BTreeMap<_, _>>() {
            let known = self.snapshots.entry(name);
            known.or_insert_with(|| (revision, pod.hash_kv(revision)));
        }
    }

    /// Nothing is written any more, and the last of it is stored.
    pub(crate) fn end(&mut self) -> u64 {
        let load = self.load.paused();
        let (count, head) = (load.count(), self.pods[0].revision());
        self.pods[0].until("the last of it is stored", |_| {
            self.pods.iter().any(|pod| restorable(pod) >= Some(head))
        });
        drop(load);
        self.learn();
        count
    }
}

/// What of `writes` the state lacks with which it was started; what was said of it. Those are forgotten.
fn lost(writes: &mut Writes, pod: &Pod, fault: Fault) -> (usize, String) {
    let (head, newest) = (pod.revision(), writes.newest());
    if head >= newest {
        return (0, String::new());
    }
    let what = format!("{fault}: {newest} was acknowledged, and {head} is served");
    assert!(fault.destroys(), "{what}: {}", pod.log());
    let stored = acknowledged(pod).into_values().max();
    assert!(
        stored <= Some(head),
        "{what}, and {stored:?} was stored: {}",
        pod.log()
    );
    let report = fs::read(pod.volume().join("new.etcd.initialized.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["restored"]["revision"], head, "{what}: {report}");
    let (revisions, measure) = (&report["loss"]["revisions"], &report["loss"]["measure"]);
    let said = format!("{measure} {revisions}");
    // Of a directory that is gone nobody can tell what it held.
    let is_known = fault != Fault::DirectoryGone && measure != "unknown";
    if is_known {
        assert!(
            revisions.as_i64() >= Some(newest - head),
            "{what}, and it is said: {said}"
        );
    }
    (writes.lost_after(head), said)
}

/// What the last initialization found.
fn verdict(pod: &Pod) -> String {
    let log = pod.log();
    let (_, verdict) = log.rsplit_once("verdict=").unwrap_or_default();
    verdict
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn status(pod: &Pod) -> Value {
    pod.json("GET", "/status")["backups"].clone()
}

fn restorable(pod: &Pod) -> Option<i64> {
    status(pod)["restorable"]["revision"].as_i64()
}

fn failing(pod: &Pod) -> Vec<Value> {
    status(pod)["failing"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}
