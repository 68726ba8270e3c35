//! On real etcds that are written to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bolt::Db;
use client::{Client, Config, Endpoint, Etcd as _, Pace, Retries, Scheme, Tls};
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Compression, Reading, Target};
use engine::verify::Verification;
use etcd::passing::KeyBucket;
use etcd::revision::Entry;
use etcd::schema::bucket;
use etcd::store_state::StoreState;
use snapstore::clock::SystemClock;
use snapstore::layers::Backoff;
use snapstore::memory::MemoryStore;
use testkit::etcd::{Compacted, Etcd};
use testkit::oracles;

use crate::set_up::{database_in, objects, request, session, taken};

/// Stops the writer when it is dropped.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn client(etcd: &Etcd) -> Client {
    let config = Config {
        endpoints: vec![Endpoint::parse(etcd.client_url(), Scheme::Clear).unwrap()],
        tls: Tls::default(),
        login: None,
        pace: Pace::default(),
    };
    let retries = Retries {
        backoff: Backoff {
            attempts: 20,
            first: Duration::from_millis(100),
            max: Duration::from_secs(2),
        },
        clock: Arc::new(SystemClock),
        seed: 7,
    };
    Client::new(config, retries).await.unwrap()
}

/// A full of an etcd that is written to: what is told of it is what is read of its bytes, its true revision is between
/// that in its name and that which was told when it began, and it leads to the HashKV that the etcd has there.
fn a_full_is_what_etcd_holds(version: &str) {
    let running = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    for number in 0..400 {
        let key = format!("key-{:03}", number % 150);
        // Some overflow their pages.
        let length = if number % 40 == 0 { 30_000 } else { 300 };
        running.put(key.as_bytes(), &vec![7; length]).unwrap();
    }
    running.compact(200, Compacted::Physically).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 0_u32.. {
                running.put(b"busy", &number.to_be_bytes()).unwrap();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        // Also when something does not hold: the writer would be waited for for ever.
        let stops = Stops(&stop);
        runtime.block_on(async {
            let client = client(&running).await;
            for compression in [Compression::None, Compression::Gzip, Compression::Zlib] {
                takes(&client, compression, running.revision().unwrap()).await;
            }
        });
        drop(stops);
        writer.join().unwrap();
    });
}

async fn takes(client: &Client, compression: Compression, before: i64) {
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), Arc::new(SystemClock));
    let mut request = request(compression);
    request.revision = before;
    let full = taken(&session, client, &request).await.0.unwrap();
    let object = &objects(&store).await[0].1;
    let database = database_in(object, compression);
    let db = Db::open(&database[..]).unwrap();
    let state = StoreState::read(&db).unwrap();
    let holds = full.holds.unwrap();
    assert_eq!(holds.revision, state.revision);
    assert_eq!(holds.compaction, state.compaction);
    assert_eq!(holds.consistent_index, state.consistent_index);
    assert_eq!(holds.term, state.term);
    let (mut walked, mut last) = (KeyBucket::default(), None);
    let mut cursor = db.bucket(bucket::KEY).unwrap().unwrap().cursor();
    while let Some((key, value)) = cursor.next().unwrap() {
        walked.crc32c = crc32c::crc32c_append(walked.crc32c, key);
        walked.crc32c = crc32c::crc32c_append(walked.crc32c, value);
        walked.bytes += (key.len() + value.len()) as u64;
        walked.entries += 1;
        last = Some(Entry::parse(key).unwrap().revision);
    }
    assert_eq!(holds.key_bucket, walked);
    let event = holds.last_event.unwrap();
    assert_eq!(Some(event.revision), last);
    // The proof of a common history: etcd has that event at its revision.
    let key = event.key.clone().into();
    let there = client
        .key_at(key, event.revision.main, client::Read::Agreed)
        .await;
    let there = there.unwrap().unwrap();
    assert_eq!(there.create_revision, event.create_revision);
    assert_eq!(there.version, event.version);
    assert_eq!(Some(crc32c::crc32c(&there.value)), event.value_crc32c);
    assert!((before..=full.opened.head.revision).contains(&holds.revision));
    let dir = tempfile::tempdir().unwrap();
    let verification = Verification {
        target: Target::Latest,
        lineage: Default::default(),
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        temp_dir: dir.path().to_owned(),
    };
    let report = engine::verify::verify(&session, &verification)
        .await
        .unwrap();
    let theirs = client.hash_kv(holds.revision).await.unwrap();
    assert_eq!(
        (report.revision, report.hash_kv),
        (holds.revision, theirs.hash)
    );
}

testkit::on_every_etcd!(a_full_is_what_etcd_holds);
