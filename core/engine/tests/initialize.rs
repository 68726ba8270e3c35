//! `initialize` over stores that fail: for a while, for ever, or in one object.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod flaky;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bolt::Db;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::metadata::{self, Lineage, Metadata};
use engine::backups::{Reading, Target};
use engine::data_dir::Keep;
use engine::initialize::{
    ActionTaken, ClusterState, EmptyStart, Outcome, Request, Salvage, initialize,
};
use engine::progress::Unobserved;
use engine::restore::{self, Changes, History as Past, Identity};
use engine::session::Session;
use engine::validate::{Mode, Servers, Validation};
use etcd::data_dir::DB;
use etcd::store_state::StoreState;
use flaky::{Flaky, Hurried, Trouble};
use snapstore::clock::Clock;
use snapstore::layers::{Backoff, Resume, Retry, RetryPolicy};
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use tempfile::TempDir;
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::hooks::Hooked;
use testkit::synthetic::{History, delta_name, full_name};

fn key(name: &str) -> Key {
    Key::new(format!("v2/{name}")).unwrap()
}

/// A store with a full at revision 20 and deltas to 40 and 60.
async fn store() -> MemoryStore {
    let (store, mut history) = (MemoryStore::new(), History::default());
    history.wander(60, 1);
    for (name, content) in [
        (full_name(20, Gzip), history.full(20)),
        (delta_name(21, 40, Gzip), history.delta(21..=40)),
        (delta_name(41, 60, Gzip), history.delta(41..=60)),
    ] {
        let bytes = Bytes::from(compress(Gzip, &content));
        let key = key(&name);
        let put = store.put(&key, bytes, PutOptions::overwrite());
        put.await.unwrap();
    }
    store
}

fn request(data_dir: PathBuf) -> Request {
    Request {
        validation: Validation {
            data_dir: data_dir.clone(),
            mode: Mode::Full,
            guard: None,
            servers: Servers::Any,
        },
        restore: restore::Request {
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
            reading: Reading {
                hash: HashCheck::Required,
                leases: LeasePolicy::Keep,
                fetchers: 3,
            },
            changes: Changes {
                unknown_lease_ttl: 60,
                bump_revision: 0,
                history: Past::Kept,
            },
        },
        empty_start: EmptyStart::Refused,
        cluster_state: ClusterState::Unspecified,
        keep: Keep::IfAhead,
        salvage: Salvage::Unwanted,
        lock_timeout: Duration::ZERO,
    }
}

/// Initializes a directory whose log is gone, from a store with `trouble`.
async fn initialized(
    dir: &Path,
    store: MemoryStore,
    trouble: Trouble,
) -> engine::initialize::Result<Outcome> {
    let clock: Arc<dyn Clock> = Arc::new(Hurried);
    let flaky: Arc<dyn Snapstore> = Arc::new(Hooked(Flaky::new(store, trouble)));
    // No deadlines: on this clock every one of them is over at once.
    let policy = RetryPolicy::new(Backoff::default(), clock, 7);
    let retrying = Arc::new(Retry::new(flaky, policy.clone()));
    let session = Session {
        store: Arc::new(Resume::new(retrying, policy)),
        observer: Arc::new(Unobserved),
        cancel: Default::default(),
        seed: 5,
        clock: Arc::new(Hurried),
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    };
    for made in ["member/snap", "member/wal"] {
        fs::create_dir_all(dir.join(made)).unwrap();
    }
    // A file that etcd prepared: an empty directory would be that of a volume that is not mounted.
    fs::write(dir.join("member/wal/0.tmp"), "").unwrap();
    fs::write(dir.join(DB), "no database").unwrap();
    initialize(Some(&session), &Hurried, &request(dir.to_owned())).await
}

