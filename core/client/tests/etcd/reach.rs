//! A client for a running etcd.

use std::sync::Arc;
use std::time::Duration;

use client::{Client, Config, Endpoint, Login, Pace, Retries, Scheme, SecretString, Tls};
use snapstore::clock::SystemClock;
use snapstore::layers::Backoff;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// Enough that a machine that is busy is no fault of the client's.
pub(crate) fn retries() -> Retries {
    Retries {
        backoff: Backoff {
            attempts: 20,
            first: Duration::from_millis(100),
            max: Duration::from_secs(2),
        },
        clock: Arc::new(SystemClock),
        seed: 7,
    }
}

/// One attempt, and no second one.
pub(crate) fn once() -> Retries {
    Retries {
        backoff: Backoff {
            attempts: 1,
            ..retries().backoff
        },
        ..retries()
    }
}

pub(crate) fn config(urls: &[&str]) -> Config {
    let endpoint = |url: &&str| Endpoint::parse(url, Scheme::Clear).unwrap();
    Config {
        endpoints: urls.iter().map(endpoint).collect(),
        tls: Tls::default(),
        login: None,
        pace: Pace::default(),
    }
}

pub(crate) async fn client(etcd: &Etcd) -> Client {
    client_of(config(&[etcd.client_url()])).await
}

pub(crate) async fn client_of(config: Config) -> Client {
    Client::new(config, retries()).await.unwrap()
}

pub(crate) fn root() -> Login {
    Login {
        user: "root".to_owned(),
        password: SecretString::from("hush".to_owned()),
    }
}

pub(crate) fn fresh(version: &str) -> Etcd {
    Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap()
}

/// One with flags of its own, and its directory.
pub(crate) fn with_flags(version: &str, flags: &[&str]) -> (Etcd, tempfile::TempDir) {
    let room = tempfile::tempdir().unwrap();
    let flags: Vec<_> = flags.iter().map(ToString::to_string).collect();
    let binary = oracles::etcd(version).unwrap();
    let member = Member::alone().unwrap();
    let etcd = Etcd::serving(&binary, &member, &room.path().join("data"), &flags);
    (etcd.unwrap(), room)
}

/// Runs `test` to its end.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(test)
}
