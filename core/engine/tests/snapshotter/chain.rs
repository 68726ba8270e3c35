use std::time::Duration;

use engine::snapshot::taking::Wanted;
use snapstore::{Bytes, Key, ObjectId, PutOptions, Snapstore};

use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);

async fn deletes(world: &World, part: &str) {
    let names = world.names().await;
    let name = names.iter().find(|name| name.contains(part)).unwrap();
    let key = Key::new(format!("v2/{name}")).unwrap();
    world
        .store
        .store
        .delete(&ObjectId::from(key))
        .await
        .unwrap();
}

async fn until_fulls(world: &World, count: usize) {
    let are_there = async || world.told("FullTaken") == count;
    world.until("a full", are_there).await;
}

/// A lifecycle rule of the bucket deleted the full below the deltas. They went on for a day, each was reported as taken,
/// and none of them could be restored.
#[tokio::test]
async fn no_delta_is_taken_after_a_full_that_is_gone() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        world.puts(3);
        world.until_stored(23).await;
        deletes(&world, "Full-").await;
        world.sends_full(25);
        world.puts(2);
        until_fulls(&world, 2).await;
        world.puts(2);
        world.until_stored(27).await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, report.reaches), (2, Some(27)));
    assert_eq!(
        world.told("ChainLost { lost: Object(\"v2/Full-00000000-00000020-"),
        1
    );
    // What was read and not stored yet is in no delta.
    assert_eq!(world.told("Hole { first: 24, last: 25 }"), 1);
    let names = world.names().await;
    let deltas = names.iter().filter(|name| name.starts_with("Incr"));
    let deltas: Vec<&str> = deltas.map(|name| &name[5..22]).collect();
    assert_eq!(deltas, ["00000021-00000023", "00000026-00000027"]);
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("Full-00000000-00000025-"))
    );
}

/// The same of an etcd that nobody writes to: nothing was left to restore, and nobody heard of it.
#[tokio::test]
async fn a_full_that_is_gone_is_missed_without_any_write() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        deletes(&world, "Full-").await;
        world.sends_full(20);
        let begun = world.clock.passed();
        until_fulls(&world, 2).await;
        assert!(world.clock.passed() - begun < MINUTE * 2);
    });
    assert_eq!(report.await.unwrap().reaches, Some(20));
    assert_eq!(world.told("ChainLost"), 1);
}

/// The newest delta was deleted by hand, as one that would not restore; what came after it led nowhere.
#[tokio::test]
async fn a_delta_that_is_gone_is_missed() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        world.puts(3);
        world.until_stored(23).await;
        deletes(&world, "-00000023-").await;
        world.sends_full(24);
        world.puts(1);
        until_fulls(&world, 2).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(24));
    assert_eq!(world.told("ChainLost"), 1);
}

/// One between others is missed when all of them are listed, within two hours.
#[tokio::test]
async fn a_delta_between_others_that_is_gone_is_missed() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        for last in [22, 24, 26] {
            world.puts(2);
            world.until_stored(last).await;
        }
        deletes(&world, "-00000024-").await;
        world.sends_full(26);
        let mut minutes = 0;
        while world.told("ChainLost") == 0 {
            world.passes(MINUTE).await;
            minutes += 1;
            assert!(minutes <= 125);
        }
        until_fulls(&world, 2).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(26));
    assert_eq!(
        world.told("ChainLost { lost: Revisions { first: 23, last: 24 } }"),
        1
    );
}

/// Somebody else's collection deletes what a newer full has made needless, while it is asked for.
#[tokio::test]
async fn an_older_full_may_go() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        world.puts(3);
        world.until_stored(23).await;
        world.sends_full(23);
        world.requests.send(Wanted::Full);
        until_fulls(&world, 2).await;
        deletes(&world, "Full-00000000-00000020-").await;
        deletes(&world, "Incr-00000021-").await;
        for _ in 0..5 {
            world.passes(MINUTE).await;
        }
        world.puts(2);
        world.until_stored(25).await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, report.deltas), (2, 2));
    assert_eq!(world.told("ChainLost"), 0);
}

/// etcd-backup-restore ran beside it for an hour and wrote deltas into the same place. Overlaps were looked for at a start
/// alone, so what followed could be restored by nobody but us, until the next full by schedule.
#[tokio::test]
async fn a_delta_of_another_program_takes_a_full() {
    let world = World::new();
    let report = world.run(async {
        until_fulls(&world, 1).await;
        world.puts(3);
        world.until_stored(23).await;
        let names = world.names().await;
        let ours = names.iter().find(|name| name.starts_with("Incr")).unwrap();
        let others = ours.replacen("00000021-00000023", "00000023-00000024", 1);
        let key = Key::new(format!("v2/{others}")).unwrap();
        let put = world
            .store
            .store
            .put(&key, Bytes::new(), PutOptions::default());
        put.await.unwrap();
        world.sends_full(23);
        let mut minutes = 0;
        while world.told("Overlap") == 0 {
            world.passes(MINUTE).await;
            minutes += 1;
            assert!(minutes <= 125);
        }
        until_fulls(&world, 2).await;
    });
    assert_eq!(report.await.unwrap().fulls, 2);
    assert_eq!((world.told("Overlap"), world.told("ChainLost")), (1, 0));
}
