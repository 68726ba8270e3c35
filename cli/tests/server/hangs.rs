//! A sidecar is stopped while its store hangs: it takes connections and never answers. Kubernetes kills it after 30 s, and
//! what it did then is cut off anywhere.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use testkit::emulators::MortalMinio;
use testkit::proxy::{Fault, Match, Proxy};

use crate::asked::ask_at;
use crate::pod::{Cluster, Pod};
use crate::support::{Run, Site};

const BUCKET: &str = "etcdbr-hangs";

/// As long as Kubernetes waits.
const BOUND: Duration = Duration::from_secs(30);

/// A store that hangs as soon as it is told.
struct Store {
    proxy: Proxy,
    minio: MortalMinio,
}

impl Store {
    fn start() -> Self {
        let minio = MortalMinio::start(BUCKET).unwrap();
        let proxy = Proxy::start(&minio.url()).unwrap();
        Self { proxy, minio }
    }

    /// A pod alone, with its backups there.
    fn pod(&self, site: &Site) -> Pod {
        let mut pod = Cluster::of(site, "3.5.35").prepared(1).remove(0);
        let local = pod.arguments.iter().position(|word| word == "Local");
        pod.arguments.truncate(local.unwrap() - 1);
        let (user, password) = self.minio.account();
        let endpoint = pod.endpoint();
        let dir = pod.data_dir().display().to_string();
        let flags = [
            ("--storage-provider", "S3"),
            ("--store-container", BUCKET),
            ("--store-endpoint-override", self.proxy.url()),
            ("--data-dir", &dir),
            ("--endpoints", &endpoint),
            ("--delta-snapshot-period", "1s"),
            ("--schedule", "@every 24h"),
            ("--reelection-period", "1s"),
        ];
        let words = flags.iter().flat_map(|(flag, value)| [*flag, *value]);
        pod.arguments.extend(words.map(str::to_owned));
        pod.environment.extend([
            ("AWS_ACCESS_KEY_ID", user.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", password.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]);
        pod
    }

    /// It takes every request, and answers none.
    fn hangs(&self) {
        let never = Fault::Latency(Duration::from_secs(3600));
        self.proxy.inject(never, Match::any(), u32::MAX);
    }

    /// Waits until one more request hangs.
    fn is_asked(&self, pod: &Pod) {
        let before = self.proxy.faults();
        pod.until("the store is asked", |_| self.proxy.faults() > before);
    }
}

/// SIGTERM, and how it ended: in time.
#[expect(
    clippy::disallowed_methods,
    reason = "the bound is one of the time on the wall"
)]
fn stops(pod: &mut Pod) -> Run {
    let begun = Instant::now();
    let run = pod.stop_sidecar();
    let took = begun.elapsed();
    assert!(took < BOUND, "{took:?}: {}", run.stderr);
    run
}

#[test]
fn a_sidecar_ends_in_time_whatever_its_store_hangs_in() {
    let (site, store) = (Site::new(), Store::start());
    let mut pod = store.pod(&site);
    pod.start_sidecar();
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    pod.json("POST", "/snapshot/full");

    // With a delta under way, and somebody who waits for a full.
    store.hangs();
    let written = pod.put("a", "1");
    store.is_asked(&pod);
    let door = pod.sidecar_door();
    let waits = thread::spawn(move || ask_at(&door, "POST", "/snapshot/full"));
    store.is_asked(&pod);
    let run = stops(&mut pod);
    let answer = waits.join().unwrap();
    assert!(answer.is_none_or(|answer| answer.status != 200));
    assert!(run.stderr.contains("stored"), "{}", run.stderr);

    // As soon as it leads, before it knows what the store holds.
    pod.start_sidecar();
    store.is_asked(&pod);
    stops(&mut pod);

    // In a restore.
    pod.kill_etcd();
    fs::remove_dir_all(pod.data_dir()).unwrap();
    pod.start_sidecar();
    pod.body("GET", "/initialization/start?mode=full");
    store.is_asked(&pod);
    stops(&mut pod);
    assert!(!pod.data_dir().join("member").exists());

    // Nothing of that has kept it from anything once the store answers.
    store.proxy.clear();
    pod.start_sidecar();
    pod.initialize_at_last();
    pod.start_etcd();
    assert!(pod.revision() < written);
    pod.leads();
    pod.json("POST", "/snapshot/full");
    assert_eq!(stops(&mut pod).code, Some(0));
}
