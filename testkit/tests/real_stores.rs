//! A session's servers serve what they are meant to, and nothing of them is left behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::{Value, json};
use testkit::emulators::{Session, bring, named};

fn session(name: &str) -> Session {
    let emulator = named(&[name.to_owned()]).unwrap()[0];
    // Under `cargo xtask test` it is in the cache already.
    let (_, installed) = bring(emulator).unwrap();
    Session::start(&[(emulator, installed)]).unwrap()
}

#[test]
fn a_session_leaves_nothing_behind() {
    let session = session("fake-gcs-server");
    let running = session.running()[0].clone();
    let (variable, url) = session.variables().next().unwrap();
    assert_eq!((variable, url), ("CONFORMANCE_GCS", running.url.as_str()));
    let buckets = format!("{url}/storage/v1/b?project=p");
    let answer = ureq::get(&buckets)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string();
    assert!(answer.unwrap().contains("storage#buckets"));
    assert!(running.is_alive() && running.log().exists());
    drop(session);
    assert!(!running.is_alive() && !running.dir.exists());
    assert!(ureq::get(&buckets).call().is_err());
}

/// A login by password at the Identity API `url`: the token, and where the object store is.
fn login(url: &str, password: &str) -> Result<(String, String), ureq::Error> {
    let domain = json!({"name": "Default"});
    let user = json!({"name": "demo", "password": password, "domain": domain});
    let auth = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "demo", "domain": domain}},
    }});
    let mut answer = ureq::post(format!("{url}/auth/tokens"))
        .content_type("application/json")
        .send(auth.to_string())?;
    let token = answer.headers()["x-subject-token"].to_str().unwrap();
    let token = token.to_owned();
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string()?).unwrap();
    let catalog = body["token"]["catalog"].as_array().unwrap();
    let swift = catalog
        .iter()
        .find(|service| service["type"] == "object-store");
    let account = &swift.unwrap()["endpoints"][0]["url"];
    Ok((token, account.as_str().unwrap().to_owned()))
}

/// The status of making a container.
fn make_container(account: &str, token: &str) -> Result<u16, ureq::Error> {
    let request = ureq::put(format!("{account}/c")).header("x-auth-token", token);
    Ok(request.send_empty()?.status().as_u16())
}

/// The login is ours and the store is Swift: a token of the one opens the other, and a token that
/// was revoked does not.
#[test]
fn swift_opens_to_who_has_logged_in() {
    let session = session("swift");
    let url = session.running()[0].url.as_str();
    assert!(login(url, "wrong").is_err());
    let (token, account) = login(url, "demopass").unwrap();
    assert_eq!(make_container(&account, &token).unwrap(), 201);
    let revoked = ureq::post(url.replace("/v3", "/etcdbr/revoke-all"));
    revoked.send_empty().unwrap();
    assert!(make_container(&account, &token).is_err());
}

/// Here the login is Keystone's, so that ours is not the only one that a client is seen with.
#[test]
fn keystone_opens_its_swift() {
    let session = session("keystone");
    let url = session.running()[0].url.as_str();
    assert!(login(url, "wrong").is_err());
    let (token, account) = login(url, "demopass").unwrap();
    assert_eq!(make_container(&account, &token).unwrap(), 201);
    let revoking = ureq::delete(format!("{url}/auth/tokens"))
        .header("x-auth-token", &token)
        .header("x-subject-token", &token);
    revoking.call().unwrap();
    assert!(make_container(&account, &token).is_err());
}
