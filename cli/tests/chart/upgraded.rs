//! A release of the reference's chart, upgraded to this one under its name.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::kube::ApiServer;

use crate::rendered::{collection, name, objects, only};

/// What stands in its StatefulSet (chart of etcd-backup-restore 0.43) and can never be changed. The rest is left out.
fn of_the_reference() -> Value {
    let labels = json!({"app.kubernetes.io/name": "etcd", "app.kubernetes.io/instance": "main"});
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "main-etcd", "namespace": "garden"},
        "spec": {
            "serviceName": "main-etcd-peer",
            "replicas": 1,
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "etcd", "image": "etcd-wrapper:latest"}]},
            },
            "volumeClaimTemplates": [{
                "metadata": {"name": "main-etcd"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}},
            }],
        },
    })
}

/// A StatefulSet of other names would have been another etcd, with empty volumes.
pub(crate) async fn a_release_of_the_reference_is_upgraded_in_place(api: &ApiServer) {
    let old = of_the_reference();
    api.make(&collection(&old), old.clone()).await.unwrap();
    let rendered = objects(&json!({"backup": {"storageProvider": "S3"}}));
    let new = only(&rendered, "StatefulSet");
    let path = format!(
        "{}/{}?dryRun=All&fieldValidation=Strict",
        collection(new),
        name(new)
    );
    let (status, said) = api.ask(Method::PUT, &path, new.clone()).await.unwrap();
    assert_eq!(status, 200, "{said:#}");
    let mut another = new.clone();
    another["spec"]["serviceName"] = json!("main-peer");
    let (status, said) = api.ask(Method::PUT, &path, another).await.unwrap();
    assert_eq!(status, 422, "{said:#}");
}
