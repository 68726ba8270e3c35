//! Random histories on real etcds, backed up, restored and compared with what the etcds say. For
//! more of them: `cargo xtask fuzz-history --runs N`; a seed that fails there belongs here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use testkit::history::differential;

fn compare(seed: u64) {
    let program = Path::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    differential(program, seed).unwrap();
}

macro_rules! seeds {
    ($($name:ident: $seed:literal,)*) => {
        $(
            #[test]
            fn $name() {
                compare($seed);
            }
        )*
    };
}

seeds! {
    seed_0: 0,
    seed_1: 1,
    seed_2: 2,
    seed_3: 3,
    seed_4: 4,
    seed_5: 5,
    seed_6: 6,
    seed_7: 7,
    seed_8: 8,
    seed_9: 9,
    seed_10: 10,
    seed_11: 11,
}
