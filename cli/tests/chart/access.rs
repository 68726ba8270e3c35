//! What a pod of the release may do in the API: renew its leases.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::kube::{ApiServer, ServiceAccount};

use crate::rendered::{RELEASE, collection, objects};

const ACCOUNT: ServiceAccount<'static> = ServiceAccount {
    namespace: RELEASE.namespace,
    name: "main-etcd",
};

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/garden/leases";

/// The chart's Role was written down and not tried: a verb too few, and no lease is renewed.
pub(crate) async fn leases_of_the_release_and_nothing_else(api: &ApiServer) {
    let values =
        json!({"replicas": 3, "memberNamePrefix": "a", "backup": {"storageProvider": "S3"}});
    for object in objects(&values) {
        let of_access = ["ServiceAccount", "Role", "RoleBinding", "Lease"];
        if of_access.contains(&object["kind"].as_str().unwrap()) {
            api.make(&collection(&object), object).await.unwrap();
        }
    }
    api.make_lease(ACCOUNT.namespace, "of-another")
        .await
        .unwrap();
    let token = api.token(ACCOUNT).await.unwrap();
    let ask = async |method: Method, path: &str, body: Value| {
        let (status, _) = api.ask_as(&token, method, path, body).await.unwrap();
        status
    };
    let renewed = json!({"spec": {"holderIdentity": "1354"}});
    for lease in [
        "main-etcd-full-snap",
        "main-etcd-delta-snap",
        "a-main-etcd-0",
        "a-main-etcd-2",
    ] {
        let path = format!("{LEASES}/{lease}");
        assert_eq!(ask(Method::GET, &path, Value::Null).await, 200, "{lease}");
        assert_eq!(
            ask(Method::PATCH, &path, renewed.clone()).await,
            200,
            "{lease}"
        );
        assert_eq!(
            ask(Method::DELETE, &path, Value::Null).await,
            403,
            "{lease}"
        );
    }
    let another = format!("{LEASES}/of-another");
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "new"}});
    for (method, path, body) in [
        (Method::GET, another.as_str(), Value::Null),
        (Method::PATCH, &another, renewed),
        (Method::GET, LEASES, Value::Null),
        (Method::POST, LEASES, lease),
        (
            Method::GET,
            "/api/v1/namespaces/garden/secrets",
            Value::Null,
        ),
        (Method::GET, "/api/v1/namespaces/garden/pods", Value::Null),
        (
            Method::GET,
            "/apis/apps/v1/namespaces/garden/statefulsets/main-etcd",
            Value::Null,
        ),
    ] {
        let called = format!("{method} {path}");
        assert_eq!(ask(method, path, body).await, 403, "{called}");
    }
}
