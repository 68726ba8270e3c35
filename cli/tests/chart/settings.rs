//! The values that the chart is tried with: members, each provider, and all that is optional.

use serde_json::{Value, json};

/// Values, and what they are called in a failure.
pub(crate) type Settings = (String, Value);

pub(crate) fn all() -> Vec<Settings> {
    let mut all = vec![
        ("nothing said".to_owned(), json!({})),
        ("three members".to_owned(), json!({"replicas": 3})),
        ("everything".to_owned(), everything()),
        (
            "a directory of the node".to_owned(),
            directory_of_the_node(),
        ),
    ];
    all.extend(providers());
    all.extend(jobs());
    all
}

/// Those whose pods are what Kubernetes calls `restricted`.
pub(crate) fn restricted() -> Vec<Settings> {
    let needs_the_node = ["a directory of the node", "jobs on a control plane"];
    let mut all = all();
    all.retain(|(called, _)| !needs_the_node.contains(&called.as_str()));
    all
}

fn of_provider(provider: &str, section: &str, values: &Value) -> Value {
    json!({"backup": {"storageProvider": provider, section: values}})
}

/// The values of each provider's section, as the reference's chart names them.
pub(crate) fn providers() -> Vec<Settings> {
    let keys = json!({"accessKeyID": "id", "secretAccessKey": "secret", "region": "eu", "endpoint": "https://s3.example"});
    let s3 = json!({
        "region": "eu", "accessKeyID": "id", "secretAccessKey": "secret", "endpoint": "https://s3.example",
        "s3ForcePathStyle": "true", "sseCustomerKey": "k", "sseCustomerAlgorithm": "AES256",
    });
    let gcs = json!({"serviceAccountJson": "{}", "storageAPIEndpoint": "https://gcs.example", "emulatorEnabled": "false", "projectID": "p"});
    let abs = json!({"storageAccount": "a", "storageKey": "a2V5", "domain": "blob.example", "emulatorEnabled": "false"});
    let swift = json!({
        "authURL": "https://keystone.example/v3", "domainName": "d", "username": "u", "password": "p", "tenantName": "t", "regionName": "r",
    });
    let oss = json!({"endpoint": "https://oss.example", "accessKeyID": "id", "accessKeySecret": "secret"});
    let ecs = json!({
        "endpoint": "https://ecs.example", "accessKeyID": "id", "secretAccessKey": "secret", "disableSsl": "false", "insecureSkipVerify": "false",
    });
    let mut all = Vec::new();
    for (provider, section, values) in [
        ("S3", "s3", s3),
        ("GCS", "gcs", gcs),
        ("ABS", "abs", abs),
        ("Swift", "swift", swift),
        ("OSS", "oss", oss),
        ("ECS", "ecs", ecs),
        ("OCS", "ocs", keys),
        ("Local", "local", json!({"claim": "backups"})),
    ] {
        let values = of_provider(provider, section, &values);
        all.push((provider.to_owned(), values));
    }
    let role = json!({"region": "eu", "roleARN": "arn:aws:iam::1:role/backups"});
    all.push(("S3 by a token".to_owned(), by_token("S3", "s3", &role)));
    let federated = json!({"credentialsConfig": {"type": "external_account", "audience": "//iam"}, "projectID": "p"});
    all.push((
        "GCS by a token".to_owned(),
        by_token("GCS", "gcs", &federated),
    ));
    let ambient = json!({"backup": {"storageProvider": "S3", "extraEnv": [{"name": "AWS_REGION", "value": "eu"}]}});
    all.push(("S3 of the machine".to_owned(), ambient));
    let existing = json!({"backup": {"storageProvider": "GCS", "existingSecret": "mine"}});
    all.push(("GCS by a secret that is there".to_owned(), existing));
    all
}

fn by_token(provider: &str, section: &str, values: &Value) -> Value {
    let mut all = of_provider(provider, section, values);
    all["backup"]["tokenAuth"] =
        json!({"enabled": true, "audience": "aud", "expirationSeconds": 3600});
    all
}

