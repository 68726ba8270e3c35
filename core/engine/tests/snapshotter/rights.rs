use std::time::Duration;

use client::scripted::Asked;
use client::{Error as EtcdError, ErrorKind};
use engine::Hint;
use engine::snapshot::taking::{Error, Task};

use crate::switch::Writes;
use crate::world::World;

fn refuse_snapshots(world: &World, times: usize) {
    for _ in 0..times {
        let denied = EtcdError::new(ErrorKind::PermissionDenied, "snapshot", "permission denied");
        let is_snapshot = |asked: &Asked| *asked == Asked::Snapshot;
        world.etcd.refuse(is_snapshot, denied);
    }
}

/// A user without the role root: the full was asked for every two seconds, for ever, and each time etcd was followed anew.
#[tokio::test]
async fn a_full_that_etcd_refuses_is_asked_for_more_and_more_seldom() {
    let world = World::new();
    refuse_snapshots(&world, 6);
    let report = world.run(async {
        world.until_told("FullTaken").await;
        // 2, 4, 8, 16, 32 and 60 s.
        assert!(world.clock.passed() >= Duration::from_secs(122));
        world.puts(3);
        world.until_stored(23).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(23));
    assert_eq!(
        world.told("FullFailed(Etcd(Error { kind: PermissionDenied"),
        6
    );
}

/// The same of a store whose credentials may not write.
#[tokio::test]
async fn a_delta_that_the_store_refuses_is_sent_more_and_more_seldom() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.store.set(Writes::Refuse);
        world.puts(3);
        world.until_told("DeltaFailed").await;
        let begun = world.clock.passed();
        while world.clock.passed() - begun < Duration::from_secs(180) {
            world.moves_on().await;
        }
        let failed = world.told("DeltaFailed");
        assert!((6..=8).contains(&failed), "{failed}");
        world.store.set(Writes::Work);
        world.until_stored(23).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(23));
}

/// Runs one that ends by itself.
async fn ends(world: &World) -> Error {
    let forever = async {
        loop {
            world.moves_on().await;
        }
    };
    world.run(forever).await.unwrap_err()
}

/// A cron job asked three times, two seconds apart, and its last words did not say what to do.
#[tokio::test]
async fn a_single_full_that_is_refused_ends_at_once() {
    let mut world = World::new();
    world.settings.task = Task::Full { is_final: false };
    refuse_snapshots(&world, 3);
    let error = ends(&world).await;
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert_eq!(error.hints(), [Hint::RootOfEtcd]);
    assert_eq!(world.asked(|asked| *asked == Asked::Snapshot), 1);

    let mut world = World::new();
    world.settings.task = Task::Full { is_final: false };
    world.store.set(Writes::Refuse);
    let error = ends(&world).await;
    assert_eq!(error.hints(), [Hint::RightsInStore], "{error}");
    assert_eq!(world.told("FullFailed"), 1);
}
