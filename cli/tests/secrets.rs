//! Variables that want a path, and hold the credential itself: what is told of it.

use std::process::Command;

/// Providers, and every variable of theirs that holds a path.
const PATHS: [(&str, &str); 13] = [
    ("S3", "AWS_APPLICATION_CREDENTIALS"),
    ("S3", "AWS_APPLICATION_CREDENTIALS_JSON"),
    ("OCS", "OPENSHIFT_APPLICATION_CREDENTIALS"),
    ("OCS", "OPENSHIFT_APPLICATION_CREDENTIALS_JSON"),
    ("GCS", "GOOGLE_APPLICATION_CREDENTIALS"),
    ("ABS", "AZURE_APPLICATION_CREDENTIALS"),
    ("ABS", "AZURE_APPLICATION_CREDENTIALS_JSON"),
    ("ABS", "AZURE_FEDERATED_TOKEN_FILE"),
    ("Swift", "OPENSTACK_APPLICATION_CREDENTIALS"),
    ("Swift", "OPENSTACK_APPLICATION_CREDENTIALS_JSON"),
    ("OSS", "ALICLOUD_APPLICATION_CREDENTIALS"),
    ("OSS", "ALICLOUD_APPLICATION_CREDENTIALS_JSON"),
    ("S3", "AWS_WEB_IDENTITY_TOKEN_FILE"),
];

/// Those of the store that a copy reads: the same, with SOURCE_ before them. What no store has of its own has no prefix.
fn of_source(variable: &str) -> Option<String> {
    let is_of_process = ["AZURE_FEDERATED_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    (!is_of_process.contains(&variable)).then(|| format!("SOURCE_{variable}"))
}

/// What must not appear. Letters and digits alone, so that nothing escapes it.
const MARKER: &str = "hushhushMARKER0123456789";

/// The text of a Kubernetes secret was put into the variable where its path belongs, and stood whole in
/// the log: the error of every provider told which path it could not open.
#[test]
fn a_credential_in_place_of_its_path_is_never_shown() {
    for (provider, variable) in PATHS {
        for value in [
            format!("{{\"secretAccessKey\": \"{MARKER}\"}}"),
            format!("{MARKER}{MARKER}=="),
            format!("-----BEGIN PRIVATE KEY-----\n{MARKER}\n"),
            format!("/{MARKER}/{MARKER}"),
            MARKER.to_owned(),
        ] {
            let home = tempfile::tempdir().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
            command
                .env_clear()
                .env("HOME", home.path())
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .env(variable, &value)
                // What is needed for the variable to be looked at; nothing answers at these.
                .envs([
                    ("AZURE_STORAGE_ACCOUNT", "account"),
                    ("AZURE_CLIENT_ID", "i"),
                    ("AZURE_TENANT_ID", "t"),
                    ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
                    ("AWS_REGION", "eu-central-1"),
                    ("AWS_EC2_METADATA_DISABLED", "true"),
                ])
                .args(["list", "--storage-provider", provider])
                .args(["--store-container", "bucket", "--output", "json"]);
            if provider == "S3" {
                command.args(["--store-endpoint-override", "http://127.0.0.1:9"]);
            }
            let out = command.output().unwrap();
            let told = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
            assert_eq!(out.status.code(), Some(1), "{provider} {variable}: {told}");
            assert!(!told.contains(MARKER), "{provider}: {variable} is shown");
            if variable != "AWS_WEB_IDENTITY_TOKEN_FILE" {
                assert!(told.contains(variable), "{provider} {variable}: {told}");
            }
        }
    }
}

/// The same of the variables of a source, by the name that its operator has set.
#[test]
fn a_credential_of_a_source_is_never_shown_either() {
    for (provider, variable) in PATHS {
        let Some(variable) = of_source(variable) else {
            continue;
        };
        for value in [
            format!("{{\"secretAccessKey\": \"{MARKER}\"}}"),
            format!("/{MARKER}/{MARKER}"),
        ] {
            let home = tempfile::tempdir().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
            command
                .env_clear()
                .env("HOME", home.path())
                .env("RUST_LOG", "trace")
                .env(&variable, &value)
                .args(["copy", "--output", "json", "--source-storage-provider"])
                .args([provider, "--source-store-container", "bucket"]);
            let out = command.output().unwrap();
            let told = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
            assert_eq!(out.status.code(), Some(1), "{provider} {variable}: {told}");
            assert!(!told.contains(MARKER), "{provider}: {variable} is shown");
            assert!(told.contains(&variable), "{provider} {variable}: {told}");
            assert!(told.contains("the source"), "{provider}: {told}");
        }
    }
}
