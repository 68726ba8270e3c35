//! Fulls that are given up, and appear all the same.

use std::time::Duration;

use engine::snapshot::taking::Wanted;

use crate::switch::Writes;
use crate::world::World;

/// A full is on its way whose last request the store has and has not answered, and so many events are there that the
/// delta before it cannot wait any longer.
async fn until_given_up(world: &World) {
    world.until_told("FullTaken").await;
    world.store.set(Writes::FullsLate);
    // The watch is behind: the full may hold what no delta can reach yet.
    world.etcd.facts(|facts| facts.head.revision = 50);
    world.sends_full(50);
    world.requests.send(Wanted::Full);
    let is_sent = async || world.store.asked("late full") == 1;
    world.until("the full is sent", is_sent).await;
    world.puts(26);
    world.until_told("FullAbandoned").await;
}

/// The ends of the fulls and the deltas, in order.
async fn ends(world: &World) -> (Vec<i64>, Vec<i64>) {
    let names = world.names().await;
    let of = |kind: &str| {
        let names = names.iter().filter(|name| name.starts_with(kind));
        names
            .map(|name| name[kind.len() + 9..][..8].parse().unwrap())
            .collect()
    };
    (of("Full-"), of("Incr-"))
}

/// A full was given up, and the next delta ended at once, below what that full may hold. Its last request was on its way:
/// it appeared, and etcd-backup-restore fails on the delta after it (its issue 1044).
#[tokio::test]
async fn a_full_that_appears_after_it_was_given_up_is_removed() {
    let world = World::new();
    let report = world.run(async {
        until_given_up(&world).await;
        let (_, deltas) = ends(&world).await;
        assert_eq!(
            deltas, [0i64; 0],
            "what became of the full is not known yet"
        );
        world.store.set(Writes::Work);
        world.store.answer();
        world.until_stored(46).await;
    });
    let report = report.await.unwrap();
    assert_eq!(report.reaches, Some(46));
    let (fulls, deltas) = ends(&world).await;
    assert_eq!((fulls, deltas), (vec![20], vec![46]));
    assert_eq!((world.told("FullTaken"), world.told("FullFailed")), (1, 0));
}

/// The store answers nothing for long: whether the full appears is not known. The deltas end beyond what it may hold as
/// long as more events come.
#[tokio::test]
async fn a_full_that_may_appear_later_is_passed_by_the_next_delta() {
    let world = World::new();
    let report = world.run(async {
        until_given_up(&world).await;
        world.passes(Duration::from_secs(6)).await;
        world.store.set(Writes::Work);
        for _ in 0..50 {
            world.moves_on().await;
        }
        assert_eq!(ends(&world).await.1, [0i64; 0]);
        world.puts(4);
        world.until_stored(50).await;
        world.store.answer();
        world
            .until("it appears", async || ends(&world).await.0.len() == 2)
            .await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(50));
    let (fulls, deltas) = ends(&world).await;
    assert_eq!((fulls, deltas), (vec![20, 20], vec![50]));
}
