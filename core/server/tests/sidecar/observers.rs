//! As the kubelet, Prometheus and people.

use jiff::Timestamp;
use serde_json::{Value, json};
use server::{Backups, Ending, EtcdHealth, Kind, Latest, Newest, Restorable, Role, Wanted};
use std::time::Duration;

use crate::client::plain;
use crate::fakes::snapshot;
use crate::world::{Plan, now};

fn value(said: (u16, String)) -> (u16, Value) {
    (said.0, serde_json::from_str(&said.1).unwrap())
}

#[tokio::test]
async fn health_keeps_its_meaning_and_the_new_ones_are_honest() {
    let sidecar = Plan::new().start().await;
    assert_eq!(
        sidecar.get("/healthz").await,
        (200, "{\"health\":true}".to_owned())
    );
    let ready = json!({"ready": true, "reasons": []});
    assert_eq!(value(sidecar.get("/readyz").await), (200, ready));
    sidecar.etcd.send_replace(EtcdHealth::Silent {
        why: "connection refused".to_owned(),
    });
    assert_eq!(
        sidecar.get("/healthz").await,
        (503, "{\"health\":false}".to_owned())
    );
    let (status, why) = sidecar.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(why.contains("connection refused"), "{why}");
    // It is not restarted for that.
    assert_eq!(sidecar.get("/livez").await.0, 200);
    // A follower is not healthy in the sense of the reference, but does its work.
    sidecar.etcd.send_replace(EtcdHealth::Answers);
    sidecar.role.send_replace(Role::Follower {
        leader: "http://localhost:2379".to_owned(),
    });
    assert_eq!(sidecar.get("/healthz").await.0, 503);
    assert_eq!(sidecar.get("/readyz").await.0, 200);
}

#[tokio::test]
async fn the_state_tells_what_is_known_and_null_for_the_rest() {
    let sidecar = Plan::new().start().await;
    let (status, told) = value(sidecar.get("/status").await);
    assert_eq!(status, 200);
    assert_eq!(told["role"], "leader");
    assert_eq!(told["version"], "1.2.3");
    assert_eq!(told["initialization"]["state"], "New");
    assert_eq!(told["loss"], Value::Null);
    assert_eq!(told["backups"]["restorable"], Value::Null);
    let before = |seconds: i64| Timestamp::from_second(now().as_second() - seconds).unwrap();
    sidecar.backups.send_replace(Backups {
        restorable: Some(Restorable {
            revision: 90,
            complete_until: before(9),
        }),
        newest: Some(Newest {
            revision: 93,
            read_at: before(1),
        }),
        ..Backups::default()
    });
    let (_, told) = value(sidecar.get("/status").await);
    assert_eq!(told["loss"], json!({"seconds": 9.0, "revisions": 3}));
    assert_eq!(told["backups"]["restorable"]["revision"], 90);
    let (_, metrics) = sidecar.get("/metrics").await;
    assert!(metrics.contains("\netcdbr_loss_seconds 9\n"), "{metrics}");
}

#[tokio::test]
async fn a_scrape_has_what_was_told() {
    let sidecar = Plan::new().start().await;
    sidecar
        .metrics
        .snapshot_failed(Kind::Full, Duration::from_secs(1));
    let response = plain().get(sidecar.url("/metrics")).send().await.unwrap();
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let text = response.text().await.unwrap();
    assert!(
        text.contains("\netcdbr_snapshotter_failure{error=\"full\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("# TYPE etcdbr_snapshotter_failure counter"),
        "{text}"
    );
}

#[tokio::test]
async fn the_contract_is_served() {
    let sidecar = Plan::new().start().await;
    let (status, text) = sidecar.get("/openapi.yaml").await;
    assert_eq!(status, 200);
    assert_eq!(text, include_str!("../../src/openapi.yaml"));
    assert_eq!(sidecar.get("/debug/pprof/").await.0, 404);
    assert_eq!(sidecar.post("/livez").await.0, 405);
}

/// The keys that a schema of the contract insists on.
fn required(contract: &Value, schema: &str) -> Vec<String> {
    let required = &contract["components"]["schemas"][schema]["required"];
    let mut keys: Vec<_> = required
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_str().unwrap().to_owned())
        .collect();
    keys.sort();
    keys
}

/// What is answered has what the contract says, and nothing that it does not.
#[tokio::test]
async fn answers_are_those_of_the_contract() {
    let sidecar = Plan::new().start().await;
    let contract: Value = serde_saphyr::from_str(&sidecar.get("/openapi.yaml").await.1).unwrap();
    let keys = |value: &Value| {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let (_, status) = value(sidecar.get("/status").await);
    assert_eq!(keys(&status), required(&contract, "Status"));
    let of_it = &contract["components"]["schemas"]["Status"]["properties"]["initialization"];
    let mut named = keys(&of_it["properties"]);
    named.sort();
    assert_eq!(keys(&status["initialization"]), named);
    *sidecar.snapshots.latest.lock().unwrap() = Latest {
        full_snapshot: Some(snapshot(Wanted::Full(Ending::Final), 7)),
        delta_snapshots: Some(vec![snapshot(Wanted::Delta, 9)]),
    };
    let (_, latest) = value(sidecar.get("/snapshot/latest").await);
    assert_eq!(keys(&latest), required(&contract, "Latest"));
    for told in [&latest["fullSnapshot"], &latest["deltaSnapshots"][0]] {
        assert_eq!(keys(told), required(&contract, "Snapshot"));
    }
}
