//! The program is exchanged under a setup that runs, and exchanged back: only the image is another. The store was filled by
//! etcd-backup-restore itself (`testdata/backups`). Its program cannot be had where these tests run: what it leaves in a data
//! directory, and what it makes of what we leave, is by its rules (`by_rules.rs`, `reference.rs`), with etcd's own tools and
//! etcds that run.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member, State};
use testkit::oracles;

use crate::by_rules::{Listed, collect, listed, take_delta};
use crate::pod::{Cluster, Pod};
use crate::reference::{newest, restores_the_same};
use crate::sample::{E34, E35, Sample};
use crate::support::{Site, contents};

const ETCD: &str = "3.5.35";

/// The command line and environment of etcd-druid 0.37.1 (`component/statefulset/builder.go`) for a cluster without TLS and
/// with a local store, word by word, but for directories and ports.
fn run_by_druid(pod: &mut Pod, site: &Site) {
    let (volume, port) = (pod.volume(), pod.port());
    let volume = volume.display();
    let flags = format!(
        "server --server-port={port} --enable-snapshot-lease-renewal=true --full-snapshot-lease-name=etcd-main-full-snap \
         --delta-snapshot-lease-name=etcd-main-delta-snap --storage-provider=Local --store-prefix= \
         --delta-snapshot-period=5m --delta-snapshot-retention-period=360h0m0s --delta-snapshot-memory-limit=104857600 \
         --garbage-collection-policy=LimitBased --max-backups=7 --garbage-collection-period=12h --compress-snapshots=true \
         --compression-policy=gzip --etcd-snapshot-timeout=15m --etcd-defrag-timeout=15m --auto-compaction-mode=periodic \
         --auto-compaction-retention=30m --insecure-transport=true --insecure-skip-tls-verify=true --endpoints={} \
         --service-endpoints={} --data-dir={volume}/new.etcd \
         --restoration-temp-snapshots-dir={volume}/restoration.temp --snapstore-temp-directory={volume}/temp \
         --etcd-connection-timeout=5m --use-etcd-wrapper=true --enable-member-lease-renewal=true \
         --k8s-heartbeat-duration=10s --embedded-etcd-quota-bytes=8589934592 --enable-profiling=true \
         --etcd-connection-timeout-leader-election=5s --reelection-period=5s",
        pod.endpoint(),
        pod.endpoint(),
    );
    pod.arguments = flags.split_whitespace().map(str::to_owned).collect();
    let schedules = [
        "--schedule=0 */24 * * *",
        "--defragmentation-schedule=0 0 */3 * 7",
    ];
    pod.arguments.extend(schedules.map(str::to_owned));
    let home = site.path().display().to_string();
    pod.environment.push(("HOME", home));
    pod.environment
        .push(("STORAGE_CONTAINER", "store".to_owned()));
}

/// A pod as druid runs it, whose sidecar was exchanged while etcd was down. Its volume holds what the reference had left.
fn swapped(site: &Site, version: &str) -> Pod {
    let mut pod = Cluster::of(site, version).prepared(1).remove(0);
    run_by_druid(&mut pod, site);
    fs::write(pod.volume().join("safe_guard"), "garden").unwrap();
    fs::write(pod.volume().join("exit_code"), "terminated").unwrap();
    fs::create_dir(pod.volume().join("temp")).unwrap();
    pod
}

fn snap_name(snapshot: &Value) -> String {
    snapshot["snapName"].as_str().unwrap().to_owned()
}

/// All that etcd-wrapper, etcd-druid, gardener and the kubelet ask, but for the initialization.
fn answers_every_call(pod: &Pod) {
    let config = pod.body("GET", "/config");
    assert!(config.contains("initial-cluster-state"), "{config}");
    assert_eq!(pod.body("GET", "/initialization/status"), "New");
    assert_eq!(pod.body("GET", "/healthz"), "{\"health\":true}");
    assert_eq!(pod.json("POST", "/snapshot/full")["kind"], "Full");
    let written = pod.put("of the test", "a call");
    assert_eq!(pod.json("POST", "/snapshot/delta")["lastRevision"], written);
    assert_eq!(pod.body("POST", "/snapshot/delta"), "null");
    assert_eq!(
        pod.json("GET", "/snapshot/full?final=true")["isFinal"],
        true
    );
    let latest = pod.json("GET", "/snapshot/latest");
    assert_eq!(latest["fullSnapshot"]["lastRevision"], written);
    let metrics = pod.body("GET", "/metrics");
    let told = format!("etcdbr_snapshot_latest_revision{{kind=\"Full\"}} {written}");
    assert!(metrics.contains(&told), "{metrics}");
    assert!(metrics.contains("etcdbr_snapshot_required{kind=\"Incr\"}"));
}

