//! A full that is made of a chain: whatever fails, none appears that is not whole and described, and the chain stays.

use std::sync::Arc;

use engine::backups::branches::Wanted;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::encoder::Level;
use engine::backups::metadata::{self, Metadata};
use engine::backups::storing::Error as Storing;
use engine::backups::{Compression, Reading};
use engine::compact::{Error, Outcome, Report, Request, compact};
use engine::session::Session;
use engine::snapshot::Arrival;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Sending, Snapstore};
use testkit::backup::{self, compress};
use testkit::hooks::Hooked;
use testkit::synthetic::{History, delta_name, full_name};

use crate::set_up::{objects, session};
use crate::troubled::{How, Troubled};

const REVISION: i64 = 1_060;

/// A full at 20 and two deltas, with values so long that the new full goes in several parts.
fn history() -> History {
    let mut history = History::default();
    history.wander(1_000, 1);
    for number in 1_001..=REVISION {
        let value: String = (0..9_000).map(|_| fastrand::alphanumeric()).collect();
        history.put(&format!("long-{number}"), &value);
    }
    history
}

async fn fill(store: &MemoryStore, history: &History) {
    let gzip = backup::Compression::Gzip;
    let objects = [
        (full_name(20, gzip), history.full(20)),
        (delta_name(21, 1_000, gzip), history.delta(21..=1_000)),
        (
            delta_name(1_001, REVISION, gzip),
            history.delta(1_001..=REVISION),
        ),
    ];
    for (name, content) in objects {
        let key = Key::new(format!("v2/{name}")).unwrap();
        let object = Bytes::from(compress(gzip, &content));
        store
            .put(&key, object, PutOptions::default())
            .await
            .unwrap();
    }
}

fn request() -> Request {
    Request {
        lineage: Wanted::Newest,
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        unknown_lease_ttl: 60,
        temp_dir: std::env::temp_dir(),
        compression: Some(Compression::None),
        level: Level::default(),
        threads: 2,
        sending: Sending {
            part_size: 64 << 10,
            parallel: 2,
            ..Sending::default()
        },
        arrival: Arrival::Size,
        now: Timestamp::from_second(2_000_000_000).unwrap(),
        tool: "a test".to_owned(),
    }
}

const NEW: &str = "v2/Full-00000000-00001060-2000000000";

async fn compacted(session: &Session, request: &Request) -> Result<Report, Error> {
    match compact(session, request).await? {
        Outcome::Compacted(report) => Ok(*report),
        other => unreachable!("{other:?}"),
    }
}

/// The object, if it is there, and what stands beside it.
async fn stored(store: &MemoryStore) -> Option<(Bytes, Metadata)> {
    let objects = objects(store).await;
    let (_, object) = objects.into_iter().find(|(key, _)| key == NEW)?;
    let name = NEW.strip_prefix("v2/").unwrap();
    let metadata = metadata::read(store, name).await.unwrap();
    assert!(metadata.is_some(), "a full is there without metadata");
    Some((object, metadata?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_that_meets_trouble_leaves_a_whole_full_or_none() {
    let history = history();
    let mut seen = [0; 4];
    for how in [How::Refuses, How::LosesAnswer, How::Shortens] {
        for call in 0.. {
            let store = Arc::new(Hooked(Troubled::at(call, how.clone())));
            fill(&store.store, &history).await;
            let before = objects(&store.store).await;
            let session = session(store.clone(), Arc::new(SystemClock));
            let done = compacted(&session, &request()).await;
            let stored = stored(&store.store).await;
            match (&done, &stored) {
                (Ok(report), Some((object, metadata))) => {
                    let sha256 = hex::encode(Sha256::digest(object));
                    assert_eq!(report.stored_sha256, sha256, "{how:?} {call}");
                    let noted = metadata.stored_sha256.as_deref();
                    assert!(noted == Some(&*sha256) || matches!(how, How::Shortens));
                    assert_eq!(metadata.holds, Some(REVISION));
                    seen[usize::from(report.shown_by == "read_back")] += 1;
                }
                (Err(Error::Spoilt { .. }), None) => {
                    assert!(matches!(how, How::Shortens), "{call}");
                    seen[2] += 1;
                }
                (Err(_), None) => seen[3] += 1,
                (Err(error), Some((object, metadata))) => {
                    // The answer was lost, and so was what would have shown it: it is whole all the same.
                    let sha256 = hex::encode(Sha256::digest(object));
                    assert_eq!(
                        metadata.stored_sha256,
                        Some(sha256),
                        "{how:?} {call}: {error}"
                    );
                }
                (Ok(_), None) => unreachable!("{how:?} {call}: said to be stored, and is not"),
            }
            let after = objects(&store.store).await;
            let is_old = |one: &&(String, Bytes)| before.iter().any(|(key, _)| *key == one.0);
            let kept: Vec<_> = after.iter().filter(is_old).cloned().collect();
            assert_eq!(kept, before, "{how:?} {call}: the chain was changed");
            if !store.was_troubled() {
                break;
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
}

/// What another program has written under that name stays as it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_not_overwritten() {
    let (store, history) = (MemoryStore::new(), history());
    fill(&store, &history).await;
    let other = Bytes::from_static(b"of another program");
    let key = Key::new(NEW).unwrap();
    // It appears after the store was listed: nothing else lets the name be chosen.
    let racing = Arc::new(Hooked(Racing(store.clone(), key.clone(), other.clone())));
    let session = session(racing, Arc::new(SystemClock));
    let error = compacted(&session, &request()).await.unwrap_err();
    let Error::Storing(Storing::Store { source, .. }) = &error else {
        unreachable!("{error}")
    };
    assert_eq!(source.kind(), snapstore::ErrorKind::AlreadyExists);
    let there = objects(&store).await;
    assert!(there.contains(&(NEW.to_owned(), other)));
}

/// A stub: an object of another program appears just before ours is begun.
#[derive(Debug)]
struct Racing(MemoryStore, Key, Bytes);

#[async_trait::async_trait]
impl testkit::hooks::Hooks for Racing {
    fn store(&self) -> &dyn Snapstore {
        &self.0
    }

    async fn start_upload(
        &self,
        key: &Key,
        options: snapstore::UploadOptions,
    ) -> snapstore::Result<Box<dyn snapstore::Upload>> {
        let put = self.0.put(&self.1, self.2.clone(), PutOptions::default());
        put.await?;
        self.0.start_upload(key, options).await
    }
}
