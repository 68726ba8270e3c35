//! Azure Blob Storage, on Azurite, and on the stub for what that one does not enforce.

use std::path::Path;
use std::time::Duration;

use crate::stub::Stub;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Place, Reach, Stand, endpoint, mounted, reply};

pub const VARIABLE: &str = "CONFORMANCE_ABS";
const ACCOUNT: &str = "devstoreaccount1";
/// Azurite's key, which Microsoft publishes.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// On Azurite.
pub async fn places(room: &Path, reach: Reach<'_>) -> Vec<Place> {
    let Some(url) = endpoint(VARIABLE) else {
        return Vec::new();
    };
    make_container(&url).await;
    vec![place("abs(azurite)", reach(&url), &room.join("abs"))]
}

/// On a stub that retains everything.
pub fn on_retaining(stub: &Stub, room: &Path) -> Place {
    stub.retain(Duration::from_secs(24 * 3600));
    Place {
        name: "abs(STUB,retention)",
        retains: true,
        ..on_stub(stub, room)
    }
}

/// On a stub, which looks at no signature.
pub fn on_stub(stub: &Stub, room: &Path) -> Place {
    place("abs(STUB)", stub.url().to_owned(), &room.join("abs-stub"))
}

/// The server, for those who put something before it.
pub async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(url) = &server {
        make_container(url).await;
    }
    Stand {
        name: "abs(azurite)",
        words: &[],
        provider: snapstore_abs::PROVIDER,
        server,
        store: |endpoint, files| place("abs(azurite)", endpoint.to_owned(), files).config(),
        // An account's key does not expire, but tokens do: a SAS, or that of an identity.
        expired: Some(|| {
            let text = "<Error><Code>AuthenticationFailed</Code><Message>Server failed to \
                        authenticate the request.</Message></Error>";
            reply(401, text)
        }),
    }
}

/// A stub, for those who put something before it.
pub fn stand_on_stub(stub: &Stub) -> Stand {
    Stand {
        name: "abs(STUB)",
        words: &[],
        provider: snapstore_abs::PROVIDER,
        server: Ok(stub.url().to_owned()),
        store: |endpoint, files| place("abs(STUB)", endpoint.to_owned(), files).config(),
        expired: None,
    }
}

fn place(name: &'static str, endpoint: String, files: &Path) -> Place {
    let account = [("storageAccount", ACCOUNT), ("storageKey", KEY)];
    let files = mounted(files, &account);
    Place {
        name,
        provider: snapstore_abs::PROVIDER,
        container: BUCKET,
        prefix: "suite/abs",
        endpoint_override: Some(endpoint),
        variables: vec![("AZURE_APPLICATION_CREDENTIALS", files)],
        gaps: &[],
        retains: false,
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
