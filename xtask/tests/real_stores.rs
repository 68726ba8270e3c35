//! A session's servers serve what they are meant to, and nothing of them is left behind.
#![allow(clippy::unwrap_used, reason = "tests")]

use xtask::emulators::{Session, bring, named};

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

/// The login is ours and the store is Swift: a token of the one opens the other, and a token that
/// was revoked does not.
#[test]
fn swift_opens_to_who_has_logged_in() {
    let session = session("swift");
    let (_, url) = session.variables().next().unwrap();
    let domain = serde_json::json!({"name": "Default"});
    let login = |password| {
        let user = serde_json::json!({"name": "demo", "password": password, "domain": domain});
        let auth = serde_json::json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "demo", "domain": domain}},
        }});
        ureq::post(format!("{url}/auth/tokens")).send(auth.to_string())
    };
    assert!(login("wrong").is_err());
    let mut answer = login("demopass").unwrap();
    let token = answer.headers()["x-subject-token"].clone();
    let body: serde_json::Value =
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    let account = &body["token"]["catalog"][0]["endpoints"][0]["url"];
    let object = format!("{}/c", account.as_str().unwrap());
    let put = || {
        ureq::put(&object)
            .header("x-auth-token", &token)
            .send_empty()
    };
    assert_eq!(put().unwrap().status(), 201);
    let revoked = ureq::post(url.replace("/v3", "/etcdbr/revoke-all"));
    revoked.send_empty().unwrap();
    assert!(put().is_err());
}
