use super::*;
use crate::http::peer::{Peer, Shown};
use crate::http::scripted::{Done, app};
use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering;
use tower::ServiceExt;

/// The contract that is served, against the router that answers: a path that is only in one of them, or another
/// method, is told here.
#[test]
fn the_contract_names_each_path_and_no_other() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    let paths = contract["paths"].as_object().unwrap();
    let named: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    let routed: BTreeSet<&str> = routes().iter().map(|route| route.path).collect();
    assert_eq!(named, routed);
    assert_eq!(routed.len(), routes().len());
    let mut ids = BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                ["get", "post"].contains(&method.as_str()),
                "{path}: {method}"
            );
            assert!(operation["responses"]["200"].is_object(), "{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
    }
}

/// A comma in a text without quotes made the rest of it a key, which no reader of contracts knows.
#[test]
fn each_response_is_of_what_responses_are_made_of() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    assert!(
        !status::CONTRACT.contains("<<"),
        "merge keys are not of YAML 1.2"
    );
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            for response in operation["responses"].as_object().unwrap().values() {
                let keys: Vec<&String> = response.as_object().unwrap().keys().collect();
                let is_known =
                    |key: &&String| ["$ref", "content", "description"].contains(&key.as_str());
                assert!(keys.iter().all(is_known), "{path}: {keys:?}");
            }
        }
    }
}

/// Each reference inside leads somewhere.
#[test]
fn the_contract_leads_nowhere_else() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    let mut seen = 0;
    let mut left = vec![&contract];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(contract.pointer(pointer).is_some(), "{reference}");
                    seen += 1;
                }
                left.extend(map.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    assert!(seen > 10, "{seen}");
}

/// The status of an answer, and its body.
fn answered(
    app: &Arc<App>,
    address: &str,
    method: &str,
    uri: &str,
) -> Option<(StatusCode, String)> {
    let peer = Peer {
        address: address.parse().unwrap(),
        shown: Shown::Nothing,
    };
    let request = Request::builder().method(method).uri(uri).extension(peer);
    let request = request.body(Body::empty()).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let response = router(app.clone()).oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        Some((status, String::from_utf8(body.to_vec()).unwrap()))
    })
}

/// Whoever reached the port of the reference could read etcd's configuration, start an initialization, and so stop the
/// backups.
#[test]
fn from_elsewhere_only_what_is_for_all_is_answered() {
    let done = Arc::new(Done::default());
    let app = app(&done, Path::new("/nowhere/etcd.conf.yaml"));
    for (path, near, far) in [
        ("/initialization/status", 200, 403),
        ("/config", 500, 403),
        ("/snapshot/full", 200, 200),
        ("/snapshot/delta", 200, 200),
        ("/snapshot/latest", 200, 200),
        ("/healthz", 200, 200),
        ("/metrics", 200, 200),
        ("/", 404, 404),
        ("/livez", 200, 200),
        ("/readyz", 200, 200),
        ("/status", 200, 200),
        ("/openapi.yaml", 200, 200),
        // After it, the state is another one.
        ("/initialization/start", 200, 403),
    ] {
        for (address, status) in [
            ("10.0.0.9", far),
            ("::ffff:10.0.0.9", far),
            ("127.0.0.1", near),
        ] {
            let (answer, _) = answered(&app, address, "GET", path).unwrap();
            assert_eq!(answer.as_u16(), status, "{path} from {address}");
        }
    }
    assert_eq!(routes().len(), 13);
}

/// Each method that the contract names is answered, and no other.
#[test]
fn methods_are_those_of_the_contract() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    let done = Arc::new(Done::default());
    let app = app(&done, Path::new("/nowhere/etcd.conf.yaml"));
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let is_named = methods.get(method.to_lowercase()).is_some();
            let (status, _) = answered(&app, "127.0.0.1", method, path).unwrap();
            let is_refused = status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_refused, !is_named, "{method} {path}: {status}");
        }
    }
}

proptest! {
    /// Whatever path and query somebody makes up from elsewhere: nothing begins but what is for all, no answer is
    /// without a status that is meant, and nothing panics.
    #[test]
    fn made_up_requests_do_nothing(
        path in "/?(initialization|snapshot|config|status|\\.\\.|%2e%2e|//)?/?(start|status|full|delta|latest)?[ -~]{0,12}",
        query in "(final|mode|%66inal)?=?[ -~]{0,12}",
        method in "(GET|POST|HEAD|PUT|FOO)",
    ) {
        let done = Arc::new(Done::default());
        let app = app(&done, Path::new("/nowhere/etcd.conf.yaml"));
        let uri = format!("{path}?{query}");
        let Some((status, _)) = answered(&app, "10.0.0.9", &method, &uri) else { return Ok(()) };
        prop_assert!([200, 400, 403, 404, 405, 503].contains(&status.as_u16()), "{} {}", status, uri);
        prop_assert_eq!(done.initialized.load(Ordering::Relaxed), 0);
        if done.taken.load(Ordering::Relaxed) > 0 {
            prop_assert!(["/snapshot/full", "/snapshot/delta"].iter().any(|path| uri.starts_with(path)), "{}", uri);
            prop_assert!(method == "GET" || method == "POST");
        }
    }
}
