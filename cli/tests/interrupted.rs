//! A restore that is stopped: by a polite signal it cleans up, by kill it leaves no half.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fastrand::Rng;
use rustix::process::Signal;
use support::timed::{took, wait};
use support::{Run, Site, contents, delta_name, signal, stopped};
use testkit::backup::Compression::{self, Gzip};
use testkit::backup::compress;

/// How often a restore is killed.
const KILLS: usize = 200;

fn ended(child: Child) -> Run {
    Run::from(child.wait_with_output().unwrap())
}

/// Signals a restore in the middle and lets it go on. It may be done before it hears; then again.
fn interrupted(site: &Site, signals: &[Signal]) -> Run {
    for _ in 0..50 {
        let child = stopped(site, &[]);
        for with in signals {
            signal(&child, *with);
        }
        signal(&child, Signal::CONT);
        let run = ended(child);
        if run.code == Some(1) {
            return run;
        }
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        fs::remove_dir_all(site.data_dir()).unwrap();
    }
    unreachable!("fifty restores ended before they heard a signal")
}

#[test]
fn a_signal_ends_a_restore_and_nothing_is_left() {
    let site = Site::with_backup("e35-gzip");
    for polite in [Signal::INT, Signal::TERM] {
        let run = interrupted(&site, &[polite]);
        run.failed_with(&[
            "interrupted",
            "nothing was published",
            "send the signal again to exit",
        ]);
        site.left_nothing();
    }
    site.restore(&[]);
}

/// The second one is not polite any more: what it leaves, the next restore clears away.
#[test]
fn after_two_signals_the_next_restore_succeeds() {
    let site = Site::with_backup("e35-gzip");
    let undisturbed = site.restored_hash(&[]);
    for _ in 0..5 {
        let run = interrupted(&site, &[Signal::TERM, Signal::INT]);
        assert_eq!(run.stdout, "");
        assert!(!site.data_dir().exists());
        assert_eq!(site.restored_hash(&[]), undisturbed);
    }
}

/// A test that waits for ever says nothing.
fn ended_in_time(mut child: Child) -> Run {
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            return ended(child);
        }
        wait(Duration::from_millis(50));
    }
    child.kill().unwrap();
    let run = ended(child);
    unreachable!(
        "half a minute after the signal it was still there: {}",
        run.stderr
    )
}

/// A store that hangs (a dead NFS mount, a proxy that swallows packets) cannot be read to the end,
/// and its threads cannot be ended. The first signal used to be heard, and then the process waited
/// for them for ever, deaf to every signal but kill.
#[test]
fn a_signal_ends_a_restore_from_a_store_that_hangs() {
    hangs_until_a_signal(Gzip);
}

/// A download that is cancelled ends early. Without compression nothing shows that, and the events
/// that were not there were taken for damage: the operator was told to look for another backup.
#[test]
fn what_a_signal_cut_short_is_not_called_damaged() {
    hangs_until_a_signal(Compression::None);
}

fn hangs_until_a_signal(compression: Compression) {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    let hangs = site.object(&delta_name(41, 60, compression));
    let content = compress(compression, &history.delta(41..=60));
    for _ in 0..50 {
        fs::write(&hangs, &content).unwrap();
        let child = stopped(&site, &["--max-fetchers", "1"]);
        // Who opens a pipe that nobody writes to waits.
        fs::remove_file(&hangs).unwrap();
        let made = Command::new("mkfifo").arg(&hangs).status().unwrap();
        assert!(made.success());
        signal(&child, Signal::CONT);
        wait(Duration::from_millis(300));
        signal(&child, Signal::TERM);
        let run = ended_in_time(child);
        fs::remove_file(&hangs).unwrap();
        if run.code == Some(1) {
            run.failed_with(&["interrupted"]);
            site.left_nothing();
            return;
        }
        fs::remove_dir_all(site.data_dir()).unwrap();
    }
    unreachable!("fifty restores ended before they read the last delta")
}

/// `dir` with its files' bytes, as paths below it.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let below = |path: PathBuf| path.strip_prefix(dir).unwrap().to_owned();
    let contents = contents(dir).into_iter();
    contents.map(|(path, bytes)| (below(path), bytes)).collect()
}

/// Starts a restore, kills it after `delay`, and looks at what there is. Whether it had ended.
fn kill_after(delay: Duration, site: &Site, complete: &BTreeMap<PathBuf, Vec<u8>>) -> bool {
    let mut command = site.command("restore", &[]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    let published = site.data_dir().exists();
    if published {
        assert!(tree(&site.data_dir()) == *complete, "half a directory");
    } else {
        // Over whatever the dead one has left.
        site.restore(&[]);
        assert!(tree(&site.data_dir()) == *complete, "not what it was");
    }
    let names = fs::read_dir(site.path().join("out")).unwrap().count();
    assert!(published || names == 1, "a leftover stayed");
    fs::remove_dir_all(site.path().join("out")).unwrap();
    published
}

/// The same input gives the same bytes, so a directory is whole exactly if it is equal to that of
/// an undisturbed restore: database, log and snapshot.
#[test]
fn a_kill_at_any_moment_leaves_nothing_or_all() {
    let site = Site::with_backup("e35-gzip");
    let report = site.restore(&[]);
    assert_eq!(report["hash_kv"], 1_951_264_071_u64);
    let complete = tree(&site.data_dir());
    assert_eq!(complete.len(), 6, "{:?}", complete.keys());
    let db = bolt::Db::open(&complete[Path::new("member/snap/db")]).unwrap();
    assert!(db.check().is_clean(), "{}", db.check());
    fs::remove_dir_all(site.data_dir()).unwrap();
    let whole = took(|| {
        site.restore(&[]);
    });

    let seed = RandomState::new().hash_one(0);
    println!("seed {seed}, a restore takes {whole:?}");
    let before_the_end = std::thread::scope(|scope| {
        let complete = &complete;
        let threads = [0, 1].map(|number| {
            let kill = move || kill_often(seed ^ number, whole, complete);
            scope.spawn(kill)
        });
        threads.map(|thread| thread.join().unwrap()).iter().sum()
    });
    println!("{before_the_end} of {KILLS} were killed before they had published");
    let enough = KILLS / 4..KILLS;
    assert!(
        enough.contains(&before_the_end),
        "the moments were not spread"
    );
}

/// Half of the kills, at random moments of a restore. How many came before its end.
fn kill_often(seed: u64, whole: Duration, complete: &BTreeMap<PathBuf, Vec<u8>>) -> usize {
    let (site, mut random) = (Site::with_backup("e35-gzip"), Rng::with_seed(seed));
    // How long one takes depends on what else runs here: half of the kills should come too late.
    let (mut longest, mut before_the_end) = (whole, 0);
    for _ in 0..KILLS / 2 {
        if kill_after(longest.mul_f64(random.f64()), &site, complete) {
            longest = longest.mul_f64(0.95);
        } else {
            longest = longest.mul_f64(1.05);
            before_the_end += 1;
        }
    }
    before_the_end
}
