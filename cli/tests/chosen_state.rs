//! A restore to an older state stays. Somebody deleted the wrong prefix; the operator restored the state
//! before that; and at the next start `initialize` found that the store led further, and brought back
//! what had been undone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};
use support::initialized::{DB, damage, initialize, outcome, revision, validate};
use support::{Run, Site};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

const MARK: &str = "member/.etcdbr.chosen.json";

/// A store that leads to revision 10961, and a member restored to 5000.
fn restored_to_5000() -> Site {
    let site = Site::with_backup("e35-gzip");
    site.restore(&["--to-revision", "5000"]);
    assert!(site.data_dir().join(MARK).exists());
    site
}

fn remarks(outcome: &serde_json::Value) -> String {
    outcome["remarks"].to_string()
}

#[test]
fn the_next_start_leaves_the_chosen_state_alone() {
    let site = restored_to_5000();
    let found = validate(
        &site,
        &["--store-container", site.store().to_str().unwrap()],
    );
    assert_eq!(found.code, Some(0), "{}{}", found.stdout, found.stderr);
    for _ in 0..2 {
        let outcome = outcome(&site, &[]);
        assert_eq!(outcome["deed"], "untouched");
        assert!(remarks(&outcome).contains("on purpose"), "{outcome}");
        assert_eq!(revision(&site), 5000);
    }
    // Without the mark the newest state is what counts.
    fs::remove_file(site.data_dir().join(MARK)).unwrap();
    assert_eq!(outcome(&site, &[])["deed"], "restored");
    assert_eq!(revision(&site), 10_961);
}

/// All ways to choose a state.
#[test]
fn a_time_and_a_name_are_choices_and_the_newest_state_is_none() {
    for (flags, at) in [
        (&["--to-time", "2026-11-22T09:13:20Z"][..], None),
        (
            &["--snapshot", "Full-00000000-00002724-1795338782.gz"],
            Some(2724),
        ),
    ] {
        let site = Site::with_backup("e35-gzip");
        let report = site.restore(flags);
        let chosen = report["revision"].as_i64().unwrap();
        assert!(at.is_none_or(|at| at == chosen) && chosen < 10_961);
        assert_eq!(outcome(&site, &[])["deed"], "untouched", "{flags:?}");
        assert_eq!(revision(&site), chosen);
    }
    for flags in [&[][..], &["--to-revision", "10961"]] {
        let site = Site::with_backup("e35-gzip");
        site.restore(flags);
        assert!(!site.data_dir().join(MARK).exists(), "{flags:?}");
    }
}

/// A member that was damaged before the new history had a backup gets the chosen state again, not the one
/// that was left; and again keeps it.
#[test]
fn a_damaged_member_gets_the_chosen_state_again() {
    let site = restored_to_5000();
    for _ in 0..2 {
        damage(&site);
        let outcome = outcome(&site, &[]);
        assert_eq!(outcome["deed"], "restored");
        assert_eq!(outcome["restored"]["revision"], 5000);
        assert!(site.data_dir().join(MARK).exists());
        assert_eq!(revision(&site), 5000);
    }
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
}

/// An object of the chosen state is damaged: the state is an older one of the same history then.
#[test]
fn what_was_left_does_not_stand_in_for_a_damaged_object() {
    let site = restored_to_5000();
    damage(&site);
    let name = "Incr-00004091-00005461-1795338790.gz";
    let mut bytes = site.read(name);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    site.put(name, bytes);
    let outcome = outcome(&site, &[]);
    assert_eq!(outcome["restored"]["revision"], 4090, "{outcome}");
}

/// A mark that cannot be read says that something was chosen, and not what.
#[test]
fn a_mark_that_cannot_be_read_stops_everything() {
    let site = restored_to_5000();
    fs::write(site.data_dir().join(MARK), "{").unwrap();
    let run = initialize(&site, &[]);
    run.failed_with(&[".etcdbr.chosen.json", "cannot be understood", "on purpose"]);
    assert_eq!(revision(&site), 5000);
}

/// A snapshot of `etcd`, as a full in the store.
fn take_full(site: &Site, etcd: &Etcd, at: i64, created: i64) {
    let mut bytes = Vec::new();
    etcd.snapshot(&mut bytes).unwrap();
    // The gateway sends the hash with the database, or not, as its version does.
    if bytes.len() % 512 != 32 {
        let hash = Sha256::digest(&bytes);
        bytes.extend(hash);
    }
    site.put(&format!("Full-00000000-{at:08}-{created}"), bytes);
}

fn serve<T>(version: &str, dir: &Path, work: impl FnOnce(&Etcd) -> T) -> T {
    let binary = oracles::etcd(version).unwrap();
    let etcd = Etcd::serving(&binary, &Member::alone().unwrap(), dir, &[]).unwrap();
    work(&etcd)
}

/// The whole story on real etcds: restored to before the deletion, served, written to, killed, started
/// anew, backed up, damaged, restored from the backup of the new history.
#[test]
fn a_cluster_that_was_put_back_goes_on_in_its_new_history() {
    for version in ["3.4.23", "3.5.35", "3.6.16", "3.7.3"] {
        let site = restored_to_5000();
        let dir = site.data_dir();
        // What etcd writes moves the member on; the store still leads much further.
        let last = serve(version, &dir, |etcd| {
            for number in 0..20 {
                etcd.put(format!("new-{number}").as_bytes(), b"1").unwrap();
            }
            etcd.put(b"new", b"2").unwrap()
        });
        assert_eq!(last, 5021, "{version}");
        let left = outcome(&site, &[]);
        assert_eq!(left["deed"], "untouched", "{version}: {left}");

        let full = serve(version, &dir, |etcd| {
            let at = etcd.put(b"backed up", b"").unwrap();
            take_full(&site, etcd, at, 1_795_400_000);
            etcd.put(b"after the backup", b"").unwrap();
            at
        });
        assert_eq!(outcome(&site, &[])["deed"], "untouched", "{version}");
        damage(&site);
        let restored = outcome(&site, &[]);
        assert_eq!(
            restored["restored"]["revision"], full,
            "{version}: {restored}"
        );
        let kept = fs::read_dir(dir.join(".etcdbr.old/member"))
            .unwrap()
            .count();
        assert!(
            kept >= 2,
            "{version}: the last write is in the old member alone"
        );
        let base = restored["restored"]["base"].as_str().unwrap();
        assert!(base.ends_with("-1795400000"), "{version}: {base}");
        let next = serve(version, &dir, |etcd| etcd.put(b"and on", b"").unwrap());
        assert_eq!(next, full + 1, "{version}");
        assert!(dir.join(DB).exists());
    }
}

/// The dry run sees the mark too.
#[test]
fn a_dry_run_says_what_was_chosen() {
    let site = restored_to_5000();
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.args(["initialize", "--dry-run", "--output", "json", "--data-dir"]);
    command
        .arg(site.data_dir())
        .arg("--store-container")
        .arg(site.store());
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("revision 5000 was restored here on purpose")
    );
    assert!(run.stdout.contains("\"deed\": \"untouched\""));
}
