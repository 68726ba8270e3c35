use std::sync::Arc;
use std::time::Duration;

use client::scripted::{Asked, Scripted, Sent};
use client::{ErrorKind, Read};
use engine::backups::Compression;
use engine::backups::storing::Error as Storing;
use engine::snapshot::{Arrival, Error, Proof, Side};
use sha2::{Digest, Sha256};
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};
use testkit::hooks::Hooked;
use testkit::synthetic::{self, History};

use crate::set_up::{Told, database_in, noise, objects, request, scripted, session, taken};
use crate::troubled::{How, Troubled};

fn sends(database: &Bytes) -> (Scripted, Arc<Told>) {
    let clock = Arc::new(Told::default());
    let etcd = scripted(clock.clone());
    etcd.sends_database(database, 32 << 10);
    (etcd, clock)
}

fn name(compression: Compression) -> String {
    let suffix = compression.suffix();
    format!("v2/Full-00000000-00000007-1800000000{suffix}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_is_the_database_and_its_hash_in_every_compression() {
    let mut history = History::default();
    history.wander(42, 3);
    let database = Bytes::from(synthetic::database(&history.events(2..=42)));
    for compression in Compression::ALL {
        let (etcd, clock) = sends(&database);
        let store = MemoryStore::new();
        let session = session(Arc::new(store.clone()), clock);
        let (full, opened) = taken(&session, &etcd, &request(compression)).await;
        let full = full.unwrap();
        let objects = objects(&store).await;
        let [(key, object)] = &objects[..] else {
            unreachable!("{} objects", objects.len())
        };
        assert_eq!((key, full.key.as_str()), (&name(compression), key.as_str()));
        assert_eq!(full.stored_size, object.len() as u64);
        assert_eq!(full.stored_sha256, Sha256::digest(object)[..]);
        assert_eq!(full.raw_size, database.len() as u64 + 32);
        assert_eq!(full.database_sha256, Sha256::digest(&database)[..]);
        assert_eq!(database_in(object, compression), database);
        assert_eq!(full.proof, Proof::Size);
        // The revision of the member that sends, after its first bytes had come.
        let opened = opened.unwrap();
        assert_eq!(
            (opened.head.revision, opened.size),
            (42, database.len() as u64)
        );
        assert_eq!(opened, full.opened);
        let head = Asked::Head(Read::Local);
        let asked = [head.clone(), head.clone(), Asked::Snapshot, head];
        assert_eq!(etcd.asked(), asked);
        let holds = full.holds.unwrap();
        assert_eq!((holds.revision, holds.term), (42, Some(4)));
        assert_eq!(holds.last_event.unwrap().revision.main, 42);
    }
}

/// What is no database that we understand is stored as it came: it is etcd's, and whole.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_not_understood_do_not_fail_the_upload() {
    let database = noise(300_000);
    let (etcd, clock) = sends(&database);
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), clock);
    let full = taken(&session, &etcd, &request(Compression::Gzip))
        .await
        .0
        .unwrap();
    assert!(full.holds.is_err());
    let object = &objects(&store).await[0].1;
    assert_eq!(database_in(object, Compression::Gzip), database);
}

/// etcd-backup-restore ends its compression also when the snapshot has broken off, and stores what there is: an object
/// that decompresses without a fault.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_breaks_off_anywhere_leaves_no_object() {
    let database = noise(400_000);
    let pieces: Vec<Bytes> = (0..database.len())
        .step_by(32 << 10)
        .map(|at| database.slice(at..database.len().min(at + (32 << 10))))
        .collect();
    for compression in Compression::ALL {
        for at in 0..=pieces.len() {
            let clock = Arc::new(Told::default());
            let etcd = scripted(clock.clone());
            let broken = client::Error::new(ErrorKind::Protocol, "snapshot", "broken");
            let piece = |piece: &Bytes| Sent::Database(piece.clone());
            let before = pieces[..at].iter().map(piece);
            etcd.sends(before.chain([Sent::Fails(broken)]));
            let store = MemoryStore::new();
            let session = session(Arc::new(store.clone()), clock);
            let error = taken(&session, &etcd, &request(compression))
                .await
                .0
                .unwrap_err();
            assert!(matches!(error, Error::Etcd(_)), "{error}");
            assert!(objects(&store).await.is_empty(), "{compression:?} at {at}");
        }
    }
}

