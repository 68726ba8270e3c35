//! Certificates of servers that a store sends its clients to: who gives tokens for Google, where Keystone
//! says that Swift is.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::json;
use snapstore::clock::{Clock, SystemClock};
use snapstore::{ListRequest, Snapstore, StoreConfig};
use testkit::proxy::{Authority, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::tls::says_what_to_do;
use crate::trial;
use testkit::stores::Stand;

/// Nothing is waited for: an untrusted certificate is seen at the first try.
const AT_ONCE: Duration = Duration::from_secs(20);

pub(crate) fn trials(
    stand: &Stand,
    machine: &Arc<Authority>,
    runtime: &Arc<Runtime>,
) -> Vec<Trial> {
    let name = |what| format!("{}::tls::{what}", stand.name);
    let (stand, machine) = (stand.clone(), machine.clone());
    let family = stand.name.split('(').next();
    match family {
        Some("gcs") => vec![trial(
            runtime,
            name("a_stranger_who_gives_tokens_is_refused"),
            async move { of_google(&stand, &machine).await },
        )],
        Some("swift") => vec![trial(
            runtime,
            name("a_stranger_whom_keystone_names_is_refused"),
            async move { of_keystone(&stand).await },
        )],
        _ => Vec::new(),
    }
}

/// A server whom nobody trusts, before `upstream`.
fn untrusted(upstream: &str) -> Proxy {
    let identity = Authority::new().unwrap().identity(&["127.0.0.1"]).unwrap();
    Proxy::start_tls(upstream, &identity).unwrap()
}

async fn is_refused(stand: &Stand, config: StoreConfig) -> Result<(), String> {
    let asked = async {
        let store: Arc<dyn Snapstore> = (stand.provider.open)(config).await?;
        store.list(&ListRequest::under("v2/")).await.map(drop)
    };
    tokio::select! {
        done = asked => match done {
            Ok(()) => Err("it spoke to an untrusted server".to_owned()),
            Err(error) => says_what_to_do(&error),
        },
        () = SystemClock.sleep(AT_ONCE) => Err("it is tried again".to_owned()),
    }
}

/// It was "no token, and future attempts may succeed".
async fn of_google(stand: &Stand, machine: &Authority) -> Result<(), String> {
    let server = stand.server.clone()?;
    let identity = machine.identity(&["127.0.0.1"]).unwrap();
    let store = Proxy::start_tls(&server, &identity).unwrap();
    let tokens = untrusted(&server);
    let files = tempfile::tempdir().unwrap();
    let config = (stand.store)(store.url(), files.path());
    let user = json!({
        "type": "authorized_user",
        "client_id": "suite",
        "client_secret": "hush",
        "refresh_token": "hush",
        "token_uri": format!("{}/token", tokens.url()),
    });
    fs::write(files.path().join("serviceaccount.json"), user.to_string()).unwrap();
    is_refused(stand, config).await
}

/// It was logged in three times, and said to be an error when accessing the server.
async fn of_keystone(stand: &Stand) -> Result<(), String> {
    let swift = untrusted(&stand.server.clone()?.replace("/v3", ""));
    let account = format!("{}/v1/AUTH_suite", swift.url());
    let keystone = keystone_that_names(account).await;
    let files = tempfile::tempdir().unwrap();
    is_refused(stand, (stand.store)(&keystone, files.path())).await
}

/// A STUB that lets everybody in, and whose catalogue has one store.
async fn keystone_that_names(account: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v3", listener.local_addr().unwrap());
    let own = url.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 1 << 16];
            let read = stream.read(&mut asked).await.unwrap_or(0);
            let is_login = asked[..read].starts_with(b"POST");
            let body = match is_login {
                true => token(&account).to_string(),
                false => json!({"version": {
                    "id": "v3.14", "status": "stable",
                    "links": [{"rel": "self", "href": own}],
                }})
                .to_string(),
            };
            let status = if is_login { "201 Created" } else { "200 OK" };
            let reply = format!(
                "HTTP/1.1 {status}\r\nx-subject-token: suite\r\ncontent-type: application/json\r\n\
                 connection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    url
}

fn token(account: &str) -> serde_json::Value {
    let endpoint = json!({
        "id": "1", "interface": "public", "region": "RegionOne", "region_id": "RegionOne",
        "url": account,
    });
    json!({"token": {
        "methods": ["password"],
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": "2126-01-01T00:00:00.000000Z",
        "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "roles": [],
        "catalog": [{"id": "s", "type": "object-store", "name": "swift", "endpoints": [endpoint]}],
    }})
}
