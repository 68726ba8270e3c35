//! What AWS's own tools read, `~/.aws` and their variables, against a STUB: a Backblaze, an OVH or a
//! MinIO is named there as often as in our flags.
#![cfg(feature = "s3")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod profiles;
mod stub;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use stub::{Asked, Stub};
use tempfile::TempDir;

/// A home with these two files of AWS's.
fn home(config: &str, credentials: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let aws = home.path().join(".aws");
    fs::create_dir(&aws).unwrap();
    fs::write(aws.join("config"), config).unwrap();
    fs::write(aws.join("credentials"), credentials).unwrap();
    home
}

const KEYS: &str = "[default]\naws_access_key_id = k\naws_secret_access_key = s\n";

fn run(home: &Path, variables: &[(&str, &str)], words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .current_dir(home)
        .args(words)
        .args(["--storage-provider", "S3", "--store-container", "backups"])
        .output()
        .unwrap()
}

/// A listing, which is empty and not an error.
fn lists(home: &Path, variables: &[(&str, &str)], words: &[&str]) {
    let done = run(home, variables, &[&["list"], words].concat());
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}");
}

fn listing(stub: &Stub) -> Asked {
    let mut asked = stub.asked().into_iter();
    asked
        .rfind(|asked| asked.line.contains("list-type=2"))
        .unwrap()
}

/// `http://localhost:9000` and any name of a service in a cluster ended in an error of DNS, which did not
/// name what it had looked up: the bucket was put before the host.
#[test]
fn a_bucket_stands_in_the_path_of_an_endpoint_that_is_not_awss() {
    let home = home("[default]\nregion = eu-9\n", KEYS);
    let stub = Stub::s3();
    let endpoint = format!("http://localhost:{}", stub.port);
    lists(home.path(), &[], &["--store-endpoint-override", &endpoint]);
    let asked = listing(&stub);
    assert!(asked.line.starts_with("GET /backups"), "{asked:?}");
    let host = format!("localhost:{}", stub.port);
    assert_eq!(asked.header("host"), Some(host.as_str()));
}

#[test]
fn where_it_stands_can_be_said() {
    let home = home("[default]\nregion = eu-9\n", KEYS);
    let endpoint = ["--store-endpoint-override", "http://nowhere.invalid"];
    let flag = ["--store-addressing-style", "virtual"];
    let variable = [("STORAGE_ADDRESSING_STYLE", "virtual")];
    let path = [("STORAGE_ADDRESSING_STYLE", "path")];
    for (variables, words, host) in [
        (
            &variable[..],
            [&["list"], &endpoint[..]].concat(),
            "backups.nowhere.invalid",
        ),
        (
            &path,
            [&["list"], &endpoint[..], &flag].concat(),
            "backups.nowhere.invalid",
        ),
    ] {
        let done = run(home.path(), variables, &words);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.contains(host), "{words:?}: {said}");
    }
}

#[test]
fn the_endpoint_of_a_profile_is_used() {
    for config in [
        "[default]\nregion = eu-9\nendpoint_url = URL\n",
        "[default]\nregion = eu-9\nservices = own\n[services own]\ns3 =\n  endpoint_url = URL\n",
    ] {
        let stub = Stub::s3();
        let url = format!("http://localhost:{}", stub.port);
        let home = home(&config.replace("URL", &url), KEYS);
        lists(home.path(), &[], &[]);
        assert!(listing(&stub).line.starts_with("GET /backups"), "{config}");
    }
}

/// 400 or 501 came from stores that know no such checksums, though both the profile and the environment
/// said not to send any: they were read, and another choice was put over them.
#[test]
fn checksums_are_sent_as_the_profile_and_the_environment_say() {
    let required = "request_checksum_calculation = WHEN_REQUIRED";
    let supported = "request_checksum_calculation = when_supported";
    for (line, variable, sent) in [
        (required, "", false),
        (supported, "", true),
        ("", "when_required", false),
        ("", "when_supported", true),
        (required, "when_supported", true),
        ("", "", false),
    ] {
        let stub = Stub::s3();
        let url = format!("http://127.0.0.1:{}", stub.port);
        let config = format!("[default]\nregion = eu-9\nendpoint_url = {url}\n{line}\n");
        let home = home(&config, KEYS);
        let variable = ("AWS_REQUEST_CHECKSUM_CALCULATION", variable);
        let set = [variable]
            .into_iter()
            .filter(|(_, value)| !value.is_empty());
        let set: Vec<_> = set.collect();
        let words = [
            "conformance",
            "--case",
            "put::an_empty_object_is_an_object",
            "--store-prefix",
            "c",
        ];
        run(home.path(), &set, &words);
        let put = stub
            .asked()
            .into_iter()
            .find(|asked| asked.line.starts_with("PUT"));
        let put = put.unwrap();
        let is_sent = put.header("x-amz-sdk-checksum-algorithm").is_some();
        assert_eq!(is_sent, sent, "{line} {variable:?}: {put:?}");
    }
}

#[test]
fn an_endpoint_without_a_scheme_is_refused_with_what_was_meant() {
    let home = home("[default]\nregion = eu-9\n", KEYS);
    for (variables, words) in [
        (
            &[][..],
            &["list", "--store-endpoint-override", "localhost:9000"][..],
        ),
        (&[("AWS_ENDPOINT_URL_S3", "localhost:9000")], &["list"]),
        (&[("AWS_ENDPOINT_URL", "localhost:9000")], &["list"]),
    ] {
        let done = run(home.path(), variables, words);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("http://localhost:9000"), "{said}");
    }
}

/// An image made from nothing but the program has no certificates, and a MinIO beside it no TLS: "cannot set
/// up TLS".
#[test]
fn without_certificates_a_store_without_tls_is_reached() {
    let home = home("[default]\nregion = eu-9\n", KEYS);
    let stub = Stub::s3();
    let endpoint = format!("http://127.0.0.1:{}", stub.port);
    let none = [("SSL_CERT_FILE", "/none"), ("SSL_CERT_DIR", "/none")];
    lists(
        home.path(),
        &none,
        &["--store-endpoint-override", &endpoint],
    );
    assert!(!stub.asked().is_empty());
}