/// Whatever call of the store goes wrong: what is reported as taken is there and whole, and what is not leaves
/// no object, or one that says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_at_any_call_never_has_a_full_that_does_not_count_or_lies() {
    let mut seen = [0; 4];
    // One that is sent in a single put, and one in parts.
    for length in [20_000, 400_000] {
        let database = noise(length);
        for how in [How::Refuses, How::LosesAnswer, How::Changes, How::Shortens] {
            for call in 0.. {
                let (etcd, clock) = sends(&database);
                let store = Arc::new(Hooked(Troubled::at(call, how.clone())));
                let session = session(store.clone(), clock);
                let full = taken(&session, &etcd, &request(Compression::Gzip)).await.0;
                let objects = objects(&store.store).await;
                let whole = objects.first().map(|(_, object)| Sha256::digest(object));
                match full {
                    Ok(full) => {
                        // Bytes that are changed on their way are for the store's own checksums.
                        let is_changed = matches!(how, How::Changes) && store.was_troubled();
                        let same = whole.unwrap()[..] == full.stored_sha256;
                        assert!(same || is_changed, "{length} {how:?} {call}");
                        seen[usize::from(full.proof == Proof::ReadBack)] += 1;
                    }
                    Err(Error::Storing(Storing::Damaged { .. })) => {
                        assert!(matches!(how, How::Shortens), "{length} {how:?} {call}");
                        seen[2] += 1;
                    }
                    Err(error) => {
                        assert!(
                            matches!(error, Error::Storing(Storing::Store { .. })),
                            "{error}"
                        );
                        assert!(whole.is_none(), "{length} {how:?} {call}: {error}");
                        seen[3] += 1;
                    }
                }
                if !store.was_troubled() {
                    break;
                }
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 2), "{seen:?}");
}

/// Bytes that a store changes, and of which it keeps the number, show when they are read back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_back_and_is_not_what_was_sent_does_not_count() {
    let database = noise(20_000);
    for (call, is_whole) in [(0, false), (1, true)] {
        let (etcd, clock) = sends(&database);
        let store = Arc::new(Hooked(Troubled::at(call, How::Changes)));
        let session = session(store.clone(), clock);
        let mut request = request(Compression::Gzip);
        request.arrival = Arrival::ReadBack;
        match taken(&session, &etcd, &request).await.0 {
            Ok(full) => assert!(is_whole && full.proof == Proof::ReadBack),
            Err(error) => assert!(
                !is_whole && matches!(error, Error::Storing(Storing::Damaged { .. })),
                "{error}"
            ),
        }
    }
}

/// What a plugin stored counted by its length alone, though nothing says that its store compares a checksum: a byte that
/// was changed on its way was a full until somebody restored it.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_compares_no_checksum_is_read_back() {
    let database = noise(20_000);
    for (call, is_whole) in [(0, false), (1, true)] {
        let (etcd, clock) = sends(&database);
        let store = Arc::new(Hooked(Troubled::without_checksums(call, How::Changes)));
        let session = session(store.clone(), clock);
        let request = request(Compression::Gzip);
        assert_eq!(request.arrival, Arrival::Size);
        match taken(&session, &etcd, &request).await.0 {
            Ok(full) => assert!(is_whole && full.proof == Proof::ReadBack),
            Err(Error::Storing(Storing::Damaged { .. })) => assert!(!is_whole),
            Err(error) => unreachable!("{error}"),
        }
    }
}

/// An upload whose answer was lost is there: it is found again by its name, and read back.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answer_was_lost_is_found_again() {
    let (etcd, clock) = sends(&noise(20_000));
    let store = Arc::new(Hooked(Troubled::at(0, How::LosesAnswer)));
    let session = session(store.clone(), clock);
    let full = taken(&session, &etcd, &request(Compression::Gzip))
        .await
        .0
        .unwrap();
    assert_eq!(full.proof, Proof::ReadBack);
    assert_eq!(objects(&store.store).await.len(), 1);
}

/// Another object under that name stays as it is, and counts for nothing: not even one that is as long.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_not_ours() {
    let database = noise(20_000);
    for length in [5, database.len() + 32] {
        let (etcd, clock) = sends(&database);
        let store = MemoryStore::new();
        let other = Bytes::from(vec![9; length]);
        let key = Key::new(name(Compression::None)).unwrap();
        let put = PutOptions::default();
        store.put(&key, other.clone(), put).await.unwrap();
        let session = session(Arc::new(store.clone()), clock);
        let error = taken(&session, &etcd, &request(Compression::None))
            .await
            .0
            .unwrap_err();
        let Error::Storing(Storing::Store { source, .. }) = &error else {
            unreachable!("{error}")
        };
        assert_eq!(source.kind(), snapstore::ErrorKind::AlreadyExists);
        assert_eq!(objects(&store).await[0].1, other);
    }
}

