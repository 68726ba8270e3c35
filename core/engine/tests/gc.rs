//! Collections over the store in memory and over a directory, with deletions that are refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use engine::backups::metadata::{self, Metadata};
use engine::gc::{Collection, Mode, Outcome, Report, collect};
use engine::progress::Unobserved;
use engine::retention::{Policy, ProofRule, Rules, Scope};
use engine::session::Session;
use jiff::{SignedDuration, Timestamp};
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Download, Error, ErrorKind, Key, ListRequest, ObjectId, PutOptions, Result, Snapstore,
    SnapstoreExt,
};
use snapstore_local::LocalStore;
use testkit::hooks::{Hooked, Hooks};
use tokio_util::sync::CancellationToken;

const STORE: [&str; 6] = [
    "v2/Full-00000000-00000010-1000.gz",
    "v2/Incr-00000011-00000020-2000.gz",
    "v2/Incr-00000021-00000030-3000.gz",
    "v2/Full-00000000-00000030-4000.gz",
    "v2/Full-00000000-00000040-5000.gz",
    "v2/Full-00000000-00000040-5000.gz/0000000001",
];

/// A stub: another store that refuses to delete some objects.
#[derive(Debug)]
struct Stubborn {
    store: Arc<dyn Snapstore>,
    refusals: HashMap<&'static str, ErrorKind>,
    /// Cancelled by the first deletion.
    cancel: Option<CancellationToken>,
}

#[async_trait]
impl Hooks for Stubborn {
    fn store(&self) -> &dyn Snapstore {
        &*self.store
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        if let Some(kind) = self.refusals.get(object.key.as_str())
            && object.key.as_str().starts_with("meta/")
        {
            return Err(Error::new(*kind, "get", "503").with_key(&object.key));
        }
        self.store.get(object, range).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        if let Some(kind) = self.refusals.get(object.key.as_str()) {
            return Err(Error::new(*kind, "delete", "refused").with_key(&object.key));
        }
        if let Some(cancel) = &self.cancel {
            cancel.cancel();
        }
        self.store.delete(object).await
    }
}

async fn put(store: &dyn Snapstore, key: &str) {
    let key = Key::new(key).unwrap();
    let put = store.put(&key, Bytes::from_static(b"12345"), PutOptions::default());
    put.await.unwrap();
}

async fn filled(store: Arc<dyn Snapstore>) -> Arc<dyn Snapstore> {
    for key in &STORE[..5] {
        put(&*store, key).await;
    }
    store
}

/// With a piece of an upload beside its object, which no directory can hold.
async fn memory() -> Arc<dyn Snapstore> {
    let store = filled(Arc::new(MemoryStore::new())).await;
    put(&*store, STORE[5]).await;
    store
}

fn refusing(store: Arc<dyn Snapstore>, key: &'static str, kind: ErrorKind) -> Arc<dyn Snapstore> {
    Arc::new(Hooked(Stubborn {
        store,
        refusals: HashMap::from([(key, kind)]),
        cancel: None,
    }))
}

fn session(store: &Arc<dyn Snapstore>) -> Session {
    Session {
        store: store.clone(),
        observer: Arc::new(Unobserved),
        cancel: CancellationToken::new(),
        seed: 7,
        clock: Arc::new(SystemClock),
        runtime: tokio::runtime::Handle::current(),
        keys: Default::default(),
    }
}

/// One backup is kept.
fn one(now: i64, mode: Mode) -> Collection {
    Collection {
        rules: Rules {
            policy: Policy::LimitBased { max_backups: 1 },
            delta_retention: SignedDuration::ZERO,
            upload_deadline: SignedDuration::ZERO,
            proof: ProofRule::NotNeeded,
            scope: Scope::Newest,
        },
        now: Timestamp::from_second(now).unwrap(),
        mode,
    }
}

/// Far after anything was written, by the clock of every store.
const LATER: i64 = 4_000_000_000;

async fn run(store: &Arc<dyn Snapstore>, mode: Mode) -> Report {
    collect(&session(store), &one(LATER, mode)).await.unwrap()
}

async fn keys(store: &dyn Snapstore) -> Vec<String> {
    let listed = store.list_all(ListRequest::under("")).await.unwrap();
    let mut keys: Vec<_> = listed.iter().map(|one| one.id.key.to_string()).collect();
    keys.sort();
    keys
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.objects.iter().map(|line| line.outcome).collect()
}

