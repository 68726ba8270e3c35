//! Azure Blob Storage, on Azurite, and on the stub for what that one does not enforce.

use std::fs;
use std::path::Path;

use conformance_tests::Target;
use conformance_tests::stub::Stub;
use snapstore::StoreConfig;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Stand, endpoint, environment, opened_once};

const VARIABLE: &str = "CONFORMANCE_ABS";
const ACCOUNT: &str = "devstoreaccount1";
/// Azurite's key, which Microsoft publishes.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// The stores, and the server that must live as long as they are used.
pub(crate) async fn targets(room: &Path) -> (Vec<Target>, Stub) {
    let files = room.join("abs");
    let stub = Stub::azure().unwrap();
    let of_stub = store(stub.url(), &files);
    let mut targets = vec![opened_once("abs(STUB)", snapstore_abs::PROVIDER, of_stub)];
    targets.push(match endpoint(VARIABLE) {
        None => Target::unknown("abs(azurite)", VARIABLE),
        Some(url) => {
            make_container(&url).await;
            let config = store(&url, &files);
            opened_once("abs(azurite)", snapstore_abs::PROVIDER, config)
        }
    });
    (targets, stub)
}

/// The server, for those who put something before it.
pub(crate) async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(url) = &server {
        make_container(url).await;
    }
    Stand {
        name: "abs(azurite)",
        provider: snapstore_abs::PROVIDER,
        server,
        store,
        // An account's key does not expire.
        expired: None,
    }
}

/// The store at `endpoint`, its credentials in `files`.
pub(crate) fn store(endpoint: &str, files: &Path) -> StoreConfig {
    credentials(files);
    let files = files.display().to_string();
    StoreConfig {
        container: BUCKET.into(),
        prefix: "suite/abs".into(),
        endpoint_override: Some(endpoint.into()),
        environment: environment([("AZURE_APPLICATION_CREDENTIALS", &*files)]),
        ..StoreConfig::default()
    }
}

/// A directory as Kubernetes mounts it, values with a newline at the end.
fn credentials(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for (name, value) in [("storageAccount", ACCOUNT), ("storageKey", KEY)] {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
}

/// By hand: this library has nothing that makes containers. Signed as Microsoft's "Authorize with
/// Shared Key" has it for version 2015-02-21 and later.
async fn make_container(url: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server compares it with its own clock"
    )]
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let version = "2021-12-02";
    let signed = format!(
        "PUT{}x-ms-date:{date}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{BUCKET}\nrestype:container",
        "\n".repeat(12)
    );
    let key = base64_simd::STANDARD.decode_to_vec(KEY).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
    let tag = base64_simd::STANDARD.encode_to_string(tag);
    let made = snapstore_cloud::http::client(&Tls::default())
        .unwrap()
        .put(format!("{url}/{BUCKET}?restype=container"))
        .header("x-ms-date", date)
        .header("x-ms-version", version)
        .header("authorization", format!("SharedKey {ACCOUNT}:{tag}"))
        .header("content-length", 0)
        .send()
        .await
        .unwrap();
    // 409: it is there, from an earlier run.
    let status = made.status().as_u16();
    let said = made.text().await.unwrap_or_default();
    assert!(
        matches!(status, 201 | 409),
        "make the container: {status} {said}"
    );
}
