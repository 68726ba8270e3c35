use super::simulation::World;

/// A few hundred steps from each seed, and then a time in which nothing goes wrong.
#[test]
fn whatever_happens_what_was_stored_is_restorable() {
    let (mut restored, mut holes) = (0, 0);
    for seed in 0..10_000 {
        let mut world = World::new(seed);
        for _ in 0..300 {
            world.step();
        }
        world.settle();
        restored += world.restored;
        holes += world.holes;
    }
    // The world does what it is there for.
    assert!(restored > 5_000 && holes > 1_000, "{restored} {holes}");
}
