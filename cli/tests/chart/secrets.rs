//! The credentials of each provider, under the names by which the program reads them.

use std::collections::BTreeMap;

use base64_simd::STANDARD;
use serde_json::{Value, json};

use crate::rendered::{name, objects, of_kind, of_the_program, pods};
use crate::settings;

/// What stands in the secret of the store, decoded.
fn secret_of(rendered: &[Value]) -> Option<BTreeMap<String, String>> {
    let secrets = of_kind(rendered, "Secret");
    let own = secrets
        .into_iter()
        .find(|secret| name(secret) == "main-etcd-backup")?;
    let decoded = own["data"].as_object().unwrap().iter().map(|(key, value)| {
        let bytes = STANDARD.decode_to_vec(value.as_str().unwrap()).unwrap();
        (key.clone(), String::from_utf8(bytes).unwrap())
    });
    Some(decoded.collect())
}

/// Names and values of the variables of the program; for one of a secret its key.
fn variables(rendered: &[Value]) -> BTreeMap<String, String> {
    let pod = &pods(rendered)[0];
    let program = of_the_program(pod)[0];
    let variables = program["env"].as_array().unwrap().iter().map(|variable| {
        let value = match &variable["value"] {
            Value::String(value) => value.clone(),
            _ => variable["valueFrom"]["secretKeyRef"]["key"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        };
        (variable["name"].as_str().unwrap().to_owned(), value)
    });
    variables.collect()
}

/// The reference's chart writes `endpoint` for OSS and `regionName` for Swift, which nobody reads.
#[test]
fn keys_are_those_that_the_program_reads() {
    for (called, values) in settings::providers() {
        let rendered = objects(&values);
        let (secret, variables) = (secret_of(&rendered), variables(&rendered));
        let keys: Vec<&str> = secret
            .iter()
            .flat_map(BTreeMap::keys)
            .map(String::as_str)
            .collect();
        let (expected, variable, value): (&[&str], _, _) = match called.as_str() {
            "S3" => (
                &[
                    "accessKeyID",
                    "endpoint",
                    "region",
                    "s3ForcePathStyle",
                    "secretAccessKey",
                    "sseCustomerAlgorithm",
                    "sseCustomerKey",
                ],
                "AWS_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "S3 by a token" => (
                &["region", "roleARN"],
                "AWS_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "S3 of the machine" => (&[], "AWS_REGION", "eu"),
            "GCS" => (
                &["serviceaccount.json", "storageAPIEndpoint"],
                "GOOGLE_APPLICATION_CREDENTIALS",
                "/var/.gcp/serviceaccount.json",
            ),
            "GCS by a token" => (
                &["credentialsConfig"],
                "GOOGLE_APPLICATION_CREDENTIALS",
                "/var/.gcp/credentialsConfig",
            ),
            "GCS by a secret that is there" => (
                &[],
                "GOOGLE_APPLICATION_CREDENTIALS",
                "/var/.gcp/serviceaccount.json",
            ),
            "ABS" => (
                &["domain", "storageAccount", "storageKey"],
                "AZURE_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "Swift" => (
                &[
                    "authURL",
                    "domainName",
                    "password",
                    "region",
                    "tenantName",
                    "username",
                ],
                "OPENSTACK_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "OSS" => (
                &["accessKeyID", "accessKeySecret", "storageEndpoint"],
                "ALICLOUD_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "OCS" => (
                &["accessKeyID", "endpoint", "region", "secretAccessKey"],
                "OPENSHIFT_APPLICATION_CREDENTIALS",
                "/var/etcd-backup",
            ),
            "ECS" => (
                &[
                    "accessKeyID",
                    "disableSsl",
                    "endpoint",
                    "insecureSkipVerify",
                    "secretAccessKey",
                ],
                "ECS_SECRET_ACCESS_KEY",
                "secretAccessKey",
            ),
            "Local" => (&[], "STORAGE_CONTAINER", "/home/nonroot/etcd-bucket"),
            other => unreachable!("{other} is not looked at"),
        };
        assert_eq!(keys, expected, "{called}");
        assert_eq!(variables[variable], value, "{called}");
    }
}

#[test]
fn a_token_of_the_pod_is_exchanged_at_google() {
    let (_, values) = settings::providers()
        .into_iter()
        .find(|(called, _)| called == "GCS by a token")
        .unwrap();
    let secret = secret_of(&objects(&values)).unwrap();
    let config: Value = serde_json::from_str(&secret["credentialsConfig"]).unwrap();
    let source = json!({"file": "/var/.gcp/token", "format": {"type": "text"}});
    assert_eq!(config["credential_source"], source);
    assert_eq!(config["type"], "external_account");
}

/// On a command line whoever sees the pod reads it.
#[test]
fn no_secret_stands_beside_the_secrets() {
    let rendered = objects(&settings::everything());
    for word in ["hush", "never shown", "KEY"] {
        let encoded = STANDARD.encode_to_string(word);
        let (secrets, others): (Vec<_>, Vec<_>) =
            rendered.iter().partition(|one| one["kind"] == "Secret");
        let holds = |one: &Value, word: &str| one.to_string().contains(&format!("\"{word}\""));
        assert!(secrets.iter().any(|one| holds(one, &encoded)), "{word}");
        for other in others {
            let text = other.to_string();
            assert!(!text.contains(word) && !text.contains(&encoded), "{text}");
        }
    }
}
