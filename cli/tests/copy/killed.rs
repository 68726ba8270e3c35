//! Copies that are killed.

use std::collections::BTreeSet;
use std::process::Stdio;

use crate::pair::{Pair, objects};
use crate::support::Site;
use crate::support::timed::{took, wait};

/// Killed at any moment, what is at the destination is whole and begins with its full; the next run brings the rest, and
/// nothing twice.
#[test]
fn a_kill_at_any_moment_leaves_whole_objects_and_the_next_run_goes_on() {
    let source = || Site::with_backup("e35-gzip");
    let pair = Pair::from(source());
    let mut longest = took(|| {
        pair.copied(&[]);
    });
    let all = objects(&pair.source.store());
    let hash = pair.source.restored_hash(&[]);
    let (mut random, mut on_the_way) = (fastrand::Rng::new(), 0);
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        let pair = Pair::from(source());
        let mut command = pair.command(&["--max-parallel-copy-operations", "2"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait(longest.mul_f64(random.f64()));
        child.kill().unwrap();
        child.wait().unwrap();
        let there = pair.there();
        for (key, bytes) in &there {
            assert!(all[key] == *bytes, "{key} is not whole");
        }
        let has_full = there.keys().any(|key| key.starts_with("v2/Full-"));
        assert!(has_full || there.is_empty(), "deltas without their full");
        seen.insert(there.len());
        match there.len() == all.len() {
            true => longest = longest.mul_f64(0.95),
            false => {
                on_the_way += 1;
                longest = longest.mul_f64(1.05);
            }
        }
        let report = pair.copied(&[]);
        assert_eq!(report["present"], there.len());
        assert_eq!(report["copied"], all.len() - there.len());
        assert_eq!(pair.there(), all);
    }
    let pair = Pair::from(source());
    pair.copied(&[]);
    assert_eq!(pair.destination.restored_hash(&[]), hash);
    println!("{on_the_way} of 60 were killed before the end, with so many objects there: {seen:?}");
    assert!(
        (10..60).contains(&on_the_way),
        "the moments were not spread"
    );
}
