use std::time::Duration;

use client::scripted::Asked;
use engine::snapshot::taking::Wanted;

use crate::world::World;

/// A defragmentation beside a full would block a member of etcd until that full has ended. A full is taken after it, and deltas go
/// on meanwhile: the first draft let the full wait, and with it all deltas.
#[tokio::test]
async fn a_full_is_taken_when_no_member_is_blocked() {
    let world = World::new();
    let turn = world.settings.turn.clone();
    let report = world.run(async {
        world
            .until("a full", async || world.told("FullTaken") == 1)
            .await;
        let blocked = turn.lock().await;
        world.puts(3);
        world.sends_full(23);
        world.requests.send(Wanted::Full);
        world.until_stored(23).await;
        for _ in 0..10 {
            world.passes(Duration::from_secs(10)).await;
        }
        let streamed = || world.asked(|asked| matches!(asked, Asked::Snapshot));
        assert_eq!((world.told("FullTaken"), streamed()), (1, 1));
        drop(blocked);
        world
            .until("another full", async || world.told("FullTaken") == 2)
            .await;
        assert_eq!(streamed(), 2);
    });
    assert_eq!(report.await.unwrap().fulls, 2);
}