/// While a snapshot is open etcd uses no freed page again, and a defragmentation blocks all of it: a store that does not
/// go on must not hold it.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stalls_releases_etcds_transaction() {
    // More than waits anywhere on the way.
    let database = noise(24 << 20);
    for call in 0..4 {
        let (etcd, clock) = sends(&database);
        let store = Arc::new(Hooked(Troubled::at(call, How::Stalls(clock.clone()))));
        let session = session(store.clone(), clock);
        let error = taken(&session, &etcd, &request(Compression::Gzip))
            .await
            .0
            .unwrap_err();
        let side = Side::Store;
        assert!(
            matches!(error, Error::Stalled { side: who, .. } if who == side),
            "{error}"
        );
        assert_eq!(etcd.asked().last(), Some(&Asked::SnapshotDropped));
        assert!(objects(&store.store).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etcd_that_stalls_is_given_up() {
    for pieces in [0, 3] {
        let clock = Arc::new(Told::default());
        let etcd = scripted(clock.clone());
        let piece = |_| Sent::Database(noise(32 << 10));
        etcd.sends((0..pieces).map(piece).chain([Sent::Stalls]));
        clock.pass();
        let store = MemoryStore::new();
        let session = session(Arc::new(store.clone()), clock);
        let error = taken(&session, &etcd, &request(Compression::Gzip))
            .await
            .0
            .unwrap_err();
        assert!(matches!(error, Error::Stalled { .. }), "{error}");
        assert_eq!(etcd.asked().last(), Some(&Asked::SnapshotDropped));
        assert!(objects(&store).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_interrupted_leaves_no_object_and_no_transaction() {
    let clock = Arc::new(Told::default());
    let etcd = scripted(clock.clone());
    etcd.sends([Sent::Database(noise(32 << 10)), Sent::Stalls]);
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), clock);
    let request = request(Compression::None);
    let stop = session.cancel.clone();
    // Once it has begun.
    let stopped = engine::snapshot::full::take(&session, &etcd, &request, |_| stop.cancel()).await;
    assert!(matches!(stopped, Err(Error::Interrupted)));
    assert_eq!(etcd.asked().last(), Some(&Asked::SnapshotDropped));
    assert!(objects(&store).await.is_empty());
}

/// A member that does not tell its revision after the first bytes: a delta could end inside the full.
#[tokio::test(flavor = "multi_thread")]
async fn one_whose_upper_bound_is_not_known_is_not_taken() {
    let clock = Arc::new(Told::default());
    let etcd = scripted(clock.clone());
    let wait = Duration::from_secs(1);
    etcd.sends([Sent::Waits(wait), Sent::Database(noise(20_000))]);
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), clock.clone());
    let goes = async {
        while !etcd.asked().contains(&Asked::Snapshot) {
            tokio::task::yield_now().await;
        }
        let refused = client::Error::new(ErrorKind::Unavailable, "range", "gone");
        etcd.refuse(|asked| matches!(asked, Asked::Head(_)), refused);
        clock.pass();
    };
    let request = request(Compression::Gzip);
    let ((full, opened), ()) = tokio::join!(taken(&session, &etcd, &request), goes);
    assert!(matches!(full, Err(Error::Etcd(_))) && opened.is_none());
    assert_eq!(etcd.asked().last(), Some(&Asked::SnapshotDropped));
    assert!(objects(&store).await.is_empty());
}

/// After a failover a full was read from a member that lagged: it held less than its name said, and what came between
/// was in no delta.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_lags_is_not_asked_for_a_full() {
    let (etcd, clock) = sends(&noise(20_000));
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), clock);
    let mut request = request(Compression::Gzip);
    request.revision = 43;
    let error = taken(&session, &etcd, &request).await.0.unwrap_err();
    let told = "scripted:1 is at revision 42, and a full that holds revision 43 was asked for";
    assert!(error.to_string().contains(told), "{error}");
    assert!(!etcd.asked().contains(&Asked::Snapshot));
    assert!(objects(&store).await.is_empty());
}

/// The member says that it has applied a revision, and what it sends does not hold it.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_that_holds_less_than_its_name_does_not_appear() {
    let mut history = History::default();
    history.wander(40, 3);
    let (etcd, clock) = sends(&synthetic::database(&history.events(2..=40)).into());
    let store = MemoryStore::new();
    let session = session(Arc::new(store.clone()), clock);
    let mut request = request(Compression::Gzip);
    request.revision = 41;
    let error = taken(&session, &etcd, &request).await.0.unwrap_err();
    let less = Storing::Less {
        holds: 40,
        revision: 41,
    };
    assert_eq!(error.to_string(), less.to_string());
    assert!(objects(&store).await.is_empty());
}
