//! Google Cloud Storage, on fake-gcs-server behind our proxy, and on the stub for what that one
//! does not enforce.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::stub::Stub;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use conformance_tests::Gap;
use serde_json::json;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Place, Reach, Stand, endpoint};

pub const VARIABLE: &str = "CONFORMANCE_GCS";

const CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// The bucket with versioning.
const VERSIONED: &str = "etcdbr-conformance-versioned";

/// On fake-gcs-server, with and without versions. It must be reached through a proxy, which makes
/// up for a `Host` without a port.
pub async fn places(reach: Reach<'_>) -> Vec<Place> {
    let Some(url) = endpoint(VARIABLE) else {
        return Vec::new();
    };
    make_buckets(&url).await;
    let url = reach(&url);
    let versions = Place {
        container: VERSIONED,
        ..place("gcs(fake-gcs-server,versions)", url.clone())
    };
    vec![place("gcs(fake-gcs-server)", url), versions]
}

/// On a stub that retains everything.
pub fn on_retaining(stub: &Stub) -> Place {
    stub.retain(Duration::from_secs(24 * 3600));
    Place {
        name: "gcs(STUB,retention)",
        retains: true,
        ..on_stub(stub)
    }
}

/// On a stub, which looks at no token.
pub fn on_stub(stub: &Stub) -> Place {
    Place {
        gaps: &[],
        ..place("gcs(STUB)", stub.url().to_owned())
    }
}

/// The server, for those who put something before it.
pub async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(url) = &server {
        make_buckets(url).await;
    }
    Stand {
        name: "gcs(fake-gcs-server)",
        words: &[],
        provider: snapstore_gcs::PROVIDER,
        server,
        store: |endpoint, files| {
            let mut place = place("gcs(fake-gcs-server)", endpoint.to_owned());
            if endpoint.starts_with("https") {
                let file = files.join("serviceaccount.json");
                service_account(&file, "etcdbr@suite.iam.gserviceaccount.com");
                place.variables = vec![(CREDENTIALS, file.display().to_string())];
            }
            place.config()
        },
        // Nobody logs in there.
        expired: None,
    }
}

/// The credentials of an account with a key of its own: what it signs needs no word of Google's. The
/// server does not look at it.
pub fn service_account(file: &Path, email: &str) {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let key: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let key = base64_simd::STANDARD.encode_to_string(key.as_ref());
    let document = json!({
        "type": "service_account",
        "project_id": "suite",
        // Not Google's own, or its client would look there for what the account may reach.
        "universe_domain": "suite.example",
        "private_key_id": email,
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "client_email": email,
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    fs::write(file, document.to_string()).unwrap();
}

/// An endpoint without TLS is an emulator: nobody logs in.
fn place(name: &'static str, endpoint: String) -> Place {
    Place {
        name,
        provider: snapstore_gcs::PROVIDER,
        container: BUCKET,
        prefix: "suite/gcs",
        endpoint_override: Some(endpoint),
        variables: Vec::new(),
        gaps: GAPS,
        retains: false,
    }
}

/// What fake-gcs-server 1.56.1 does not do.
const GAPS: &[Gap] = &[
    Gap {
        case: "list::every_page_of_versions_is_walked_once",
        why: "fake-gcs-server goes on from a name, and shows its versions again",
    },
    Gap {
        case: "upload::create_new_is_decided_at_completion",
        why: NO_CONDITION,
    },
    Gap {
        case: "upload::create_new_has_one_winner",
        why: NO_CONDITION,
    },
    Gap {
        case: "copy::a_name_that_is_taken_is_left",
        why: NO_CONDITION_OF_A_COPY,
    },
];

const NO_CONDITION_OF_A_COPY: &str =
    "the emulator ignores ifGenerationMatch of a rewrite: see gcs(STUB)";

const NO_CONDITION: &str = "the emulator ignores ifGenerationMatch of a composition: see gcs(STUB)";

/// By hand: this library has nothing that makes buckets.
async fn make_buckets(url: &str) {
    let client = snapstore_cloud::http::client(&Tls::default()).unwrap();
    for (name, versions) in [(BUCKET, false), (VERSIONED, true)] {
        let bucket = json!({"name": name, "versioning": {"enabled": versions}});
        let made = client
            .post(format!("{url}/storage/v1/b?project=suite"))
            .header("content-type", "application/json")
            .body(bucket.to_string())
            .send()
            .await;
        // 409: it is there, from an earlier run.
        let status = made.unwrap().status().as_u16();
        assert!(
            matches!(status, 200 | 409),
            "make the bucket {name}: {status}"
        );
    }
}