fn revision(dir: &Path) -> i64 {
    let db = Db::open(File::open(dir.join(DB)).unwrap()).unwrap();
    StoreState::read(&db).unwrap().revision
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_answers_at_last_is_waited_for() {
    let dir = TempDir::new().unwrap();
    let outcome = initialized(dir.path(), store().await, Trouble::For(4)).await;
    assert_eq!(outcome.unwrap().action_taken, Some(ActionTaken::Restored));
    assert_eq!(revision(dir.path()), 60);
}

/// An older state would be the wrong answer: nothing is wrong with the objects.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_never_answers_leaves_the_directory_alone() {
    for trouble in [
        Trouble::Always,
        Trouble::With(key(&delta_name(41, 60, Gzip))),
    ] {
        let dir = TempDir::new().unwrap();
        let error = initialized(dir.path(), store().await, trouble).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("503"), "{error}");
        assert_eq!(fs::read(dir.path().join(DB)).unwrap(), b"no database");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

/// Garbage collection took it after the store was listed.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_gone_is_passed_over() {
    let dir = TempDir::new().unwrap();
    let gone = key(&delta_name(41, 60, Gzip));
    let outcome = initialized(dir.path(), store().await, Trouble::Taken(gone.clone()));
    let outcome = outcome.await.unwrap();
    assert_eq!(outcome.passed_over[0].object, gone.to_string());
    assert!(outcome.passed_over[0].why.contains("deleted"));
    assert_eq!(outcome.loss.unwrap().revisions, 20);
    assert_eq!(revision(dir.path()), 40);
    // It was too damaged to tell what it held.
    assert_eq!(outcome.old.unwrap().bytes, 11);
}

/// A node that lagged behind had never heard of an object that the store lists, and the state before
/// it was restored: 404 for what is listed says nothing of the object.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_and_not_found_is_no_older_state() {
    let dir = TempDir::new().unwrap();
    let gone = Trouble::Gone(key(&delta_name(41, 60, Gzip)));
    let error = initialized(dir.path(), store().await, gone).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("404"), "{error}");
    assert_eq!(fs::read(dir.path().join(DB)).unwrap(), b"no database");
}

/// A proxy answered once for the store, with a page of its own and the status 200. That page was
/// taken for a damaged backup, and `initialize` went back 2,744 revisions and said that all was well.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_proxy_is_no_damaged_backup() {
    for name in [full_name(20, Gzip), delta_name(41, 60, Gzip)] {
        let dir = TempDir::new().unwrap();
        let outcome = initialized(dir.path(), store().await, Trouble::Page(key(&name), 2)).await;
        assert!(outcome.unwrap().passed_over.is_empty());
        assert_eq!(revision(dir.path()), 60);

        let dir = TempDir::new().unwrap();
        let always = Trouble::Page(key(&name), usize::MAX);
        let error = initialized(dir.path(), store().await, always).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("sends 24"), "{error}");
        assert_eq!(fs::read(dir.path().join(DB)).unwrap(), b"no database");
    }
}

/// One bad read is no damage: the object is read again before an older state is taken for it. What
/// is damaged each time, as long as it is listed, is damaged.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_damaged_only_if_it_is_so_twice() {
    for (times, reached) in [(1, 60), (usize::MAX, 40)] {
        let dir = TempDir::new().unwrap();
        let garbled = Trouble::Garbled(key(&delta_name(41, 60, Gzip)), times);
        let outcome = initialized(dir.path(), store().await, garbled)
            .await
            .unwrap();
        assert_eq!(revision(dir.path()), reached);
        assert_eq!(outcome.passed_over.is_empty(), reached == 60);
    }
}

/// The store changed under a restore, and was listed again: what could not be placed by then was passed over without a
/// word, and an older state restored as the newest.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_placed_any_more_ends_the_restore() {
    let store = store().await;
    let names = [
        full_name(20, Gzip),
        delta_name(21, 40, Gzip),
        delta_name(41, 60, Gzip),
    ];
    for name in &names {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(Lineage {
            id: "a".to_owned(),
            parent: None,
        });
        metadata::write(&store, &metadata).await.unwrap();
    }
    let dir = TempDir::new().unwrap();
    let spoilt = Key::new(format!("meta/{}.json", names[2])).unwrap();
    let trouble = Trouble::TakenAndSpoilt(key(&names[1]), spoilt);
    let error = initialized(dir.path(), store, trouble).await.unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("not known which state is the newest"),
        "{error}"
    );
    assert!(error.contains(&names[2]), "{error}");
    assert_eq!(fs::read(dir.path().join(DB)).unwrap(), b"no database");
}
