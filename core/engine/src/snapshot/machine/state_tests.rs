use std::env;
use std::thread;

use super::simulation::World;

/// How many seeds, and from which on. `cargo xtask simulate` says so by two variables.
fn seeds() -> std::ops::Range<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let set = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let first = set("SIMULATE_SEED").unwrap_or(0);
    first..first + set("SIMULATE_RUNS").unwrap_or(10_000)
}

/// A few hundred steps from each seed, and then a time in which nothing goes wrong.
fn simulate(seeds: impl Iterator<Item = u64>) -> (u64, u64) {
    let (mut restored, mut holes) = (0, 0);
    for seed in seeds {
        let mut world = World::new(seed);
        for _ in 0..300 {
            world.step();
        }
        world.settle();
        restored += world.restored;
        holes += world.holes;
    }
    (restored, holes)
}

#[test]
fn whatever_happens_what_was_stored_is_restorable() {
    let seeds = seeds();
    let count = seeds.end - seeds.start;
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers: Vec<_> = (0..threads)
        .map(|thread| {
            let seeds = seeds.clone().skip(thread).step_by(threads);
            thread::spawn(move || simulate(seeds))
        })
        .collect();
    let (mut restored, mut holes) = (0, 0);
    for worker in workers {
        let done = worker.join().unwrap();
        (restored, holes) = (restored + done.0, holes + done.1);
    }
    // The world does what it is there for.
    assert!(
        restored > count / 2 && holes > count / 10,
        "{restored} {holes}"
    );
}
