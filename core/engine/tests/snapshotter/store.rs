use std::sync::atomic::Ordering;

use client::scripted::Asked;
use engine::snapshot::taking::Error;

use crate::switch::Writes;
use crate::world::World;

/// A store that is down while etcd is written to: the reference holds all of it in memory. Here the watch is given up
/// when what is held is full, and etcd pays nothing for it; then a full follows, and the hole is said.
#[tokio::test]
async fn a_store_that_is_down_for_long_costs_a_hole_and_no_memory() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::Fail);
        for _ in 0..60 {
            world.puts(10);
            world.moves_on().await;
        }
        world.until_told("DeltaFailed").await;
        let is_dropped = |asked: &Asked| *asked == Asked::WatchDropped;
        world
            .until("the watch is given up", async || {
                world.asked(is_dropped) > 0
            })
            .await;
        // What the watch would say is said no more.
        let unread = world.etcd.left_to_say();
        world.puts(10);
        world.moves_on().await;
        assert!(world.etcd.left_to_say() > unread);
        world.sends_full(630);
        world.store.set(Writes::Work);
        world
            .until("a second full", async || world.told("FullTaken") == 2)
            .await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, report.dropped), (2, None));
    assert_eq!(world.told("Hole"), 1);
    let names = world.names().await;
    let full = names
        .iter()
        .find(|name| name.contains("-00000630-"))
        .unwrap();
    let metadata = world.read(&format!("meta/{full}.json")).await;
    assert!(metadata.contains("\"gap\":{\"first\":"), "{metadata}");
    assert!(metadata.contains("\"last\":630}"), "{metadata}");
}

/// One that is down for a moment costs nothing.
#[tokio::test]
async fn a_store_that_is_down_for_a_moment_costs_nothing() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::Fail);
        world.puts(10);
        world.until_told("DeltaFailed").await;
        world.store.set(Writes::Work);
        world.until_stored(30).await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, report.reaches), (1, Some(30)));
    assert_eq!(world.told("Hole"), 0);
}

/// An upload whose answer was lost was stored once more under another name: two deltas of the same events, which
/// etcd-backup-restore cannot restore.
#[tokio::test]
async fn an_upload_whose_answer_is_lost_is_found_again() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::LoseAnswers);
        world.puts(3);
        world.until_told("DeltaTaken").await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.deltas, report.reaches), (1, Some(23)));
    assert_eq!(world.names().await.len(), 2);
}

/// A store that takes no metadata: what is stored counts, and it is said.
#[tokio::test]
async fn without_metadata_a_snapshot_counts_all_the_same() {
    let world = World::new();
    world.store.set(Writes::RefuseMetadata);
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        world.until_stored(23).await;
        world
            .until("it is said", async || world.told("NoMetadata") == 2)
            .await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(23));
}

/// SIGTERM while the store is down: the process ended as if all were well.
#[tokio::test]
async fn what_cannot_be_stored_at_the_end_is_named() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::Fail);
        world.puts(3);
        world
            .until("events are read", async || world.etcd.left_to_say() == 0)
            .await;
        world.moves_on().await;
    });
    let dropped = report.await.unwrap().dropped.unwrap();
    assert_eq!((dropped.first, dropped.last), (21, 23));
}

/// A full that was given up when somebody asked to stop left its parts in the store: the process ended before they were removed, and
/// a snapshotter that is started again and again filled the volume.
#[tokio::test]
async fn what_was_sent_of_a_full_is_removed_before_the_end() {
    let mut world = World::new();
    world.settings.sending.part_size = 4096;
    world.store.set(Writes::HoldParts);
    let held = world.store.held.clone();
    let is_held = || held.load(Ordering::Relaxed) == 1;
    let report = world.run(async {
        world
            .until("an upload is under way", async || is_held())
            .await;
    });
    assert_eq!(report.await.unwrap().fulls, 0);
    assert_eq!(held.load(Ordering::Relaxed), 0, "parts are left");
}

/// The task of a full panicked, in a crate that it uses: nobody heard of it, and the snapshotter waited for its answer for ever.
#[tokio::test]
async fn a_task_that_panics_ends_the_run() {
    let world = World::new();
    world.store.set(Writes::Panic);
    let ended = world.run(world.until_told("FullTaken")).await;
    assert!(matches!(ended, Err(Error::Died)), "{ended:?}");
    assert_eq!(world.names().await, [""; 0]);
}