#[tokio::test]
async fn what_is_not_needed_goes_from_memory_and_from_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let local: Arc<dyn Snapstore> = Arc::new(LocalStore::new(dir.path().join("root")));
    for store in [memory().await, filled(local).await] {
        let before = keys(&*store).await;
        let dry = run(&store, Mode::DryRun).await;
        assert_eq!(keys(&*store).await, before, "a dry run deletes nothing");
        assert_eq!((dry.deleted, dry.deleted_bytes, dry.kept), (4, 20, 1));
        assert!(
            dry.objects[..4]
                .iter()
                .all(|line| line.outcome == Outcome::WouldDelete)
        );
        let report = run(&store, Mode::Delete).await;
        assert_eq!(
            (report.deleted, report.failed, report.not_deleted),
            (4, 0, 0)
        );
        // The piece of an upload, of which names do not tell whether it goes on, is not touched.
        let pieces = before.len() - 5;
        assert_eq!(keys(&*store).await, STORE[4..5 + pieces]);
        assert_eq!(run(&store, Mode::Delete).await.deleted, 0);
    }
}

/// A policy of the bucket forbids it: the rest of the chain stays with it, other chains go, and it is no failure.
#[tokio::test]
async fn what_the_store_protects_is_a_warning_and_is_tried_again() {
    let inner = memory().await;
    let store = refusing(inner.clone(), STORE[1], ErrorKind::Immutable);
    let report = run(&store, Mode::Delete).await;
    use Outcome::{Deleted, Kept, Left, Protected};
    assert_eq!(outcomes(&report), [Left, Protected, Deleted, Deleted, Kept]);
    assert_eq!((report.failed, report.not_deleted), (0, 2));
    assert!(
        report.warnings[0].contains(STORE[1]),
        "{:?}",
        report.warnings
    );
    assert_eq!(run(&inner, Mode::Delete).await.deleted, 2);
}

#[tokio::test]
async fn a_deletion_that_fails_leaves_the_full_of_its_deltas() {
    let store = refusing(memory().await, STORE[2], ErrorKind::Unexpected);
    let report = run(&store, Mode::Delete).await;
    use Outcome::{Deleted, Failed, Kept, Left};
    // At one revision the catalogue has the full first.
    assert_eq!(outcomes(&report), [Left, Left, Deleted, Failed, Kept]);
    assert_eq!(
        (report.deleted, report.failed, report.not_deleted),
        (1, 1, 3)
    );
    let left = keys(&*store).await;
    assert!(
        STORE[..3]
            .iter()
            .all(|key| left.contains(&(*key).to_owned()))
    );
}

#[tokio::test]
async fn stopped_in_between_it_tells_what_is_left() {
    let cancel = CancellationToken::new();
    let store: Arc<dyn Snapstore> = Arc::new(Hooked(Stubborn {
        store: memory().await,
        refusals: HashMap::new(),
        cancel: Some(cancel.clone()),
    }));
    let session = Session {
        cancel,
        ..session(&store)
    };
    let report = collect(&session, &one(LATER, Mode::Delete)).await.unwrap();
    assert_eq!((report.deleted, report.not_deleted), (1, 3));
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("stopped"))
    );
}

#[tokio::test]
async fn a_mark_keeps_a_snapshot_and_metadata_goes_with_its_own() {
    let store = memory().await;
    let name = |key: &'static str| key.strip_prefix("v2/").unwrap();
    let marked = metadata::amend(&*store, name(STORE[0]), |metadata| metadata.keep = true);
    marked.await.unwrap();
    let other = Metadata::of(name(STORE[3])).unwrap();
    metadata::write(&*store, &other).await.unwrap();
    let report = run(&store, Mode::Delete).await;
    assert_eq!(report.objects[0].reason, "marked");
    let left = keys(&*store).await;
    assert!(left.contains(&STORE[0].to_owned()));
    assert!(
        !left.contains(&format!("meta/{}.json", name(STORE[3]))),
        "{left:?}"
    );
}

/// A store that does not answer for metadata might hide a mark: nothing is deleted.
#[tokio::test]
async fn metadata_that_cannot_be_had_ends_the_collection() {
    let inner = memory().await;
    let name = STORE[0].strip_prefix("v2/").unwrap();
    metadata::amend(&*inner, name, |metadata| metadata.keep = true)
        .await
        .unwrap();
    let key = "meta/Full-00000000-00000010-1000.gz.json";
    let store = refusing(inner.clone(), key, ErrorKind::Unexpected);
    let before = keys(&*inner).await;
    let error = collect(&session(&store), &one(LATER, Mode::Delete)).await;
    assert!(error.unwrap_err().to_string().contains(key));
    assert_eq!(keys(&*inner).await, before);
}

