//! A password, a SAS, the token of a session or a customer's key went over http as quietly as over TLS.
//! Nobody listens where these go: it is said before they are sent.
#![cfg(all(
    feature = "s3",
    feature = "gcs",
    feature = "abs",
    feature = "swift",
    feature = "oss"
))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
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

/// A mock: what a server with TLS answers to a request without it. To a head as well, whose body no client reads.
fn with_tls() -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut asked in server.incoming().flatten() {
            let (mut read, mut piece) = (Vec::<u8>::new(), [0_u8; 4096]);
            while !read.windows(4).any(|end| end == b"\r\n\r\n") {
                match asked.read(&mut piece) {
                    Ok(count @ 1..) => read.extend(&piece[..count]),
                    _ => break,
                }
            }
            let said =
                "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
            let _ = asked.write_all(said.as_bytes());
            let _ = asked.shutdown(std::net::Shutdown::Write);
            // What was not read yet would make a reset of the end.
            let _ = std::io::copy(&mut asked, &mut std::io::sink());
        }
    });
    at
}

/// A mock: a server without TLS, which answers what it does not understand.
fn without_tls() -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("https://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut asked in server.incoming().flatten() {
            let _ = asked.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            let _ = asked.shutdown(std::net::Shutdown::Write);
            let _ = std::io::copy(&mut asked, &mut std::io::sink());
        }
    });
    at
}

/// `https://` to a MinIO without TLS was tried three times, with three long warnings, and then told in the same words.
#[test]
fn a_server_without_tls_is_told_at_once() {
    let at = without_tls();
    for case in &CASES {
        let told = said(case, &at);
        let lines = told
            .lines()
            .filter(|line| line.contains("does not speak TLS"));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 1, "{}: {told}", case.0);
        assert!(lines[0].starts_with("error: "), "{}: {told}", case.0);
        assert!(lines[0].contains("write http://"), "{}: {told}", case.0);
    }
}

/// `http://` to a MinIO with TLS said "cannot open the S3 store: failed: 400", and nothing more: the reason is in the body,
/// which the answer to a head has not.
#[test]
fn a_server_that_speaks_tls_is_told_with_what_to_write() {
    let at = with_tls();
    let gcs: Case = ("GCS", "TMPDIR", &[], "");
    let plain_s3: Case = ("S3", "AWS_APPLICATION_CREDENTIALS", &[], "");
    for case in CASES.iter().chain([&gcs, &plain_s3]) {
        let told = said(case, &at);
        let error = told.lines().find(|line| line.starts_with("error: "));
        assert!(
            error.is_some_and(|error| error.contains("write https:// in place of http://")),
            "{}: {told}",
            case.0
        );
    }
}