fn directory_of_the_node() -> Value {
    of_provider(
        "Local",
        "local",
        &json!({"path": "/etc/local-backupbuckets"}),
    )
}

/// No PEM is read while it is rendered.
pub(crate) fn certificates() -> Value {
    let pair = json!({"crt": "CERTIFICATE", "key": "KEY"});
    json!({
        "etcd": {"ca": "CA", "server": pair, "client": pair, "peer": {"ca": "CA", "server": pair}},
        "etcdBackupRestore": {"ca": "CA", "server": pair, "client": pair},
    })
}

/// Each part that can be switched on, and no value as it was.
pub(crate) fn everything() -> Value {
    json!({
        "images": {"etcdBackupRestore": {"repository": "etcdbrctl", "tag": "v1", "pullPolicy": "Always"}},
        "imagePullSecrets": [{"name": "registry"}],
        "replicas": 3,
        "memberNamePrefix": "a",
        "storageCapacity": "3Gi",
        "storageClassName": "fast",
        "servicePorts": {"etcd": {"client": 12379, "peer": 12380}, "etcdBackupRestore": {"server": 18080}, "etcdWrapper": {"server": 19095}},
        "autoCompaction": {"mode": "revision", "retentionLength": "1000"},
        "backup": {
            "schedule": "0 0 * * *", "deltaSnapshotPeriod": "5m", "deltaSnapshotMemoryLimit": 1048576,
            "garbageCollectionPolicy": "Window", "keep": {"within": "7d", "daily": 30, "weekly": 8, "monthly": 12, "yearly": 2},
            "garbageCollectionPeriod": "12h", "etcdQuotaBytes": 2147483648_u64,
            "storageProvider": "S3", "storageContainer": "bucket", "storePrefix": "a/b", "endpointOverride": "https://s3.example",
            "s3": {"region": "eu", "accessKeyID": "id", "secretAccessKey": "never shown"},
            "compression": {"enabled": true, "policy": "zstd"}, "verifyEvery": "24h",
            "encryption": {"secretName": "age", "identity": true},
            "extraArgs": ["--read-back", "--log-level=debug"], "extraEnv": [{"name": "AWS_REGION", "value": "eu"}],
        },
        "etcdAuth": {"username": "root", "password": "hush"},
        "tls": certificates(),
        "podAnnotations": {"a": "b"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "etcd", "operator": "Exists"}],
        "priorityClassName": "system-cluster-critical",
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn"}},
        "networkPolicy": {"enabled": true, "clientsFrom": [{"namespaceSelector": {}}], "sidecarFrom": [{"podSelector": {"matchLabels": {"app": "prometheus"}}}]},
        "serviceMonitor": {"enabled": true, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": true, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": true},
    })
}

/// Backups without a sidecar.
pub(crate) fn jobs() -> Vec<Settings> {
    let endpoints = json!(["https://10.0.0.1:2379", "https://10.0.0.2:2379"]);
    let mut secured = everything();
    secured["cronJob"] = json!({"enabled": true, "endpoints": endpoints});
    let node = json!({
        "backup": {"storageProvider": "S3", "garbageCollectionPolicy": "LimitBased", "s3": {"region": "eu", "accessKeyID": "id", "secretAccessKey": "secret"}},
        "cronJob": {"enabled": true, "endpoints": ["https://127.0.0.1:2379"], "controlPlane": {"enabled": true}},
    });
    let plain = json!({
        "backup": {"storageProvider": "Local", "local": {"claim": "backups"}},
        "cronJob": {"enabled": true, "endpoints": ["http://etcd:2379"], "collectionSchedule": ""},
    });
    vec![
        ("jobs with certificates and a user".to_owned(), secured),
        ("jobs on a control plane".to_owned(), node),
        ("one job".to_owned(), plain),
    ]
}
