//! Accounts of Google and keys of Azure and S3 that change while a store is open.

use std::fs;

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::Value;
use snapstore::{Key, PutOptions, Snapstore};
use testkit::proxy::{Authority, Proxy};

use crate::bench::{corner, said};
use crate::ensure;
use crate::rotation::{lists, refused, write};
use testkit::stores::{Stand, gcs};

/// The file that a stand writes.
const ACCOUNT: &str = "serviceaccount.json";

/// The emulator lets everybody in, so that what counts is in whose name requests come. Nobody has a
/// name without TLS.
pub(crate) async fn of_google(stand: &Stand, machine: &Authority) -> Result<(), String> {
    let identity = machine.identity(&["127.0.0.1"]).unwrap();
    let proxy = Proxy::start_tls(&stand.server.clone()?, &identity).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut config = (stand.store)(proxy.url(), dir.path());
    config.prefix = corner();
    let file = dir.path().join(ACCOUNT);
    let (old, new) = ("old@suite.example", "new@suite.example");
    gcs::service_account(&file, old);
    let store = (stand.provider.open)(config).await.map_err(said)?;
    speaks_as(&*store, &proxy, old).await?;

    // Half written: the last good one goes on.
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    speaks_as(&*store, &proxy, old).await?;
    gcs::service_account(&file, new);
    speaks_as(&*store, &proxy, new).await
}

/// With bodies and without go two ways to the same bucket; both must have heard of it.
async fn speaks_as(store: &dyn Snapstore, proxy: &Proxy, email: &str) -> Result<(), String> {
    lists(store).await.map_err(said)?;
    let listing = issuer(proxy);
    ensure(
        listing == email,
        &format!("a listing comes from {listing}, not {email}"),
    )?;
    let key = Key::new("v2/rotated").unwrap();
    let put = store.put(&key, "x".into(), PutOptions::overwrite()).await;
    put.map_err(said)?;
    let putting = issuer(proxy);
    ensure(
        putting == email,
        &format!("a put comes from {putting}, not {email}"),
    )?;
    store.delete(&key.into()).await.map_err(said)
}

/// Who has signed the token of the last request (RFC 7519, section 4.1.1).
fn issuer(proxy: &Proxy) -> String {
    let header = proxy.heard("authorization").unwrap_or_default();
    let claims = header.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode_to_vec(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["iss"].as_str().unwrap_or_default().to_owned()
}

/// MinIO has one key, for ever: as with Azurite's. It compares every signature.
pub(crate) async fn of_amazon(stand: &Stand) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let config = (stand.store)(&stand.server.clone()?, dir.path());
    let good = fs::read_to_string(dir.path().join("secretAccessKey")).unwrap();
    let store = (stand.provider.open)(config).await.map_err(said)?;
    lists(&*store).await.map_err(said)?;

    // No key at all: the last good one goes on.
    write(dir.path(), "secretAccessKey", "");
    lists(&*store).await.map_err(said)?;
    write(dir.path(), "secretAccessKey", "another-secret");
    refused(&*store).await?;
    write(dir.path(), "secretAccessKey", &good);
    lists(&*store).await.map_err(said).map(drop)
}

/// Azurite has one key, for ever: what is new is one that it does not know, and then the right one
/// again.
pub(crate) async fn of_azure(stand: &Stand) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let config = (stand.store)(&stand.server.clone()?, dir.path());
    let good = fs::read_to_string(dir.path().join("storageKey")).unwrap();
    let store = (stand.provider.open)(config).await.map_err(said)?;
    lists(&*store).await.map_err(said)?;

    // No key at all: the last good one goes on.
    write(dir.path(), "storageKey", "not in Base64!");
    lists(&*store).await.map_err(said)?;
    write(dir.path(), "storageKey", "YW5vdGhlciBrZXk=");
    refused(&*store).await?;
    write(dir.path(), "storageKey", &good);
    lists(&*store).await.map_err(said).map(drop)
}
