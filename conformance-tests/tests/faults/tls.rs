//! Certificates: one that is not trusted ends the matter at once, with words on what to do.

use std::fs;
use std::sync::Arc;

use conformance_tests::proxy::{Authority, Proxy};
use libtest_mimic::Trial;
use snapstore::{Error, ErrorKind, PutOptions, Snapstore, StoreConfig};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::bench::{corner, said};
use crate::targets::Stand;
use crate::trial;

/// The name by which the proxy is reached.
const OURS: &str = "127.0.0.1";

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |what: &str, names: &'static [&'static str], trust: Trust, works: bool| {
        let stand = stand.clone();
        let name = format!("{}::tls::{what}", stand.name);
        trials.push(trial(runtime, name, async move {
            speaks(&stand, names, trust, works).await
        }));
    };
    // Google's client asks for credentials as soon as there is TLS, and logs in at Google.
    if !stand.name.starts_with("gcs") {
        add(
            "an_unknown_authority_is_refused",
            &[OURS],
            Trust::Machine,
            false,
        );
    }
    // The one library whose credentials, in the reference's form, say whom to trust.
    if stand.name.starts_with("s3") {
        add("a_trusted_authority_works", &[OURS], Trust::Authority, true);
        add(
            "another_host_name_is_refused",
            &["other.example"],
            Trust::Authority,
            false,
        );
        add(
            "anybody_is_trusted_when_told_to",
            &["other.example"],
            Trust::Anybody,
            true,
        );
    }
    trials
}

#[derive(Clone, Copy)]
enum Trust {
    Machine,
    Authority,
    Anybody,
}

async fn speaks(stand: &Stand, names: &[&str], trust: Trust, works: bool) -> Result<(), String> {
    let authority = Authority::new().unwrap();
    let identity = authority.identity(names).unwrap();
    let proxy = Proxy::start_tls(&stand.server.clone()?, &identity).unwrap();
    let files = tempfile::tempdir().unwrap();
    let config = StoreConfig {
        prefix: corner(),
        ..(stand.store)(proxy.url(), files.path())
    };
    credentials(&files, &authority, trust);
    let done = match (stand.provider.open)(config).await {
        Ok(store) => one_object(&*store).await,
        Err(error) => Err(error),
    };
    match (done, works) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => Err("it spoke to a stranger".into()),
        (Err(error), true) => Err(said(error)),
        (Err(error), false) => says_what_to_do(&error),
    }
}

fn credentials(files: &TempDir, authority: &Authority, trust: Trust) {
    let (name, value) = match trust {
        Trust::Machine => return,
        Trust::Authority => ("trustedCaCert", authority.pem()),
        Trust::Anybody => ("insecureSkipVerify", "true".to_owned()),
    };
    fs::write(files.path().join(name), value).unwrap();
}

async fn one_object(store: &dyn Snapstore) -> Result<(), Error> {
    let key = snapstore::Key::new("over-tls").unwrap();
    store.put(&key, "x".into(), PutOptions::default()).await?;
    store.delete(&key.into()).await
}

fn says_what_to_do(error: &Error) -> Result<(), String> {
    let words = error.to_string();
    let about = words.contains("certificate");
    if error.kind() == ErrorKind::Config && !error.is_retryable() && about {
        return Ok(());
    }
    Err(format!(
        "{:?}, retryable {}: {words}",
        error.kind(),
        error.is_retryable()
    ))
}
