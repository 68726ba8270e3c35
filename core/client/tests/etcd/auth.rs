//! Users and their tokens.

use std::fs;

use client::{AuthState, Client, Config, ErrorKind, Etcd as _, Login, Read, SecretString};
use serde_json::json;
use testkit::etcd::Etcd;

use crate::reach::{client_of, config, fresh, once, root, run, with_flags};
use crate::watch::{contiguous, from, until};

/// From now on users are checked: root, and a user who may read nothing.
pub(crate) fn enable(etcd: &Etcd) {
    let ask = |rpc, request| etcd.ask(rpc, &request, None).unwrap();
    ask("auth/role/add", json!({"name": "root"}));
    for user in ["root", "somebody"] {
        ask("auth/user/add", json!({"name": user, "password": "hush"}));
    }
    ask("auth/user/grant", json!({"user": "root", "role": "root"}));
    ask("auth/enable", json!({}));
}

fn as_root(etcd: &Etcd) -> Config {
    Config {
        login: Some(root()),
        ..config(&[etcd.client_url()])
    }
}

async fn everything_is_answered(client: &Client, first: i64) {
    client.status().await.unwrap();
    client.members(Read::Agreed).await.unwrap();
    client.hash_kv(0).await.unwrap();
    client.auth().await.unwrap();
    let head = client.head(Read::Agreed).await.unwrap();
    let mut watch = client.watch(from(first)).await.unwrap();
    contiguous(until(&mut *watch, head.revision).await, first);
    let mut snapshot = client.snapshot().await.unwrap();
    crate::snapshot::drained(&mut *snapshot).await;
}

/// Simple tokens are gone when a member restarts. With the one of before everything was refused, the watch
/// only after it was created, so that it looked like one that etcd had canceled.
fn a_token_that_a_restart_forgot_is_renewed(version: &str) {
    let mut etcd = fresh(version);
    etcd.put(b"a", b"1").unwrap();
    enable(&etcd);
    run(async {
        let client = client_of(as_root(&etcd)).await;
        everything_is_answered(&client, 2).await;
        etcd.restart_in_place().unwrap();
        let mut watch = client.watch(from(2)).await.unwrap();
        assert_eq!(contiguous(until(&mut *watch, 2).await, 2).len(), 1);
        etcd.restart_in_place().unwrap();
        let mut snapshot = client.snapshot().await.unwrap();
        crate::snapshot::drained(&mut *snapshot).await;
        etcd.restart_in_place().unwrap();
        everything_is_answered(&client, 2).await;
    });
}

/// A JWT carries the revision of users and roles, and is of the past when one of them changes.
fn a_token_of_an_older_auth_revision_is_renewed(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let key = room.path().join("key");
    fs::write(&key, [7; 64]).unwrap();
    let token = format!("jwt,priv-key={},sign-method=HS256,ttl=10m", key.display());
    let (etcd, _data) = with_flags(version, &["--auth-token", &token]);
    etcd.put(b"a", b"1").unwrap();
    enable(&etcd);
    run(async {
        let client = client_of(as_root(&etcd)).await;
        everything_is_answered(&client, 2).await;
        let answer = json!({"name": "root", "password": "hush"});
        let answer = etcd.ask("auth/authenticate", &answer, None).unwrap();
        let token = answer["token"].as_str().unwrap();
        let before = client.auth().await.unwrap();
        let change = json!({"name": "another", "password": "hush"});
        etcd.ask("auth/user/add", &change, Some(token)).unwrap();
        let mut watch = client.watch(from(2)).await.unwrap();
        contiguous(until(&mut *watch, 2).await, 2);
        everything_is_answered(&client, 2).await;
        match (before, client.auth().await.unwrap()) {
            (AuthState::NotTold, AuthState::NotTold) => assert!(version.starts_with("3.4")),
            (
                AuthState::Known {
                    revision: before, ..
                },
                AuthState::Known { enabled, revision },
            ) => assert!(enabled && revision > before),
            other => panic!("{other:?}"),
        }
    });
}

/// Users were switched on while we ran without them, and off while we held a token.
fn users_are_switched_on_and_off(version: &str) {
    let etcd = fresh(version);
    etcd.put(b"a", b"1").unwrap();
    run(async {
        let client = client_of(as_root(&etcd)).await;
        everything_is_answered(&client, 2).await;
        enable(&etcd);
        everything_is_answered(&client, 2).await;
        let answer = json!({"name": "root", "password": "hush"});
        let answer = etcd.ask("auth/authenticate", &answer, None).unwrap();
        let token = answer["token"].as_str().unwrap();
        etcd.ask("auth/disable", &json!({}), Some(token)).unwrap();
        everything_is_answered(&client, 2).await;
    });
}

/// Who may not is told so, and no error shows a password.
fn those_who_may_not_are_refused(version: &str) {
    let etcd = fresh(version);
    enable(&etcd);
    let login = |user: &str, password: &str| {
        let password = SecretString::from(password.to_owned());
        let user = user.to_owned();
        Some(Login { user, password })
    };
    run(async {
        let cases = [
            (login("root", "wrong-hush"), ErrorKind::Unauthenticated),
            (login("nobody", "hush"), ErrorKind::Unauthenticated),
            (login("somebody", "hush"), ErrorKind::PermissionDenied),
            (None, ErrorKind::Unauthenticated),
        ];
        for (login, kind) in cases {
            let shown = format!("{login:?}");
            let config = Config {
                login,
                ..config(&[etcd.client_url()])
            };
            let config_shown = format!("{config:?}");
            let client = Client::new(config, once()).await.unwrap();
            let mut errors = vec![client.head(Read::Agreed).await.unwrap_err()];
            errors.push(client.watch(from(1)).await.unwrap_err());
            errors.push(client.snapshot().await.err().unwrap());
            errors.push(client.hash_kv(0).await.unwrap_err());
            for error in errors {
                // Of nobody some versions say that he may not watch.
                let denied = shown == "None" && error.kind() == ErrorKind::PermissionDenied;
                assert!(error.kind() == kind || denied, "{shown}: {error}");
                let all = format!("{error} {error:?} {shown} {config_shown} {client:?}");
                assert!(!all.contains("hush"), "{all}");
            }
        }
    });
}

testkit::on_every_etcd!(
    a_token_that_a_restart_forgot_is_renewed,
    a_token_of_an_older_auth_revision_is_renewed,
    users_are_switched_on_and_off,
    those_who_may_not_are_refused
);
