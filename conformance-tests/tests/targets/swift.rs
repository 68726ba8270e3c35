//! Swift, with a login of ours in Keystone's shape, and with Keystone itself.

use std::fs;
use std::path::Path;

use conformance_tests::Target;
use serde_json::{Value, json};
use snapstore::StoreConfig;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Stand, endpoint, environment, opened_once, reply};

const VARIABLE: &str = "CONFORMANCE_SWIFT";

pub(crate) async fn targets(room: &Path) -> Vec<Target> {
    let Some(auth_url) = endpoint(VARIABLE) else {
        return vec![Target::unknown("swift(swift)", VARIABLE)];
    };
    make_container(&auth_url).await;
    vec![opened_once(
        "swift(swift)",
        snapstore_swift::PROVIDER,
        store(&auth_url, &room.join("swift")),
    )]
}

/// The server, for those who put something before it. Its catalogue names the host that a login
/// came to, so that objects go the same way.
pub(crate) async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(auth_url) = &server {
        make_container(auth_url).await;
    }
    Stand {
        name: "swift(swift)",
        provider: snapstore_swift::PROVIDER,
        server,
        store,
        expired: Some(|| reply(401, "<html><h1>Unauthorized</h1></html>")),
    }
}

/// The store behind the login at `auth_url`, its credentials in `files`.
pub(crate) fn store(auth_url: &str, files: &Path) -> StoreConfig {
    credentials(files, auth_url);
    let files = files.display().to_string();
    StoreConfig {
        container: BUCKET.into(),
        prefix: "suite/swift".into(),
        environment: environment([("OPENSTACK_APPLICATION_CREDENTIALS", &*files)]),
        ..StoreConfig::default()
    }
}

/// A directory as Kubernetes mounts it, values with a newline at the end.
fn credentials(dir: &Path, auth_url: &str) {
    fs::create_dir_all(dir).unwrap();
    for (name, value) in [
        ("authURL", auth_url),
        ("region", "RegionOne"),
        ("domainName", "Default"),
        ("tenantName", "demo"),
        ("username", "demo"),
        ("password", "demopass"),
    ] {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
}

/// By hand: this library has nothing that makes containers.
async fn make_container(auth_url: &str) {
    let client = snapstore_cloud::http::client(&Tls::default()).unwrap();
    let domain = json!({"name": "Default"});
    let user = json!({"name": "demo", "domain": domain, "password": "demopass"});
    let login = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "demo", "domain": domain}},
    }});
    let reply = client
        .post(format!("{auth_url}/auth/tokens"))
        .header("content-type", "application/json")
        .body(login.to_string())
        .send()
        .await
        .unwrap();
    assert!(reply.status().is_success(), "log in: {reply:?}");
    let token = reply.headers()["x-subject-token"].clone();
    let body: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
    let catalogue = body["token"]["catalog"].as_array().unwrap();
    let store = catalogue
        .iter()
        .find(|service| service["type"] == "object-store")
        .unwrap();
    let endpoints = store["endpoints"].as_array().unwrap();
    let public = endpoints
        .iter()
        .find(|one| one["interface"] == "public" && one["region"] == "RegionOne")
        .unwrap();
    let url = format!("{}/{BUCKET}", public["url"].as_str().unwrap());
    let made = client.put(url).header("x-auth-token", token).send().await;
    let made = made.unwrap().status();
    assert!(made.is_success(), "make the container: {made}");
}