/// A restore of what is asked for, started.
fn restored(site: &Site, flags: &[&str]) -> State {
    let member = Member::alone().unwrap();
    let own = member.flags();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    site.restore(&[flags, &own].concat());
    let etcd = Etcd::on(&oracles::etcd(ETCD).unwrap(), &member, &site.data_dir()).unwrap();
    let state = etcd.state().unwrap();
    drop(etcd);
    fs::remove_dir_all(site.data_dir()).unwrap();
    state
}

/// The etcd of a pod that is stopped, for questions.
fn etcd_on(dir: &Path) -> Etcd {
    let (binary, member) = (oracles::etcd(ETCD).unwrap(), Member::alone().unwrap());
    Etcd::serving(&binary, &member, dir, &[]).unwrap()
}

/// A member that the reference has restored, with its name `default`, its peer URL and without the leases of its deltas.
/// Neither makes it another history than that of the backups: it stays as it is, and the backups go on with a full.
#[test]
fn the_sidecar_goes_on_where_the_reference_was_stopped() {
    let site = Site::with_backup("e35-gzip");
    let room = tempfile::tempdir().unwrap();
    let mut before = newest(&site, room.path());
    // All of it is in the database then.
    before.snapshot(io::sink()).unwrap();
    before.kill();
    let mut pod = swapped(&site, ETCD);
    let left = pod.data_dir();
    fs::rename(before.data_dir(), &left).unwrap();
    let of_reference = listed(&site);
    let member = contents(&left);

    pod.start_sidecar();
    pod.initialize("full");
    pod.until("it is read", |pod| {
        pod.body("GET", "/initialization/status") == "New"
    });
    pod.initialize("sanity");
    assert!(
        contents(&left) == member,
        "the member was changed: {}",
        pod.log()
    );
    pod.start_etcd();
    pod.leads();
    assert_eq!(pod.revision(), 10961);
    pod.until("its peers find it where its configuration says", |pod| {
        let members = pod.etcd("cluster/member/list", &json!({}));
        let config = pod.body("GET", "/config");
        config.contains(members["members"][0]["peerURLs"][0].as_str().unwrap())
    });
    pod.until("a full was taken by itself", |pod| {
        let latest = pod.json("GET", "/snapshot/latest");
        latest["fullSnapshot"]["lastRevision"] == 10961
    });
    answers_every_call(&pod);
    let written = pod.put("after the swap", "1");
    let last = snap_name(&pod.json("POST", "/snapshot/delta"));
    let run = pod.stop_sidecar();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    says_what_the_page_tells(&run.stderr);
    assert_eq!(
        fs::read(pod.volume().join("safe_guard")).unwrap(),
        b"garden"
    );

    // Both are listed. Nothing of the reference is gone, and what follows is a lineage that begins with a full.
    let all = site.run("list", &["--output", "json"]).stdout;
    let ours: Vec<_> = listed(&site)
        .into_iter()
        .filter(|one| !of_reference.contains(one))
        .collect();
    assert_eq!(listed(&site).len(), of_reference.len() + ours.len());
    assert!(ours[0].is_full && ours[0].last >= 10961, "{ours:?}");
    for one in listed(&site) {
        let name = one.key.file_name().unwrap().to_str().unwrap();
        assert!(all.contains(name), "{name}: {all}");
    }
    assert!(all.contains(&last));

    pod.kill_etcd();
    let live = etcd_on(&left);
    let report = site.restore(&[]);
    fs::remove_dir_all(site.data_dir()).unwrap();
    assert_eq!(report["revision"], written);
    assert_eq!(report["hash_kv"], live.hash_kv(0).unwrap().hash);
    // What the newest lineage does not hold is named.
    site.refused(&["--to-revision", "5000"], &["--lineage unknown"]);
    // The end of the reference's part, to the hash that its source had, and a moment in the middle of a delta.
    let hash = site.restored_hash(&["--lineage", "unknown"]);
    assert_eq!(hash, u64::from(E35.hash_kv().hash));
    let moment = restored(&site, &["--lineage", "unknown", "--to-revision", "5000"]);
    let expected = live.state_at(5000).unwrap();
    let (moment, expected) = (
        moment.without_leases_after(0),
        expected.without_leases_after(0),
    );
    assert_eq!(moment.difference(&expected), None);
    the_old_ones_are_collected(&site, &of_reference);
}

