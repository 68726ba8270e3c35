//! What is not known of lineages is not taken for one history: a policy that forbids to list or read metadata made a
//! restore choose by names, among histories that metadata tells apart.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod flaky;

use std::path::Path;
use std::sync::Arc;

use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::metadata::{self, Lineage, Metadata};
use engine::backups::{Reading, Target, read_holdings};
use engine::progress::Unobserved;
use engine::session::Session;
use engine::verify::{Error, Report, Verification, verify};
use flaky::{Flaky, Hurried, Trouble};
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use testkit::backup::Compression::Gzip;
use testkit::backup::compress;
use testkit::hooks::Hooked;
use testkit::synthetic::{History, delta_name, full_name};

fn meta(name: &str) -> Key {
    Key::new(format!("meta/{name}.json")).unwrap()
}

/// A store with a full at revision 20 and a delta to 40, of one lineage.
async fn store() -> MemoryStore {
    let (store, mut history) = (MemoryStore::new(), History::default());
    history.wander(40, 1);
    for (name, content) in [
        (full_name(20, Gzip), history.full(20)),
        (delta_name(21, 40, Gzip), history.delta(21..=40)),
    ] {
        let bytes = Bytes::from(compress(Gzip, &content));
        let key = Key::new(format!("v2/{name}")).unwrap();
        let put = store.put(&key, bytes, PutOptions::default());
        put.await.unwrap();
        let mut metadata = Metadata::of(&name).unwrap();
        metadata.lineage = Some(Lineage {
            id: "a".to_owned(),
            parent: None,
        });
        metadata::write(&store, &metadata).await.unwrap();
    }
    store
}

fn session(store: &Arc<Hooked<Flaky>>) -> Session {
    Session {
        store: Arc::clone(store) as Arc<dyn Snapstore>,
        observer: Arc::new(Unobserved),
        cancel: Default::default(),
        seed: 5,
        clock: Arc::new(Hurried),
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

async fn verified(store: &Arc<Hooked<Flaky>>, temp_dir: &Path) -> Result<Report, Error> {
    let verification = Verification {
        target: Target::Latest,
        lineage: Default::default(),
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        temp_dir: temp_dir.to_owned(),
    };
    verify(&session(store), &verification).await
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_must_not_be_listed_or_read_is_an_error_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let name = delta_name(21, 40, Gzip);
    for trouble in [Trouble::Forbidden("meta/"), Trouble::With(meta(&name))] {
        let told = ["403", "503"][usize::from(matches!(trouble, Trouble::With(_)))];
        let store = Arc::new(Hooked(Flaky::new(store().await, trouble)));
        let error = verified(&store, dir.path()).await.unwrap_err().to_string();
        for word in [
            "cannot read the metadata of the backups in",
            told,
            "below meta/",
        ] {
            assert!(error.contains(word), "no {word} in {error}");
        }
    }
}

/// Garbage collection takes metadata between its listing and its reading: then there is none.
#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_goes_while_it_is_read_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let name = delta_name(21, 40, Gzip);
    let store = Arc::new(Hooked(Flaky::new(
        store().await,
        Trouble::Taken(meta(&name)),
    )));
    assert_eq!(verified(&store, dir.path()).await.unwrap().revision, 40);
}

#[tokio::test]
async fn lineages_take_one_listing_more() {
    let store = Arc::new(Hooked(Flaky::new(store().await, Trouble::For(0))));
    let holdings = read_holdings(&session(&store)).await.unwrap();
    assert_eq!((holdings.branches.len(), store.lists()), (1, 3));
    let none = Arc::new(Hooked(Flaky::new(MemoryStore::new(), Trouble::For(0))));
    let holdings = read_holdings(&session(&none)).await.unwrap();
    assert_eq!((holdings.branches.len(), none.lists()), (0, 2));
}
