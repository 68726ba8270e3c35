//! Google Cloud Storage, on fake-gcs-server behind our proxy, and on the stub for what that one
//! does not enforce.

use conformance_tests::proxy::Proxy;
use conformance_tests::stub::Stub;
use conformance_tests::{Gap, Target};
use serde_json::json;
use snapstore::StoreConfig;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Stand, endpoint, opened_once};

const VARIABLE: &str = "CONFORMANCE_GCS";

/// The bucket with versioning.
const VERSIONED: &str = "etcdbr-conformance-versioned";

/// The servers that must live as long as the targets are used.
pub(crate) struct Servers {
    _proxy: Option<Proxy>,
    _stub: Stub,
}

pub(crate) async fn targets() -> (Vec<Target>, Servers) {
    let stub = Stub::gcs().unwrap();
    let of_stub = store(stub.url(), BUCKET);
    let mut targets = vec![opened_once("gcs(STUB)", snapstore_gcs::PROVIDER, of_stub)];
    let proxy = match endpoint(VARIABLE) {
        None => {
            targets.push(Target::unknown("gcs(fake-gcs-server)", VARIABLE));
            None
        }
        Some(url) => {
            make_buckets(&url).await;
            let proxy = Proxy::start(&url).unwrap();
            for (name, bucket) in [
                ("gcs(fake-gcs-server)", BUCKET),
                ("gcs(fake-gcs-server,versions)", VERSIONED),
            ] {
                let config = store(proxy.url(), bucket);
                let target = opened_once(name, snapstore_gcs::PROVIDER, config);
                targets.push(target.with_gaps(GAPS));
            }
            Some(proxy)
        }
    };
    let servers = Servers {
        _proxy: proxy,
        _stub: stub,
    };
    (targets, servers)
}

/// The server, for those who put something before it.
pub(crate) async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(url) = &server {
        make_buckets(url).await;
    }
    Stand {
        name: "gcs(fake-gcs-server)",
        provider: snapstore_gcs::PROVIDER,
        server,
        store: |endpoint, _files| store(endpoint, BUCKET),
        // Nobody logs in there.
        expired: None,
    }
}

/// What fake-gcs-server 1.56.1 does not do.
const GAPS: &[Gap] = &[
    Gap {
        case: "upload::create_new_is_decided_at_completion",
        why: NO_CONDITION,
    },
    Gap {
        case: "upload::create_new_has_one_winner",
        why: NO_CONDITION,
    },
];

const NO_CONDITION: &str = "the emulator ignores ifGenerationMatch of a composition: see gcs(STUB)";

/// An endpoint without TLS is an emulator: nobody logs in.
fn store(endpoint: &str, bucket: &str) -> StoreConfig {
    StoreConfig {
        container: bucket.into(),
        prefix: "suite/gcs".into(),
        endpoint_override: Some(endpoint.into()),
        ..StoreConfig::default()
    }
}

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
