use std::time::Duration;

use engine::gc::{Collection, Mode, collect};
use engine::retention::{Policy, ProofRule, Rules, Scope};
use engine::schedule::Schedule;
use jiff::SignedDuration;

use crate::world::World;

const HOUR: Duration = Duration::from_secs(3_600);

/// Short beside every deadline of a snapshotter that has nothing under way.
const STEP: Duration = Duration::from_secs(5);

/// What a store is asked in a day in which nobody writes, and what a LIST may cost.
const LISTS: usize = 200;

/// etcd-backup-restore lists its store again and again while nothing happens, and providers ask money for every LIST.
/// A day of hourly fulls with a collection after each, and no write: the LISTs are counted, those of the snapshotter
/// and those of the collections.
#[tokio::test]
async fn an_idle_day_costs_few_lists() {
    let mut world = World::new();
    world.settings.schedule = Some(Schedule::parse("0 */1 * * *").unwrap());
    let mut of_collections = 0;
    let report = world.run(async {
        world
            .until("the first full", async || world.told("FullTaken") == 1)
            .await;
        for hour in 1..=24 {
            world.sends_full(20);
            while world.clock.passed() < HOUR * hour - STEP {
                world.passes(STEP).await;
            }
            world
                .until("the full of the hour", async || {
                    world.told("FullTaken") > hour as usize
                })
                .await;
            let before = world.store.asked("list");
            let collected = collect(&world.session(), &collection(&world)).await;
            assert!(collected.unwrap().kept > 0);
            of_collections += world.store.asked("list") - before;
        }
    });
    let report = report.await.unwrap();
    assert!(world.clock.passed() >= HOUR * 24);
    assert_eq!((report.fulls, report.deltas), (25, 0));
    let all = world.store.asked("list");
    assert!(of_collections >= 24, "{of_collections}");
    assert!(
        all <= LISTS,
        "{all} LISTs, {of_collections} by collections: {:?}",
        world.store.all_asked()
    );
    // Without collections it lists where it begins, and no more.
    assert!(all - of_collections <= 8, "{all} - {of_collections}");
}

fn collection(world: &World) -> Collection {
    Collection {
        rules: Rules {
            policy: Policy::LimitBased { max_backups: 7 },
            delta_retention: SignedDuration::ZERO,
            upload_deadline: SignedDuration::from_hours(1),
            proof: ProofRule::NotNeeded,
            scope: Scope::Newest,
        },
        now: (world.settings.now)(),
        mode: Mode::Delete,
    }
}
