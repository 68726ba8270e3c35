//! What Helm says of the chart, and of values that nobody can mean.

use serde_json::{Value, json};
use testkit::helm::Helm;

use crate::rendered::{chart, refusal};
use crate::settings;

#[test]
fn helm_has_nothing_to_say() {
    let helm = Helm::new().unwrap();
    for (called, values) in settings::all() {
        let looked = helm.lint(&chart(), &values.to_string()).unwrap();
        let said = String::from_utf8_lossy(&looked.stdout);
        assert!(looked.status.success(), "{called}: {said}");
        assert!(!said.contains("[WARNING]"), "{called}: {said}");
    }
}

/// A misspelt value was as good as none: the backups went elsewhere, or stayed out.
#[test]
fn a_misspelt_value_is_refused() {
    for (values, told) in [
        (json!({"replica": 3}), "replica"),
        (
            json!({"backup": {"storageprovider": "S3"}}),
            "storageprovider",
        ),
        (
            json!({"backup": {"s3": {"accessKeyId": "id"}}}),
            "accessKeyId",
        ),
        (json!({"tls": {"etcd": {"peer": {"crt": "x"}}}}), "crt"),
        (
            json!({"backup": {"deltaSnapshotPeriod": "1 minute"}}),
            "deltaSnapshotPeriod",
        ),
        (
            json!({"backup": {"storageProvider": "s3"}}),
            "storageProvider",
        ),
        (json!({"replicas": 0}), "replicas"),
        (
            json!({"cronJob": {"endpoints": ["127.0.0.1:2379"]}}),
            "endpoints",
        ),
    ] {
        let said = refusal(&values);
        assert!(said.contains(told), "{values}: {said}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let of = |provider: &str, section: &str, values: Value| json!({"backup": {"storageProvider": provider, section: values}});
    for (values, told) in [
        (
            of("S3", "s3", json!({"region": "eu"})),
            "backup.s3.accessKeyID",
        ),
        (
            of("OSS", "oss", json!({"accessKeyID": "id"})),
            "backup.oss.endpoint",
        ),
        (
            of("Local", "local", json!({})),
            "backup.local: path or claim",
        ),
        (json!({"backup": {"storageProvider": "ECS"}}), "backup.ecs"),
        (
            of("S3", "garbageCollectionPolicy", json!("Window")),
            "backup.keep",
        ),
        (
            json!({"etcdAuth": {"username": "root"}}),
            "etcdAuth.password",
        ),
        (json!({"tls": {"etcd": {"ca": "x"}}}), "tls.etcd.client.crt"),
        // Two members were installed, and either of them that was away took the quorum with it.
        (
            json!({"replicas": 2}),
            "replicas: of 2 members 0 may be lost, as of 1: take 1, 3 or 5",
        ),
        (json!({"replicas": 4}), "take 1, 3 or 5"),
        (json!({"cronJob": {"enabled": true}}), "cronJob.endpoints"),
        (
            json!({"cronJob": {"enabled": true, "endpoints": ["http://etcd:2379"]}}),
            "backup.storageProvider",
        ),
        (
            json!({
                "backup": {"storageProvider": "Local", "local": {"path": "/srv"}},
                "cronJob": {"enabled": true, "endpoints": ["https://127.0.0.1:2379"], "controlPlane": {"enabled": true}},
            }),
            "another provider than Local",
        ),
    ] {
        let said = refusal(&values);
        assert!(said.contains(told), "{values}: {said}");
    }
}
