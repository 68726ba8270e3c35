//! A real kube-apiserver takes every object that the chart renders, and its pods where Kubernetes admits only `restricted` ones.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::kube::ApiServer;

use crate::rendered::{RELEASE, collection, name, objects, objects_of, of_kind, only, pods};
use crate::{access, settings, upgraded};

/// One server for all of it: it takes seconds to start.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_of_kubernetes_takes_it() {
    let api = ApiServer::start("3.6.16").await.unwrap();
    let namespace = json!({"metadata": {
        "name": RELEASE.namespace,
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    }});
    api.make("/api/v1/namespaces", namespace).await.unwrap();
    api.learn_monitoring().await.unwrap();
    every_object_is_taken(&api).await;
    what_is_wrong_is_not_taken(&api).await;
    pods_are_restricted(&api).await;
    upgraded::a_release_of_the_reference_is_upgraded_in_place(&api).await;
    access::leases_of_the_release_and_nothing_else(&api).await;
}

/// What the server would say if it were asked in earnest, about unknown fields too.
async fn tried(api: &ApiServer, object: &Value) -> (u16, Value) {
    let path = format!("{}?dryRun=All&fieldValidation=Strict", collection(object));
    let asked = api.ask(Method::POST, &path, object.clone()).await;
    asked.unwrap()
}

async fn every_object_is_taken(api: &ApiServer) {
    let mut kinds = std::collections::BTreeSet::new();
    for (called, values) in settings::all() {
        for object in objects(&values) {
            let (status, said) = tried(api, &object).await;
            assert_eq!(status, 201, "{called}: {said:#}\n{object:#}");
            kinds.insert(object["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}

/// A test that takes everything shows nothing.
async fn what_is_wrong_is_not_taken(api: &ApiServer) {
    let rendered = objects(&settings::everything());
    let mut misspelt = only(&rendered, "StatefulSet").clone();
    misspelt["spec"]["template"]["spec"]["hostaliases"] = json!([]);
    let mut mistaken = only(&rendered, "PodDisruptionBudget").clone();
    mistaken["spec"]["minAvailable"] = json!(["2"]);
    let mut unmounted = pods(&rendered).remove(0);
    unmounted["spec"]["volumes"] = json!([]);
    let mut of_the_operator = only(&rendered, "ServiceMonitor").clone();
    of_the_operator["spec"]["endpoints"][0]["intervall"] = json!("30s");
    for (object, code, told) in [
        (of_the_operator, 400, "intervall"),
        (
            misspelt,
            400,
            "unknown field \"spec.template.spec.hostaliases\"",
        ),
        (mistaken, 400, "minAvailable"),
        (unmounted, 422, "volumeMounts[0].name"),
    ] {
        let (status, said) = tried(api, &object).await;
        assert_eq!(status, code, "{told}: {said:#}");
        assert!(said["message"].as_str().unwrap().contains(told), "{said:#}");
    }
}

async fn pods_are_restricted(api: &ApiServer) {
    for (called, values) in settings::restricted() {
        for pod in pods(&objects(&values)) {
            let (status, said) = tried(api, &pod).await;
            assert_eq!(status, 201, "{called}: {said:#}\n{pod:#}");
            let containers = pod["spec"]["containers"].as_array().unwrap();
            for container in containers {
                let is_read_only = &container["securityContext"]["readOnlyRootFilesystem"];
                assert_eq!(is_read_only, true, "{called}: {container}");
            }
        }
    }
    let mut pod = pods(&objects(&json!({}))).remove(0);
    pod["spec"]["containers"][1]["securityContext"]["capabilities"] = json!({});
    let (status, said) = tried(api, &pod).await;
    assert_eq!(status, 403, "{said:#}");
    assert!(said.to_string().contains("restricted"), "{said:#}");
}

#[test]
fn each_member_has_its_place() {
    let three = objects(&json!({"replicas": 3, "backup": {"storageProvider": "S3"}}));
    let config = &only(&three, "ConfigMap")["data"]["etcd.conf.yaml"];
    let config: Value = serde_saphyr::from_str(config.as_str().unwrap()).unwrap();
    assert_eq!(
        config["initial-cluster"],
        "main-etcd-0=http://main-etcd-0.main-etcd-peer.garden.svc:2380,\
         main-etcd-1=http://main-etcd-1.main-etcd-peer.garden.svc:2380,\
         main-etcd-2=http://main-etcd-2.main-etcd-peer.garden.svc:2380"
    );
    let leases: Vec<&str> = of_kind(&three, "Lease").into_iter().map(name).collect();
    assert_eq!(
        leases,
        [
            "main-etcd-full-snap",
            "main-etcd-delta-snap",
            "main-etcd-0",
            "main-etcd-1",
            "main-etcd-2"
        ]
    );
    let budget = &only(&three, "PodDisruptionBudget")["spec"];
    assert_eq!(budget["minAvailable"], 2);
    let one = objects(&json!({}));
    assert!(of_kind(&one, "PodDisruptionBudget").is_empty());
}

/// Two releases in one namespace have no name in common.
#[test]
fn releases_stand_beside_each_other() {
    let named = |release: &'static str| {
        let release = testkit::helm::Release {
            name: release,
            ..RELEASE
        };
        let rendered = objects_of(release, &settings::everything());
        let keys = rendered
            .iter()
            .map(|object| (object["kind"].to_string(), name(object).to_owned()));
        keys.collect::<std::collections::BTreeSet<_>>()
    };
    let (one, other) = (named("main"), named("events"));
    assert_eq!(one.len(), other.len());
    assert!(one.is_disjoint(&other), "{one:?}");
}
