use super::simulation::World;

/// Ten thousand histories of a few hundred steps. What went wrong once is a seed of its own below.
#[test]
fn whatever_happens_what_was_stored_is_restorable() {
    let (mut restored, mut holes) = (0, 0);
    for seed in 0..10_000 {
        let mut world = World::new(seed);
        for _ in 0..300 {
            world.step();
        }
        restored += world.restored;
        holes += world.holes;
    }
    // The world does what it is there for.
    assert!(restored > 10_000 && holes > 1_000, "{restored} {holes}");
}
