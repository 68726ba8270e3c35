//! Directories of killed etcds, replayed natively and checked against etcds booted on them. For more
//! of them: `cargo xtask fuzz-replay --runs N`; a seed that fails there belongs here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use testkit::replay::{differential, survivors_agree};

/// What this etcd alone would do is never unknown, but for what makes it die.
fn the_same_as_booted(version: &str) {
    for seed in 0..4 {
        differential(version, seed).unwrap();
    }
}

/// Seeds of `cargo xtask fuzz-replay` that failed, each for a reason of its own.
#[test]
fn seeds_that_failed_once() {
    for (version, seed) in [
        // No key was live at the end, and a compaction in the log: HashKV was computed over what that
        // compaction removes.
        ("3.6.16", 880_053),
        ("3.6.16", 991_093),
        // NOSPACE was disarmed while CORRUPT was raised: up to 3.5 the etcd then wrote again, and refuses
        // the same entries when it is started anew. The log after the full leads further. (Its clients
        // are many: what is in the log differs from run to run.)
        ("3.4.23", 991_065),
        // The same, and the watch waited for what never came.
        ("3.5.1", 880_051),
        // A compaction is completed at the start, and no key is live: 3.5.1 hashes what it has removed until
        // it commits, here once an hour.
        ("3.5.1", 881_611),
        // The etcd had committed the index of an entry before its effect (etcd issue 13766).
        ("3.5.1", 881_476),
        // A key deleted and put again in the very revision of a compaction: the etcd removes it, and has it
        // in its index until it ends.
        ("3.6.16", 880_708),
        // The full was made while an alarm was being disarmed: 3.4 saves no index while it refuses puts.
        ("3.4.23", 880_290),
        // A compaction at revision 0 was begun and not finished: a started etcd knows of none. One that comes
        // after the database was saved is done at the start, and its hash is what the etcd then answers for
        // revision 0, which means the newest: asked so, it differed in one of ten runs.
        ("3.7.3", 880_789),
    ] {
        differential(version, seed).unwrap();
    }
}

/// Of three members one is killed: what its directory proves is what the others hold.
fn no_more_than_the_others_hold(version: &str) {
    survivors_agree(version, 0).unwrap();
}

testkit::on_every_etcd!(the_same_as_booted, no_more_than_the_others_hold);
