//! A password, a SAS, the token of a session or a customer's key went over http as quietly as over TLS.
//! Nobody listens where these go: it is said before they are sent.
#![cfg(all(feature = "s3", feature = "abs", feature = "swift", feature = "oss"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::process::Command;

/// What each of them has to do with this: a provider, its variable, its files, and the secret.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const S3: &[(&str, &str)] = &[
    ("accessKeyID", "k"),
    ("secretAccessKey", "s"),
    ("region", "eu-9"),
];

const CASES: [Case; 5] = [
    (
        "S3",
        "AWS_APPLICATION_CREDENTIALS",
        &[("sessionToken", "hush")],
        "session token",
    ),
    (
        "S3",
        "AWS_APPLICATION_CREDENTIALS",
        &[
            (
                "sseCustomerKey",
                "aHVzaGh1c2hodXNoaHVzaGh1c2hodXNoaHVzaGh1c2g=",
            ),
            ("sseCustomerAlgorithm", "AES256"),
        ],
        "customer's key",
    ),
    (
        "ABS",
        "AZURE_APPLICATION_CREDENTIALS",
        &[("storageAccount", "acct"), ("sasToken", "sv=1&sig=hush")],
        "the SAS",
    ),
    (
        "OSS",
        "ALICLOUD_APPLICATION_CREDENTIALS",
        &[
            ("accessKeyID", "k"),
            ("accessKeySecret", "s"),
            ("securityToken", "hush"),
        ],
        "token of the session",
    ),
    (
        "Swift",
        "OPENSTACK_APPLICATION_CREDENTIALS",
        &[
            ("authURL", "http://127.0.0.1:1/v3"),
            ("username", "u"),
            ("password", "hush"),
            ("domainName", "d"),
            ("tenantName", "t"),
        ],
        "password of the login",
    ),
];

fn said(case: &Case, endpoint: &str) -> String {
    let (provider, variable, files, _) = case;
    let room = tempfile::tempdir().unwrap();
    let of_s3 = S3.iter().filter(|_| *provider == "S3");
    for (name, value) in of_s3.chain(*files) {
        let value = value.replace("http://127.0.0.1:1", endpoint);
        fs::write(room.path().join(name), value).unwrap();
    }
    let done = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .env_clear()
        .env("HOME", room.path())
        .env(variable, room.path())
        .args([
            "list",
            "--storage-provider",
            provider,
            "--store-container",
            "bucket",
        ])
        .args(["--store-endpoint-override", endpoint])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    String::from_utf8(done.stderr).unwrap()
}

#[test]
fn a_secret_that_goes_over_http_is_told_once() {
    for case in &CASES[..] {
        let told = said(case, "http://127.0.0.1:1");
        let warnings = told.lines().filter(|line| line.contains("over http"));
        let warnings: Vec<_> = warnings.collect();
        // Opening is tried several times.
        assert_eq!(warnings.len(), 1, "{}: {told}", case.0);
        assert!(warnings[0].contains(case.3), "{}: {told}", case.0);
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn over_tls_nothing_is_told() {
    for case in &CASES[..] {
        let told = said(case, "https://127.0.0.1:1");
        assert!(!told.contains("over http"), "{}: {told}", case.0);
    }
}
