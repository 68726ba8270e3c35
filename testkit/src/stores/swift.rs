//! Swift, with a login of ours in Keystone's shape, and with Keystone itself.

use std::path::Path;

use http::HeaderValue;
use serde_json::Value;

use super::keystone::{DEMO, Keystone};
use super::{BUCKET, Place, Reach, Stand, endpoint, mounted, reply};

pub const VARIABLE: &str = "CONFORMANCE_SWIFT";
pub const KEYSTONE: &str = "CONFORMANCE_KEYSTONE";
/// An application credential of the user demo, which is there from the beginning.
const CREDENTIAL: &str = "etcdbr-credential";
const SECRET: &str = "etcdbr-credential-secret";

/// Swift with a login in Keystone's shape. Its catalogue sends clients to where they came from, so
/// that a proxy before the login is one before the store too.
pub async fn places(room: &Path, reach: Reach<'_>) -> Vec<Place> {
    let Some(auth_url) = endpoint(VARIABLE) else {
        return Vec::new();
    };
    make_container(&auth_url).await;
    vec![place(
        "swift(swift)",
        &reach(&auth_url),
        &room.join("swift"),
    )]
}

/// Swift that asks Keystone itself who somebody is.
pub async fn on_keystone(room: &Path) -> Option<Place> {
    let auth_url = endpoint(KEYSTONE)?;
    make_container(&auth_url).await;
    Some(place("swift(keystone)", &auth_url, &room.join("keystone")))
}

/// The same, by an application credential.
pub async fn by_credential(room: &Path) -> Option<Place> {
    let auth_url = endpoint(KEYSTONE)?;
    make_container(&auth_url).await;
    let demo = Keystone::log_in(&auth_url, DEMO).await;
    let files = room.join("keystone-credential");
    let values = [
        ("authURL", auth_url.as_str()),
        ("region", "RegionOne"),
        (
            "applicationCredentialID",
            &demo.credential(CREDENTIAL).await,
        ),
        ("applicationCredentialSecret", SECRET),
    ];
    Some(with("swift(keystone)", mounted(&files, &values)))
}

/// The server, for those who put something before it.
pub async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(auth_url) = &server {
        make_container(auth_url).await;
    }
    Stand {
        name: "swift(swift)",
        words: &[],
        provider: snapstore_swift::PROVIDER,
        server,
        store: |auth_url, files| place("swift(swift)", auth_url, files).config(),
        expired: Some(|| reply(401, "<html><h1>Unauthorized</h1></html>")),
    }
}

/// Keystone itself, for those who change what it knows.
pub fn stand_of_keystone() -> Stand {
    Stand {
        name: "swift(keystone)",
        words: &[],
        provider: snapstore_swift::PROVIDER,
        server: endpoint(KEYSTONE).ok_or(KEYSTONE),
        store: |auth_url, files| place("swift(keystone)", auth_url, files).config(),
        expired: None,
    }
}

fn place(name: &'static str, auth_url: &str, files: &Path) -> Place {
    let values = [
        ("authURL", auth_url),
        ("region", "RegionOne"),
        ("domainName", "Default"),
        ("tenantName", "demo"),
        ("username", "demo"),
        ("password", "demopass"),
    ];
    with(name, mounted(files, &values))
}

fn with(name: &'static str, files: String) -> Place {
    Place {
        name,
        provider: snapstore_swift::PROVIDER,
        container: BUCKET,
        prefix: "suite/swift",
        endpoint_override: None,
        variables: vec![("OPENSTACK_APPLICATION_CREDENTIALS", files)],
        gaps: &[],
        retains: false,
    }
}

pub async fn make_container(auth_url: &str) {
    Container::find(auth_url).await.put("", &[], "").await;
}

/// The container without this library: it has nothing that makes containers, and objects as others
/// make them are to be made by others.
pub struct Container {
    client: reqwest::Client,
    url: String,
    token: HeaderValue,
}

impl Container {
    pub async fn find(auth_url: &str) -> Self {
        let keystone = Keystone::log_in(auth_url, DEMO).await;
        Self {
            url: format!("{}/{BUCKET}", account(&keystone.told)),
            client: keystone.client,
            token: keystone.token,
        }
    }

    /// Makes the object `name`, or the container itself if it is empty.
    pub async fn put(&self, name: &str, headers: &[(&str, &str)], body: &'static str) {
        let mut request = self
            .client
            .put(format!("{}/{name}", self.url).trim_end_matches('/'))
            .header("x-auth-token", &self.token)
            .header("content-length", body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let made = request.body(body).send().await.unwrap().status();
        assert!(made.is_success(), "make {name:?}: {made}");
    }

    /// The names that begin with `prefix`, one a line.
    pub async fn names(&self, prefix: &str) -> String {
        let request = self.client.get(format!("{}?prefix={prefix}", self.url));
        let request = request.header("x-auth-token", &self.token);
        request.send().await.unwrap().text().await.unwrap()
    }
}

/// The address of the account.
fn account(told: &Value) -> String {
    let catalogue = told["catalog"].as_array().unwrap();
    let store = catalogue
        .iter()
        .find(|service| service["type"] == "object-store")
        .unwrap();
    let endpoints = store["endpoints"].as_array().unwrap();
    let public = endpoints
        .iter()
        .find(|one| one["interface"] == "public" && one["region"] == "RegionOne")
        .unwrap();
    public["url"].as_str().unwrap().to_owned()
}
