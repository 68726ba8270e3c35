//! Snapshots that somebody asks for and waits for, as an operator or another program does over HTTP.

use std::time::Duration;

use engine::snapshot::taking::{Answer, RequestSender, Wanted};
use tokio::task::JoinHandle;

use crate::switch::Writes;
use crate::world::World;

/// Asks, and goes on.
fn ask(requests: &RequestSender, wanted: Wanted, revision: i64) -> JoinHandle<Option<Answer>> {
    let requests = requests.clone();
    tokio::spawn(async move { requests.ask(wanted, revision).await })
}

/// The key of the snapshot that was taken for it; `None` where nothing was to be taken.
async fn answered(
    world: &World,
    asked: JoinHandle<Option<Answer>>,
) -> Result<Option<String>, String> {
    world.until("an answer", async || asked.is_finished()).await;
    let answer = asked.await.unwrap().unwrap();
    answer.map(|taken| taken.map(|taken| taken.key))
}

/// Whoever asked for a delta was told of whichever was stored next, and what was written last was not in it.
#[tokio::test]
async fn a_delta_that_is_asked_for_holds_what_etcd_had() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        let nothing = ask(&world.requests, Wanted::Delta, 20);
        assert_eq!(answered(&world, nothing).await, Ok(None));
        // The watch says it later than etcd has it.
        let early = ask(&world.requests, Wanted::Delta, 24);
        world.puts(2);
        for _ in 0..20 {
            world.moves_on().await;
        }
        assert!(!early.is_finished());
        world.puts(2);
        let key = answered(&world, early).await.unwrap().unwrap();
        assert!(key.contains("-00000024-"), "{key}");
        let again = ask(&world.requests, Wanted::Delta, 24);
        assert_eq!(answered(&world, again).await, Ok(None));
    });
    assert_eq!(report.await.unwrap().reaches, Some(24));
    // Long before the period is over.
    assert!(world.clock.passed() < Duration::from_secs(20));
}

/// A full that had begun before was the answer, without what was written before it was asked for.
#[tokio::test]
async fn who_asks_while_a_full_is_under_way_waits_for_the_next() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullBegan").await;
        let asked = ask(&world.requests, Wanted::Full, 20);
        world.sends_full(20);
        world
            .until("two fulls", async || world.told("FullTaken") == 2)
            .await;
        let key = answered(&world, asked).await.unwrap().unwrap();
        let newest = world.names().await.pop().unwrap();
        assert_eq!(key, format!("v2/{newest}"));
    });
    assert_eq!(report.await.unwrap().fulls, 2);
}

/// The last full of a cluster has a name of its own, and only the one that was asked for has.
#[tokio::test]
async fn a_final_full_is_final_and_the_next_is_not() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        for (wanted, is_final) in [(Wanted::FinalFull, true), (Wanted::Full, false)] {
            world.sends_full(20);
            let key = answered(&world, ask(&world.requests, wanted, 20)).await;
            let key = key.unwrap().unwrap();
            assert_eq!(key.ends_with(".final"), is_final, "{key}");
        }
    });
    assert_eq!(report.await.unwrap().fulls, 3);
}

/// Whoever waited for a store that is down waited for ever. The snapshotter goes on trying.
#[tokio::test]
async fn what_fails_again_and_again_is_an_answer() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::Fail);
        world.puts(1);
        let failed = answered(&world, ask(&world.requests, Wanted::Delta, 21)).await;
        assert!(failed.unwrap_err().contains("503"));
        assert!(world.told("DeltaFailed") >= 3);
        world.store.set(Writes::Work);
        world.until_stored(21).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(21));
}

#[tokio::test]
async fn no_delta_can_be_asked_for_where_there_are_none() {
    let mut world = World::new();
    world.settings.policy.period = None;
    let report = world.run(async {
        world.until_told("FullTaken").await;
        let refused = answered(&world, ask(&world.requests, Wanted::Delta, 30)).await;
        assert!(refused.unwrap_err().contains("no deltas"));
    });
    report.await.unwrap();
    // Nobody is there any more.
    assert_eq!(world.requests.ask(Wanted::Full, 1).await, None);
}
