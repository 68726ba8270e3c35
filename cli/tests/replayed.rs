//! Directories of killed etcds, replayed natively and held against etcds booted on them. For more
//! of them: `cargo xtask fuzz-replay --runs N`; a seed that fails there belongs here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use xtask::replay::{differential, survivors_agree};

/// What this etcd alone would do is never unknown, but for what makes it die.
fn the_same_as_booted(version: &str) {
    for seed in 0..4 {
        differential(version, seed).unwrap();
    }
}

/// Of three members one is killed: what its directory proves is what the others hold.
fn no_more_than_the_others_hold(version: &str) {
    survivors_agree(version, 0).unwrap();
}

xtask::on_every_etcd!(the_same_as_booted, no_more_than_the_others_hold);
