//! A cluster of Kubernetes, as far as its API goes: what somebody deleted comes back, every object as it was, and whoever has watched
//! is told to read again.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::kube::ApiServer;
use testkit::{oracles, wait};
use tokio::runtime::Runtime;

use crate::snapshotter::Snapshotter;
use crate::support::Site;

const NAMESPACE: &str = "shop";

/// What is made, deleted and compared: built in, in groups, and of another version of the API.
const KINDS: [&str; 4] = [
    "api/v1/namespaces/shop/configmaps",
    "api/v1/namespaces/shop/secrets",
    "apis/apps/v1/namespaces/shop/deployments",
    "apis/batch/v1/namespaces/shop/cronjobs",
];

/// Object `number` of a kind.
fn object(kind: &str, number: usize) -> Value {
    let labels = json!({ "app": format!("app-{number}") });
    let pod = json!({
        "metadata": { "labels": labels },
        "spec": {
            "restartPolicy": if kind.ends_with("cronjobs") { "Never" } else { "Always" },
            "containers": [{ "name": "main", "image": "registry.example/main:1" }],
        },
    });
    let mut object = match kind.rsplit('/').next() {
        Some("configmaps") => json!({ "data": { "key": format!("value {number}") } }),
        Some("secrets") => json!({ "stringData": { "password": format!("of {number}") } }),
        Some("deployments") => json!({
            "spec": { "selector": { "matchLabels": labels }, "template": pod },
        }),
        _ => json!({
            "spec": { "schedule": "0 3 * * *", "jobTemplate": { "spec": { "template": pod } } },
        }),
    };
    object["metadata"] = json!({ "name": format!("object-{number}"), "labels": labels });
    object
}

async fn fill(api: &ApiServer, count: usize) {
    let namespace = json!({ "metadata": { "name": NAMESPACE } });
    api.make("/api/v1/namespaces", namespace).await.unwrap();
    for kind in KINDS {
        for number in 0..count {
            api.make(&format!("/{kind}"), object(kind, number))
                .await
                .unwrap();
        }
    }
}

/// Every object, and the resource version at which they were listed.
async fn objects(api: &ApiServer) -> (BTreeMap<String, Value>, String) {
    let (mut found, mut version) = (BTreeMap::new(), String::new());
    for kind in KINDS {
        let (status, list) = api
            .ask(Method::GET, &format!("/{kind}"), Value::Null)
            .await
            .unwrap();
        assert_eq!(status, 200, "{list}");
        for item in list["items"].as_array().unwrap() {
            let name = item["metadata"]["name"].as_str().unwrap();
            found.insert(format!("{kind}/{name}"), item.clone());
        }
        version = list["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    (found, version)
}

/// What a client is told that goes on watching at `version`: a status, or that of the first event.
async fn watched(api: &ApiServer, version: &str) -> i64 {
    let path = format!(
        "/{}?watch=1&resourceVersion={version}&timeoutSeconds=5",
        KINDS[0]
    );
    let (status, told) = api.ask(Method::GET, &path, Value::Null).await.unwrap();
    if status != 200 {
        return i64::from(status);
    }
    match told["object"]["code"].as_i64() {
        Some(code) if told["type"] == "ERROR" => code,
        _ => i64::from(status),
    }
}

/// Somebody deletes everything in a namespace. It is restored to the moment before, onto an etcd of `version`.
fn what_was_deleted_comes_back(version: &str) {
    let (site, runtime) = (Site::new(), Runtime::new().unwrap());
    let api = runtime.block_on(ApiServer::start(version)).unwrap();
    let mut snapshotter = Snapshotter::start(&site, api.etcd(), &[]);
    snapshotter.says("took full");
    runtime.block_on(fill(&api, 25));
    let (before, listed) = runtime.block_on(objects(&api));
    assert_eq!(before.len(), 25 * KINDS.len());
    let moment = api.etcd().revision().unwrap();
    runtime.block_on(async {
        for kind in KINDS {
            let asked = api
                .ask(Method::DELETE, &format!("/{kind}"), Value::Null)
                .await;
            assert_eq!(asked.unwrap().0, 200, "{kind}");
        }
        assert_eq!(objects(&api).await.0.len(), 0);
    });
    let moment = moment.to_string();
    snapshotter.stores(api.etcd().revision().unwrap());
    some_come_back_without_an_outage(&site, &api, &moment, &before, &runtime);
    assert_eq!(snapshotter.stop().code, Some(0));
    drop(api);

    let member = Member::alone().unwrap();
    let flags = [
        "--to-revision",
        &moment,
        "--bump-revision",
        "1000000",
        "--mark-compacted",
    ];
    let identity = member.flags();
    let identity: Vec<&str> = identity.iter().map(String::as_str).collect();
    site.restore(&[&flags[..], &identity].concat());
    let etcd = Etcd::on(&oracles::etcd(version).unwrap(), &member, &site.data_dir()).unwrap();
    let api = runtime.block_on(ApiServer::on(etcd)).unwrap();
    let (after, _) = runtime.block_on(objects(&api));
    assert_eq!(after, before);
    // Who watched does not know of what was undone.
    assert_eq!(runtime.block_on(watched(&api, &listed)), 410);
    // And it goes on.
    let made = runtime.block_on(api.make(&format!("/{}", KINDS[0]), object(KINDS[0], 100)));
    let made: i64 = made.unwrap()["metadata"]["resourceVersion"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(made > 1_000_000, "{made}");
}

/// Those of one kind, put back into the etcd that runs.
fn some_come_back_without_an_outage(
    site: &Site,
    api: &ApiServer,
    moment: &str,
    before: &BTreeMap<String, Value>,
    runtime: &Runtime,
) {
    let etcd = api.etcd().client_url();
    let flags = ["--at-revision", moment, "--to", etcd, "--apply"];
    let back = [&["/registry/configmaps/shop/", "--prefix"], &flags[..]].concat();
    let run = site.run("extract", &back);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    // kube-apiserver serves lists from what it has watched.
    let come = wait::until("they are listed", Duration::from_secs(20), || {
        let (found, _) = runtime.block_on(objects(api));
        Ok((found.len() == before.len() / KINDS.len()).then_some(found))
    });
    for (name, mut object) in come.unwrap() {
        assert!(name.starts_with(KINDS[0]), "{name}");
        let mut meant = before[&name].clone();
        for object in [&mut object, &mut meant] {
            object["metadata"]["resourceVersion"].take();
        }
        assert_eq!(object, meant);
    }
}

#[test]
fn on_etcd_3_5() {
    what_was_deleted_comes_back("3.5.35");
}

#[test]
fn on_etcd_3_6() {
    what_was_deleted_comes_back("3.6.16");
}

#[test]
fn on_etcd_3_7() {
    what_was_deleted_comes_back("3.7.3");
}