/// `docs/migration.md`, "In the log".
fn says_what_the_page_tells(log: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = fs::read_to_string(docs.join("migration.md")).unwrap();
    let (_, section) = page.split_once("### In the log\n").unwrap();
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter_map(|row| row.strip_prefix("| `"));
    let lines: Vec<&str> = rows.map(|row| row.split('`').next().unwrap()).collect();
    assert!(lines.len() > 5, "{lines:?}");
    for line in lines {
        assert!(log.contains(line), "{line}: {log}");
    }
}

/// By the policy of druid, when their time has come: a store would grow for ever else.
fn the_old_ones_are_collected(site: &Site, of_reference: &[Listed]) {
    for one in of_reference {
        let file = File::options()
            .append(true)
            .open(site.store().join(&one.key));
        file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    let policy = ["--garbage-collection-policy=LimitBased", "-m=1"];
    let run = site.run("gc", &policy);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let left = listed(site);
    assert!(
        of_reference.iter().all(|one| !left.contains(one)),
        "{left:?}"
    );
}

/// Nothing is left but the backups of the reference.
fn a_wiped_volume_comes_back(sample: Sample, name: &str, version: &str) {
    let site = Site::with_backup(name);
    let mut pod = swapped(&site, version);
    pod.start_sidecar();
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    let source = sample.state();
    assert_eq!(pod.revision(), source.revision());
    answers_every_call(&pod);
    pod.kill_sidecar();
    pod.kill_etcd();
    let live = etcd_on(&pod.data_dir());
    assert_eq!(live.hash_kv(source.revision()).unwrap(), sample.hash_kv());
    let now = live.state_at(source.revision()).unwrap();
    assert_eq!(now.difference(&source), None);
}

#[test]
fn a_wiped_volume_comes_back_from_gzip_of_the_reference() {
    a_wiped_volume_comes_back(E35, "e35-gzip", ETCD);
}

#[test]
fn a_wiped_volume_comes_back_from_lzw_of_the_reference() {
    a_wiped_volume_comes_back(E34, "e34-lzw", ETCD);
}

/// By rules: what lies in the store and on the volume when the image is exchanged back; the reference's own delta and
/// collection there, which know nothing of metadata; and the way here once more.
#[test]
fn the_reference_goes_on_where_the_sidecar_was_stopped() {
    let site = Site::with_backup("e35-gzip");
    let mut pod = swapped(&site, ETCD);
    pod.start_sidecar();
    pod.initialize("full");
    pod.start_etcd();
    pod.leads();
    pod.json("POST", "/snapshot/full");
    for number in 0..3 {
        pod.put("key", &number.to_string());
        pod.json("POST", "/snapshot/delta");
    }
    assert_eq!(pod.stop_sidecar().code, Some(0));
    pod.kill_etcd();

    // Every object below v2/ is a snapshot to it, and no other is.
    let objects = fs::read_dir(site.store().join("v2")).unwrap().count();
    assert_eq!(listed(&site).len(), objects);
    assert!(listed(&site).iter().all(|one| one.key.starts_with("v2")));
    // It judges by these, and fills others of its own.
    assert_eq!(
        fs::read(pod.volume().join("safe_guard")).unwrap(),
        b"garden"
    );
    let inside: Vec<_> = fs::read_dir(pod.data_dir()).unwrap().collect();
    assert!(inside.len() == 1 && pod.data_dir().join("member").is_dir());
    let beside = fs::read_dir(pod.volume())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let beside: BTreeSet<String> = beside.map(|name| name.into_string().unwrap()).collect();
    let of_both = ["exit_code", "new.etcd", "safe_guard", "temp"];
    let ours = ["new.etcd.etcdbr-member", "new.etcd.initialized.json"];
    let expected = of_both.into_iter().chain(ours).map(str::to_owned);
    assert_eq!(beside, expected.collect());
    let live = etcd_on(&pod.data_dir());
    restores_the_same(&site, &live);

    live.put(b"written beside the reference", b"1").unwrap();
    let taken = take_delta(&site, &live);
    restores_the_same(&site, &live);
    assert!(collect(&site) > 8);
    restores_the_same(&site, &live);
    let hash = live.hash_kv(0).unwrap().hash;
    drop(live);
    assert_eq!(site.restored_hash(&[]), u64::from(hash));

    let member = contents(&pod.data_dir());
    pod.start_sidecar();
    pod.initialize("full");
    assert!(contents(&pod.data_dir()) == member, "{}", pod.log());
    pod.start_etcd();
    pod.leads();
    assert_eq!(pod.revision(), taken);
    answers_every_call(&pod);
    assert_eq!(pod.stop_sidecar().code, Some(0));
    pod.kill_etcd();
    let hash = etcd_on(&pod.data_dir()).hash_kv(0).unwrap().hash;
    assert_eq!(site.restored_hash(&[]), u64::from(hash));
}