#[tokio::test]
async fn damaged_metadata_keeps_its_snapshot_and_is_told() {
    let store = memory().await;
    put(&*store, "meta/Full-00000000-00000010-1000.gz.json").await;
    let report = run(&store, Mode::Delete).await;
    assert_eq!(report.objects[0].reason, "unreadable_metadata");
    assert!(report.warnings[0].contains("meta/Full-00000000-00000010-1000.gz.json"));
    assert!(keys(&*store).await.contains(&STORE[0].to_owned()));
}

/// Its snapshot may be on its way into the listing, so that metadata stays for a day.
#[tokio::test]
async fn metadata_without_a_snapshot_goes_after_a_day() {
    let store: Arc<dyn Snapstore> = Arc::new(MemoryStore::new());
    let orphan = Metadata::of("Full-00000000-00000077-1").unwrap();
    metadata::write(&*store, &orphan).await.unwrap();
    put(&*store, "meta/notes.txt").await;
    // The store in memory counts its writes as seconds: this one was the first.
    let day = 24 * 3600;
    let young = collect(&session(&store), &one(day + 1, Mode::Delete))
        .await
        .unwrap();
    assert!(young.objects.is_empty());
    let dry = collect(&session(&store), &one(day + 2, Mode::DryRun))
        .await
        .unwrap();
    assert_eq!(dry.objects[0].reason, "orphan_metadata");
    assert_eq!(keys(&*store).await.len(), 2);
    let old = collect(&session(&store), &one(day + 2, Mode::Delete))
        .await
        .unwrap();
    assert_eq!(outcomes(&old), [Outcome::Deleted]);
    assert_eq!(keys(&*store).await, ["meta/notes.txt"]);
}

/// A cluster was restored to an older state on a machine whose clock was behind: the lineage that had been left had the
/// full that was made last, and was the one that was collected.
#[tokio::test]
async fn the_newest_lineage_is_collected_whatever_clocks_say() {
    let store: Arc<dyn Snapstore> = Arc::new(MemoryStore::new());
    let objects = [
        ("Full-00000000-00000005-500.gz", "new"),
        ("Full-00000000-00000006-600.gz", "new"),
        // Its metadata was lost: the next one names it as what it continues.
        ("Incr-00000007-00000008-700.gz", ""),
        ("Full-00000000-00000008-800.gz", "new"),
        ("Full-00000000-00000010-1000.gz", "old"),
        ("Full-00000000-00000020-2000.gz", "old"),
    ];
    for (name, id) in objects {
        put(&*store, &format!("v2/{name}")).await;
        if id.is_empty() {
            continue;
        }
        let mut metadata = Metadata::of(name).unwrap();
        metadata.lineage = Some(metadata::Lineage {
            id: id.to_owned(),
            parent: (id == "new").then(|| metadata::Parent {
                id: "old".to_owned(),
                left_at: 5,
                branching: metadata::Branching::Proven,
            }),
        });
        metadata.previous = (name == objects[3].0).then(|| metadata::Previous {
            snapshot: objects[2].0.to_owned(),
            stored_sha256: None,
        });
        // The cluster that was restored has another id.
        metadata.cluster_id = Some(if name == objects[0].0 { "1" } else { "2" }.to_owned());
        metadata::write(&*store, &metadata).await.unwrap();
    }
    let reasons = |report: &Report| {
        let objects = report.objects.iter();
        Vec::from_iter(objects.map(|line| line.reason))
    };
    let report = run(&store, Mode::DryRun).await;
    let expected = [
        "past_limit",
        "past_limit",
        "newest_chain",
        "old_delta",
        "other_lineage",
        "other_lineage",
    ];
    assert_eq!(reasons(&report), expected, "{report:?}");
    let mut named = one(LATER, Mode::DryRun);
    named.rules.scope = Scope::Lineage("ol".to_owned());
    let report = collect(&session(&store), &named).await.unwrap();
    assert_eq!(reasons(&report)[4..], ["past_limit", "newest_chain"]);
    named.rules.scope = Scope::Lineage("x".to_owned());
    let error = collect(&session(&store), &named).await.unwrap_err();
    assert!(
        error.to_string().contains("there are: new (to revision 8)"),
        "{error}"
    );
}
