//! What each verb says that was interrupted, or in which a thread died. There was one error for all of them:
//! an interrupted `list` or `verify` spoke of files that had been removed, and the second reading of an object
//! whose thread had died of a restored database that did not pass its check.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Reading, Target, read_catalogue};
use engine::progress::{Event, Observer, Unobserved};
use engine::restore::{Changes, History as Past, Identity};
use engine::session::Session;
use engine::validate::{Mode, Servers, Validation};
use engine::verify::Verification;
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::synthetic::{History, full_name};

/// A program that dies of what it is told.
struct Dying;

impl Observer for Dying {
    fn event(&self, event: Event<'_>) {
        assert!(!matches!(event, Event::Phase(_)), "a bug of the observer");
    }
}

async fn session(observer: impl Observer + 'static) -> Session {
    let (store, mut history) = (MemoryStore::new(), History::default());
    history.wander(20, 1);
    let bytes = Bytes::from(compress(Gzip, &history.full(20)));
    let key = Key::new(format!("v2/{}", full_name(20, Gzip))).unwrap();
    store
        .put(&key, bytes, PutOptions::overwrite())
        .await
        .unwrap();
    Session {
        store: Arc::new(store),
        observer: Arc::new(observer),
        cancel: Default::default(),
        seed: 5,
        clock: Arc::new(SystemClock),
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

fn reading() -> Reading {
    Reading {
        hash: HashCheck::Required,
        leases: LeasePolicy::Keep,
        fetchers: 3,
    }
}

fn verification(dir: &Path) -> Verification {
    Verification {
        target: Target::Latest,
        lineage: Default::default(),
        reading: reading(),
        temp_dir: dir.to_owned(),
    }
}

fn request(data_dir: PathBuf) -> engine::restore::Request {
    engine::restore::Request {
        target: Target::Latest,
        lineage: Default::default(),
        data_dir,
        over: None,
        salvage: None,
        chosen: None,
        clusters: None,
        authentication: Default::default(),
        other_cluster: Default::default(),
        identity: Identity {
            name: "default".into(),
            initial_cluster: "default=http://localhost:2380".into(),
            token: "etcd-cluster".into(),
            advertised: vec!["http://localhost:2380".into()],
        },
        reading: reading(),
        changes: Changes {
            unknown_lease_ttl: 60,
            bump_revision: 0,
            history: Past::Kept,
        },
    }
}

/// Says nothing of what only a restore does.
fn is_said_without_a_restore(error: &dyn Error) {
    let told = error.to_string();
    for word in ["published", "removed", "restored database"] {
        assert!(!told.contains(word), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_restore_speaks_of_what_it_wrote_when_it_is_interrupted() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(Unobserved).await;
    session.cancel.cancel();
    let listed = read_catalogue(&session).await.unwrap_err();
    let verified = engine::verify::verify(&session, &verification(dir.path())).await;
    let validation = Validation {
        data_dir: dir.path().to_owned(),
        mode: Mode::Full,
        guard: None,
        servers: Servers::Any,
    };
    let validated = engine::validate::validate(Some(&session), &validation).await;
    for error in [
        &listed as &dyn Error,
        &verified.unwrap_err(),
        &validated.unwrap_err(),
    ] {
        assert!(error.to_string().contains("interrupted"), "{error}");
        is_said_without_a_restore(error);
    }
    let restored = engine::restore::restore(&session, &request(dir.path().join("out"))).await;
    let told = restored.unwrap_err().to_string();
    assert!(told.contains("nothing was published"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_dies_is_no_check_that_failed() {
    let dir = tempfile::tempdir().unwrap();
    let session = session(Dying).await;
    let verified = engine::verify::verify(&session, &verification(dir.path())).await;
    let out = dir.path().join("out");
    let restored = engine::restore::restore(&session, &request(out.clone())).await;
    for error in [
        &verified.unwrap_err() as &dyn Error,
        &restored.unwrap_err(),
        &engine::validate::Error::from(engine::Error::Died(String::from("a bug"))),
        &engine::initialize::Error::from(engine::Error::Died(String::from("a bug"))),
    ] {
        let told = error.to_string();
        assert!(told.starts_with("a thread of this program died"), "{told}");
        is_said_without_a_restore(error);
    }
    assert!(!out.exists());
}
