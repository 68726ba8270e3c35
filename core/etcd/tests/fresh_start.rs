//! What we write for a restored member is, byte for byte, what `etcdutl snapshot restore`
//! 3.5.1 writes, for one member and for each of three.
#![expect(clippy::unwrap_used, reason = "a failure is the test's")]

mod golden;

use std::collections::BTreeMap;

use etcd::data_dir;
use etcd::fresh_start::FreshStart;
use etcd::membership::{Cluster, InitialCluster};
use etcd::schema::{bucket, meta};

struct Restored {
    golden: &'static str,
    name: &'static str,
    initial_cluster: &'static str,
    advertised: &'static [&'static str],
    token: &'static str,
}

const THREE: &str = "m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380,\
    m2=http://10.0.0.2:7001,m3=https://10.0.0.3:2380";

const RESTORED: [Restored; 5] = [
    Restored {
        golden: "one",
        name: "default",
        initial_cluster: "default=http://127.0.0.1:23801",
        advertised: &["http://127.0.0.1:23801"],
        token: "tkn",
    },
    three("three-m1", "m1", &["http://10.0.0.1:2380"]),
    three(
        "three-m2",
        "m2",
        &["http://10.0.0.2:7001", "http://10.0.0.2:2380"],
    ),
    three("three-m3", "m3", &["https://10.0.0.3:2380"]),
    Restored {
        golden: "odd",
        name: "a<&>\"é",
        initial_cluster: "a<&>\"é=http://[::1]:1",
        advertised: &["http://[::1]:1"],
        token: "etcd-cluster",
    },
];

const fn three(
    golden: &'static str,
    name: &'static str,
    advertised: &'static [&'static str],
) -> Restored {
    Restored {
        golden,
        name,
        initial_cluster: THREE,
        advertised,
        token: "etcd-cluster-1",
    }
}

fn fresh_start(restored: &Restored) -> FreshStart {
    let initial = InitialCluster::parse(restored.initial_cluster).unwrap();
    let cluster = Cluster::bootstrap(&initial, restored.token).unwrap();
    FreshStart::new(
        &cluster,
        cluster.local(restored.name, restored.advertised).unwrap(),
    )
}

fn bucket_of(golden: &str, name: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let db = bolt::Db::open(golden::gunzip(&format!("restore/{golden}.db.gz"))).unwrap();
    let bucket = db.bucket(name).unwrap().unwrap();
    let mut cursor = bucket.cursor();
    let mut content = BTreeMap::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        content.insert(key.to_vec(), value.to_vec());
    }
    content
}

#[test]
fn the_log_is_etcdutls() {
    for restored in &RESTORED {
        let expected = golden::bytes(&format!("restore/{}.wal", restored.golden));
        assert_eq!(fresh_start(restored).wal, expected, "{}", restored.golden);
    }
}

#[test]
fn the_raft_snapshot_is_etcdutls() {
    for restored in &RESTORED {
        let expected = golden::bytes(&format!("restore/{}.snap", restored.golden));
        assert!(
            fresh_start(restored).snapshot == expected,
            "{}",
            restored.golden
        );
    }
}

#[test]
fn the_file_names_are_etcdutls() {
    for restored in &RESTORED {
        let names = golden::bytes(&format!("restore/{}.names", restored.golden));
        let start = fresh_start(restored);
        let ours = format!(
            "{}\n{}\n",
            data_dir::snapshot(start.snapshot_name).display(),
            data_dir::segment(start.wal_name).display()
        );
        assert_eq!(ours.as_bytes(), names, "{}", restored.golden);
    }
}

#[test]
fn the_buckets_are_etcdutls() {
    for restored in &RESTORED {
        let start = fresh_start(restored);
        assert_eq!(start.members, bucket_of(restored.golden, bucket::MEMBERS));
        assert!(bucket_of(restored.golden, bucket::MEMBERS_REMOVED).is_empty());
        let theirs = bucket_of(restored.golden, bucket::META);
        for key in [meta::CONSISTENT_INDEX, meta::TERM] {
            assert_eq!(start.meta[key], theirs[key], "{}", restored.golden);
        }
    }
}

/// Trap 40: a cluster whose members disagree on any of this never elects a leader, or elects
/// two. Only the log's metadata may differ, and it stands in the first 56 bytes.
#[test]
fn members_of_one_cluster_differ_only_in_the_logs_metadata() {
    let starts: Vec<FreshStart> = RESTORED[1..4].iter().map(fresh_start).collect();
    for start in &starts[1..] {
        assert_ne!(start.wal, starts[0].wal);
        let alike = FreshStart {
            wal: starts[0].wal.clone(),
            ..start.clone()
        };
        assert_eq!(alike, starts[0]);
    }
}

#[test]
fn the_conf_state_is_of_the_new_cluster() {
    let start = fresh_start(&RESTORED[0]);
    let json = br#"{"voters":[7787298040797728259],"auto_leave":false}"#;
    assert_eq!(start.meta[meta::CONF_STATE], json);
}
