//! A metadata service that takes connections and never answers: where the hop limit of an instance drops
//! what goes to a container, or a firewall does. S3 and ABS took half a minute, GCS two, and at the end
//! nobody spoke of it.
#![cfg(all(feature = "s3", feature = "gcs", feature = "abs"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

/// A STUB: its address.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let kept: Vec<_> = listener.incoming().collect();
        drop(kept);
    });
    address
}

#[test]
fn no_answer_is_told_and_what_to_set() {
    let address = silent();
    let url = format!("http://{address}");
    let home = tempfile::tempdir().unwrap();
    for (provider, variables, told) in [
        (
            "S3",
            vec![
                ("AWS_REGION", "eu-9"),
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url),
            ],
            [
                "could not communicate with IMDS",
                "AWS_APPLICATION_CREDENTIALS",
            ],
        ),
        (
            "GCS",
            vec![("GCE_METADATA_HOST", &address)],
            [
                "metadata service has not answered",
                "GOOGLE_APPLICATION_CREDENTIALS",
            ],
        ),
        (
            "ABS",
            vec![
                ("AZURE_STORAGE_ACCOUNT", "acct"),
                ("IDENTITY_ENDPOINT", &url),
                ("IDENTITY_HEADER", "h"),
            ],
            [
                "metadata service has not answered",
                "AZURE_APPLICATION_CREDENTIALS",
            ],
        ),
    ] {
        let done = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
            .env_clear()
            .env("HOME", home.path())
            .envs(variables)
            .args([
                "list",
                "--storage-provider",
                provider,
                "--store-container",
                "bucket",
            ])
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{said}");
        for told in ["no credentials were found", "permission denied"]
            .iter()
            .chain(&told)
        {
            assert!(said.contains(told), "{provider}: {said}");
        }
    }
}

/// A STUB of a metadata service that refuses everything, as where it is switched off: its address.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            // A client may hang up at any time.
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(
                b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            );
        }
    });
    address
}

/// Who had set no credentials at all read of a session token of IMDS that was forbidden, and of transient
/// errors: nothing said which variable to set.
#[test]
fn without_any_credentials_the_variables_are_named() {
    let address = refusing();
    let url = format!("http://{address}");
    let home = tempfile::tempdir().unwrap();
    for (provider, variables, told) in [
        (
            "S3",
            vec![
                ("AWS_REGION", "eu-9"),
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url),
            ],
            vec![
                "no credentials are set, and the machine gives none",
                "AWS_APPLICATION_CREDENTIALS",
                "AWS_ACCESS_KEY_ID",
                "AWS_PROFILE",
            ],
        ),
        (
            "GCS",
            vec![("GCE_METADATA_HOST", &address)],
            vec![
                "none are set, and the machine",
                "GOOGLE_APPLICATION_CREDENTIALS",
            ],
        ),
        // The region was asked for first, and the keys when that was set.
        (
            "S3",
            vec![],
            vec![
                "no region",
                "AWS_REGION",
                "AWS_APPLICATION_CREDENTIALS",
                "AWS_ACCESS_KEY_ID",
            ],
        ),
    ] {
        let done = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
            .env_clear()
            .env("HOME", home.path())
            .envs(variables)
            .args(["list", "--storage-provider", provider])
            .args(["--store-container", "bucket"])
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{said}");
        // It was asked four times, and would have said no for ever; Google's own words for that were
        // "Subsequent calls with this credential might succeed. but future attempts may succeed".
        for told in ["attempt", "Subsequent", "dispatch failure"] {
            assert!(!said.contains(told), "{provider}: {told} in {said}");
        }
        let last = said.lines().last().unwrap();
        for told in told {
            assert!(last.contains(told), "{provider}: no {told} in {last}");
        }
    }
}
