//! Certificates: one that is not trusted ends the matter at once, with words on what to do.

use std::fs;
use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::{Error, ErrorKind, PutOptions, Snapstore, SnapstoreExt, StoreConfig};
use testkit::proxy::{Authority, Identity, Proxy};
use tokio::runtime::Runtime;

use crate::bench::{corner, said};
use crate::trial;
use testkit::stores::Stand;

/// The name by which the proxy is reached.
const OURS: &str = "127.0.0.1";
const OTHER: &str = "other.example";

pub(crate) fn trials(
    stand: &Stand,
    machine: &Arc<Authority>,
    runtime: &Arc<Runtime>,
) -> Vec<Trial> {
    let untrusted = Arc::new(Authority::new().unwrap());
    let mut trials = Vec::new();
    let mut add = |what: &str, shown: Shown, trust: Trust, works: bool| {
        let stand = stand.clone();
        let name = format!("{}::tls::{what}", stand.name);
        trials.push(trial(runtime, name, async move {
            speaks(&stand, &shown, trust, works).await
        }));
    };
    let shown = |authority: &Arc<Authority>, name| Shown {
        authority: authority.clone(),
        name,
    };
    let (ours, theirs) = (shown(machine, OURS), shown(&untrusted, OURS));
    let (astray, unknown) = (shown(machine, OTHER), shown(&untrusted, OTHER));
    add(
        "an_authority_of_the_machine_works",
        ours,
        Trust::Machine,
        true,
    );
    add(
        "an_unknown_authority_is_refused",
        theirs.clone(),
        Trust::Machine,
        false,
    );
    add(
        "another_host_name_is_refused",
        astray,
        Trust::Machine,
        false,
    );
    // The one provider whose credentials, in the reference's form, say whom to trust.
    if stand.name.starts_with("s3") {
        add("a_trusted_authority_works", theirs, Trust::Authority, true);
        let what = "another_host_name_is_refused_by_a_trusted_authority";
        add(what, unknown.clone(), Trust::Authority, false);
        add(
            "anybody_is_trusted_when_told_to",
            unknown,
            Trust::Anybody,
            true,
        );
    }
    trials
}

/// What the server says it is.
#[derive(Clone)]
struct Shown {
    authority: Arc<Authority>,
    name: &'static str,
}

/// Whom the client trusts.
#[derive(Clone, Copy)]
enum Trust {
    /// Those whom the machine trusts.
    Machine,
    /// The authority of the server, named in the credentials.
    Authority,
    Anybody,
}

async fn speaks(stand: &Stand, shown: &Shown, trust: Trust, works: bool) -> Result<(), String> {
    let identity = shown.authority.identity(&[shown.name]).unwrap();
    let value = match trust {
        Trust::Machine => None,
        Trust::Authority => Some(("trustedCaCert", shown.authority.pem())),
        Trust::Anybody => Some(("insecureSkipVerify", "true".to_owned())),
    };
    let done = through(stand, &identity, value).await;
    match (done, works) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => Err("it spoke to an untrusted server".into()),
        (Err(error), true) => Err(said(error)),
        (Err(error), false) => says_what_to_do(&error),
    }
}

/// One object written and read behind a server of this `identity`, with one more value of credentials.
pub(crate) async fn through(
    stand: &Stand,
    identity: &Identity,
    value: Option<(&str, String)>,
) -> Result<(), Error> {
    let server = stand.server.clone().unwrap();
    let proxy = Proxy::start_tls(&server, identity).unwrap();
    let files = tempfile::tempdir().unwrap();
    let config = StoreConfig {
        prefix: corner(),
        ..(stand.store)(proxy.url(), files.path())
    };
    if let Some((name, value)) = value {
        fs::write(files.path().join(name), value).unwrap();
    }
    let store = (stand.provider.open)(config).await?;
    one_object(&*store).await
}

async fn one_object(store: &dyn Snapstore) -> Result<(), Error> {
    let key = snapstore::Key::new("over-tls").unwrap();
    store.put(&key, "x".into(), PutOptions::default()).await?;
    let held = store.read(&key.clone().into()).await?;
    assert_eq!(held, "x");
    store.delete(&key.into()).await
}

pub(crate) fn says_what_to_do(error: &Error) -> Result<(), String> {
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
