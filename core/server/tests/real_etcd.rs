//! The configuration that `/config` answers, given to real etcds: what they read is what was meant.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use server::etcd_config::{Document, body};
use server::{ClusterFacts, ClusterState};
use testkit::etcd::Member;
use testkit::oracles::etcd;
use testkit::{on_every_etcd, wait};
use tokio::runtime::{Builder, Runtime};

on_every_etcd!(an_etcd_starts_with_what_is_its_own);

/// Killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// As etcd-druid mounts it, and besides: the gateway, which 3.4 has only where its file says so; what no etcd knows;
/// a text that is a boolean for readers of YAML 1.1 unless it is quoted, which etcd refuses there; and a quota that is
/// no number of 32 bits.
fn mounted(data_dir: &Path, client: &str, peer: &str) -> String {
    format!(
        "name: etcd-config
data-dir: {}
metrics: extensive
snapshot-count: 10000
enable-grpc-gateway: true
quota-backend-bytes: 8589934592
initial-cluster-token: \"yes\"
initial-cluster-state: new
initial-cluster: etcd-main-0={peer}
auto-compaction-mode: periodic
auto-compaction-retention: 30m
something-of-druid: {{a: [1, 2]}}
listen-peer-urls: {peer}
listen-client-urls: {client}
initial-advertise-peer-urls:
  etcd-main-0:
  - {peer}
advertise-client-urls:
  etcd-main-0:
  - {client}
  etcd-main-1:
  - http://elsewhere:2379
",
        data_dir.display()
    )
}

/// What etcd answers, once it does.
fn asked(runtime: &Runtime, url: &str) -> Option<Value> {
    runtime.block_on(async {
        let said = plain().post(url).body("{}").send().await.ok()?;
        serde_json::from_str(&said.text().await.ok()?).ok()
    })
}

fn read(runtime: &Runtime, url: &str) -> String {
    runtime.block_on(async {
        let said = plain().get(url).send().await.unwrap();
        said.text().await.unwrap()
    })
}

fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn an_etcd_starts_with_what_is_its_own(version: &str) {
    let binary = etcd(version).unwrap();
    let room = tempfile::tempdir().unwrap();
    // A port that nobody else takes.
    let url = || Member::alone().unwrap().peer_url().to_owned();
    let (client, peer) = (url(), url());
    let mounted = mounted(&room.path().join("data"), &client, &peer);
    let facts = ClusterFacts {
        state: ClusterState::New,
        members: None,
    };
    let config = body(&Document::parse(&mounted).unwrap(), "etcd-main-0", &facts).unwrap();
    let file = room.path().join("etcd.conf.yaml");
    std::fs::write(&file, &config).unwrap();
    let log = room.path().join("log");
    let etcd = Command::new(binary.path())
        .arg("--config-file")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn();
    let mut etcd = Running(etcd.unwrap());
    let list = format!("{client}/v3/cluster/member/list");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let members = wait::until("etcd serves", Duration::from_secs(60), || {
        let ended = etcd.0.try_wait()?;
        assert!(ended.is_none(), "{}", std::fs::read_to_string(&log)?);
        Ok(asked(&runtime, &list))
    });
    let members = members.unwrap();
    let own = &members["members"][0];
    assert_eq!(own["name"], "etcd-main-0");
    assert_eq!(own["peerURLs"], serde_json::json!([peer]));
    assert_eq!(own["clientURLs"], serde_json::json!([client]));
    let metrics = read(&runtime, &format!("{client}/metrics"));
    let quota = "\netcd_server_quota_backend_bytes 8.589934592e+09\n";
    assert!(metrics.contains(quota), "{metrics}");
}
