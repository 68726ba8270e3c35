//! Logging in: OpenStack's Identity API v3, "Password authentication" and "Authenticating with an
//! Application Credential" (<https://docs.openstack.org/api-ref/identity/v3/>). Keystone gives a token,
//! and a catalogue in which the object store stands.

use http::{HeaderValue, StatusCode};
use reqwest::{Client, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use snapstore::{Error, ErrorKind, Result, printable};
use snapstore_cloud::ExposeSecret;
use snapstore_cloud::http::{Again, Refusal, broken, odd, retry_after, text, wants_tls};

use crate::login::{Identity, Login, Named};

/// What a login gives.
#[derive(Debug)]
pub(crate) struct Session {
    /// Goes along with every request, marked as a secret.
    pub(crate) token: HeaderValue,
    /// The account's address, without a slash at its end.
    pub(crate) account: String,
}

/// The answer. Everything else in it is not needed.
#[derive(Deserialize)]
struct Answer {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    catalog: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(rename = "type")]
    kind: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    interface: String,
    url: String,
    /// The older name of the same.
    region: Option<String>,
    region_id: Option<String>,
}

/// Logs in.
///
/// Errors: `Denied` for credentials that Keystone refuses, `Config` for an address at which there is no
/// Keystone, or whose catalogue has no such object store.
pub(crate) async fn log_in(client: &Client, login: &Login) -> Result<Session> {
    let request = client
        .post(format!("{}/auth/tokens", login.auth_url))
        .header("content-type", "application/json")
        .body(question(&login.identity).to_string());
    let reply = request.send().await;
    let reply = reply.map_err(|error| broken("open", error))?;
    let (status, headers) = (reply.status(), reply.headers().clone());
    if !status.is_success() {
        return Err(refused(reply, login).await);
    }
    let body = reply.bytes().await;
    let body = body.map_err(|error| broken("open", error))?;
    // What came is not shown: a page that says back what was asked says the password.
    let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
        let (bytes, line, column) = (body.len(), error.line(), error.column());
        let kind = printable(text(&headers, "content-type").unwrap_or("no type"));
        let what = format!("no token in {bytes} bytes of {kind}: line {line}, column {column}");
        odd("open", what)
    })?;
    let token = headers.get("x-subject-token");
    let mut token = token
        .filter(|token| !token.is_empty())
        .cloned()
        .ok_or_else(|| odd("open", "Keystone let us in and gave no X-Subject-Token"))?;
    token.set_sensitive(true);
    let account = object_store(&answer.token.catalog, login)?;
    Ok(Session { token, account })
}

fn question(identity: &Identity) -> Value {
    match identity {
        Identity::Password {
            user,
            password,
            domain,
            project,
        } => json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user,
                "domain": {"name": domain},
                "password": password.expose_secret(),
            }}},
            "scope": {"project": {"name": project, "domain": {"name": domain}}},
        }}),
        Identity::ApplicationCredential { by, secret } => {
            let mut credential = match by {
                Named::Id(id) => json!({"id": id}),
                Named::NameOfUser { name, user_id } => {
                    json!({"name": name, "user": {"id": user_id}})
                }
            };
            credential["secret"] = json!(secret.expose_secret());
            json!({"auth": {"identity": {
                "methods": ["application_credential"],
                "application_credential": credential,
            }}})
        }
    }
}

/// Keystone's sentence is left out: of a request that it does not take it may say back what it read, and
/// that is the password.
async fn refused(reply: Response, login: &Login) -> Error {
    let (status, headers) = (reply.status(), reply.headers().clone());
    let body = reply.bytes().await.unwrap_or_default();
    if let Some(other) = wants_tls("open", status.as_u16(), &body) {
        let message = format!("Keystone at {}: {}", login.auth_url, other.message());
        return Error::new(other.kind(), "open", message);
    }
    let date = text(&headers, "date");
    let refusal = Refusal {
        operation: "open",
        status: status.as_u16(),
        code: status.canonical_reason().unwrap_or_default(),
        message: "",
        wait: text(&headers, "retry-after").and_then(|wait| retry_after(wait, date)),
        date,
    };
    let url = &login.auth_url;
    match status.as_u16() {
        401 | 403 => refusal.with_remedy(
            ErrorKind::Denied,
            format!("Keystone at {url} refuses the credentials"),
        ),
        300..=399 | 404 | 405 | 410 => refusal.with_remedy(
            ErrorKind::Config,
            format!("{url} is no address of Keystone's v3; correct authURL or OS_AUTH_URL"),
        ),
        400..=499
            if status != StatusCode::REQUEST_TIMEOUT && status != StatusCode::TOO_MANY_REQUESTS =>
        {
            refusal.as_kind(ErrorKind::Config, Again::No)
        }
        _ => refusal.into_error(),
    }
}

/// The address of the object store in the catalogue. Keystone lists what the project may use.
fn object_store(catalogue: &[Service], login: &Login) -> Result<String> {
    let stores = catalogue
        .iter()
        .filter(|service| service.kind == "object-store");
    let mut endpoints = stores.flat_map(|service| &service.endpoints);
    let found = endpoints.find(|endpoint| {
        let regions = [&endpoint.region_id, &endpoint.region];
        let in_region = |wanted: &String| regions.contains(&&Some(wanted.clone()));
        endpoint.interface == login.interface.name() && login.region.as_ref().is_none_or(in_region)
    });
    let Some(found) = found else {
        return Err(no_endpoint(login));
    };
    match reqwest::Url::parse(&found.url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Ok(found.url.trim_end_matches('/').to_owned())
        }
        _ => {
            let address = printable(&found.url);
            let message = format!("the catalogue says that the object store is at {address:?}");
            Err(Error::new(ErrorKind::Config, "open", message))
        }
    }
}

fn no_endpoint(login: &Login) -> Error {
    let interface = login.interface.name();
    let place = login
        .region
        .as_ref()
        .map_or(String::new(), |region| format!(" in the region {region:?}"));
    let message = format!(
        "the catalogue of {} has no {interface} object store{place}; the region comes from the \
         credentials or OS_REGION_NAME, the interface from OS_INTERFACE",
        login.auth_url
    );
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
#[path = "keystone_tests.rs"]
mod tests;
