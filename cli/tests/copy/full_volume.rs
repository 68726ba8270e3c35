//! A destination without room.

use std::fs;
use std::process::Command;

use crate::pair::{Pair, objects};
use crate::support::{Run, Site, contents};

/// The copy with a destination of so many bytes; the names of what is there are printed after its output.
fn on_a_small_volume(pair: &Pair, size: u64) -> Run {
    let command = pair.command(&["-o", "json"]);
    let mut shell = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let script = "at=\"$1\"; size=\"$2\"; shift 2; mount -t tmpfs -o size=\"$size\" tmpfs \"$at\" || exit 77; \
                  \"$@\"; code=$?; cp -a \"$at/.\" \"$at.after\"; exit $code";
    shell.args(["--mount", "sh", "-c", script, "sh"]);
    shell.arg(pair.destination.store()).arg(size.to_string());
    shell.arg(command.get_program()).args(command.get_args());
    shell.env("HOME", pair.destination.path());
    let run = Run::of(shell);
    let hint = "this test mounts a small file system: run it as root, or allow user namespaces";
    assert_ne!(run.code, Some(77), "{hint}: {}", run.stderr);
    run
}

/// On a volume of any size there are whole objects, each delta after its full, and what did not fit is named: exit code 0
/// only where all of it is there.
#[test]
fn a_destination_that_fills_holds_whole_objects_and_says_what_is_missing() {
    let source = Site::with_backup("e35-gzip");
    let all = objects(&source.store());
    let needed: usize = all.values().map(Vec::len).sum();
    let before = contents(&source.store());
    let pair = Pair::from(source);
    let (mut whole, mut short) = (0, 0);
    for tenths in [1, 3, 5, 7, 9, 11, 20] {
        fs::create_dir_all(pair.destination.store()).unwrap();
        let after = pair.destination.path().join("store.after");
        fs::create_dir_all(&after).unwrap();
        let run = on_a_small_volume(&pair, (needed * tenths / 10) as u64);
        let there = objects(&after);
        for (key, bytes) in &there {
            assert!(all[key] == *bytes, "{key} is not whole");
        }
        let has_full = there.keys().any(|key| key.starts_with("v2/Full-"));
        assert!(has_full || there.is_empty(), "deltas without their full");
        match run.code {
            Some(0) => {
                assert_eq!(there, all);
                whole += 1;
            }
            Some(1) => {
                assert!(there.len() < all.len(), "{}", run.stderr);
                assert!(
                    run.stdout.contains("No space left on device"),
                    "{}",
                    run.stdout
                );
                assert!(run.stderr.contains("not copied"), "{}", run.stderr);
                short += 1;
            }
            other => unreachable!("{other:?}: {}", run.stderr),
        }
        fs::remove_dir_all(after).unwrap();
    }
    assert!(whole >= 1 && short >= 3, "{whole} whole, {short} short");
    assert_eq!(contents(&pair.source.store()), before);
}
