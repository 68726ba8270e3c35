//! What the machine refuses is told as such: it is never taken for a damaged backup, never leads to an
//! older state, and ends in no panic and no wait without an end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use support::initialized::DB;
use support::{Run, Site, contents};

/// Words of a damaged backup, an older state, a bug.
const NEVER: [&str; 6] = [
    "damaged",
    "older state",
    "did not pass",
    "panicked",
    "fetch the object again",
    "cannot be used",
];

fn not_blamed_on_the_backup(run: &Run, what: &str) {
    for word in NEVER {
        assert!(!run.stderr.contains(word), "{what}: {}", run.stderr);
    }
}

/// Yesterday's full, and today's with its deltas, as garbage collection leaves them: there is an older
/// state to go back to. The bytes that the newest state takes.
fn two_chains() -> (Site, u64) {
    let (site, history) = (Site::with_backup("e35-gzip"), Site::with_backup("e35-gzip"));
    history.restore(&["--to-revision", "5461"]);
    let database = fs::read(history.data_dir().join(DB)).unwrap();
    for delta in ["Incr-00002725", "Incr-00003039", "Incr-00004091"] {
        let between = contents(&site.store()).into_keys();
        let named = |path: &PathBuf| path.to_string_lossy().contains(delta);
        fs::remove_file(between.into_iter().find(named).unwrap()).unwrap();
    }
    let hash = Sha256::digest(&database);
    site.put(
        "Full-00000000-00005461-1795338790",
        [&database[..], &hash[..]].concat(),
    );
    site.restore(&[]);
    let size = fs::metadata(site.data_dir().join(DB)).unwrap().len();
    fs::remove_dir_all(site.data_dir()).unwrap();
    (site, size)
}

/// `command` with a file system of its own of `size` bytes on `at`; what is left of a member there is
/// printed after its output.
fn on_a_small_volume(command: &Command, at: &Path, size: u64) -> Run {
    let mut shell = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let script = "at=\"$1\"; size=\"$2\"; shift 2; mount -t tmpfs -o size=\"$size\" tmpfs \"$at\" || exit 77; \
                  \"$@\"; code=$?; ls -A \"$at\"; exit $code";
    shell.args(["--mount", "sh", "-c", script, "sh"]);
    shell.arg(at).arg(size.to_string());
    shell.arg(command.get_program()).args(command.get_args());
    let run = Run::of(shell);
    let hint = "this test mounts a small file system: run it as root, or allow user namespaces";
    assert_ne!(run.code, Some(77), "{hint}: {}", run.stderr);
    run
}

/// On a volume that was too small for the newest state, `initialize` took the full disk for a damaged
/// object: it restored a state 8,237 revisions older, and exited with 0.
#[test]
fn a_volume_of_any_size_holds_the_newest_state_or_nothing() {
    let (site, needed) = two_chains();
    let volume = site.path().join("volume");
    fs::create_dir(&volume).unwrap();
    let data_dir = volume.to_str().unwrap();
    let (mut whole, mut short) = (0, 0);
    for tenths in 1..=15 {
        let size = needed * tenths / 10;
        for verb in ["initialize", "restore"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
            command.args([verb, "--data-dir", data_dir, "--store-container"]);
            command.arg(site.store()).args(["--output", "json"]);
            let run = on_a_small_volume(&command, &volume, size);
            let what = format!("{verb} on {size} of {needed} bytes");
            not_blamed_on_the_backup(&run, &what);
            match run.code {
                Some(0) => {
                    assert!(
                        run.stdout.contains("\"revision\": 10961"),
                        "{what}: {}",
                        run.stdout
                    );
                    whole += 1;
                }
                Some(1) => {
                    let told = run.stderr.contains("No space left on device")
                        || run.stderr.contains("too little space");
                    assert!(
                        told && run.stderr.contains("free some space"),
                        "{what}: {}",
                        run.stderr
                    );
                    assert_eq!(run.stdout, "", "{what}: something is left");
                    short += 1;
                }
                other => unreachable!("{what}: {other:?}, {}", run.stderr),
            }
        }
    }
    assert!(whole >= 6 && short >= 16, "{whole} whole, {short} short");
}

/// What does not fit is known before anything is written: of a full as it is by its size, of a gzip by
/// what its end says.
#[test]
fn a_full_that_does_not_fit_is_refused_before_it_is_written() {
    let (site, _) = two_chains();
    let volume = site.path().join("volume");
    fs::create_dir(&volume).unwrap();
    let restore = |with: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.args(["restore", "--data-dir", volume.to_str().unwrap()]);
        command
            .arg("--store-container")
            .arg(site.store())
            .args(with);
        on_a_small_volume(&command, &volume, 1 << 20)
    };
    for with in [&[][..], &["--to-revision", "2724"]] {
        let run = restore(with);
        run.failed_with(&[
            "too little space: at least",
            "are needed and",
            "KiB are free",
        ]);
    }
}

/// A compaction on volumes of any size, of the chain or of the store: the new full is there and whole, or it is told that
/// there is no space, and the store is as it was.
#[test]
fn a_compaction_needs_space_and_says_so() {
    let (site, needed) = two_chains();
    let volume = site.path().join("volume");
    fs::create_dir(&volume).unwrap();
    let (temp, store) = (volume.display(), site.store());
    let program = env!("CARGO_BIN_EXE_etcdbrctl");
    let (mut whole, mut short) = (0, 0);
    for tenths in [2, 6, 9, 14, 20, 30] {
        let size = needed * tenths / 10;
        let of_chain = format!(
            "cp -r {store} {temp}/../copy && {program} compact --store-container {temp}/../copy --snapstore-temp-directory {temp}; \
             code=$?; ls {temp}/../copy/v2; rm -r {temp}/../copy; exit $code",
            store = store.display()
        );
        let of_store = format!(
            "cp -r {store} {temp} 2> /dev/null || exit 1; {program} compact --store-container {temp}/store; code=$?; \
             ls {temp}/store/v2; exit $code",
            store = store.display()
        );
        for script in [of_chain, of_store] {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            let run = on_a_small_volume(&command, &volume, size);
            let what = format!("{size} of {needed} bytes: {script}");
            not_blamed_on_the_backup(&run, &what);
            let new = run.stdout.matches("\nFull-00000000-00010961-").count();
            match run.code {
                Some(0) => {
                    assert!(
                        run.stdout.contains("Compacted to v2/"),
                        "{what}: {}",
                        run.stdout
                    );
                    assert_eq!(new, 1, "{what}: {}", run.stdout);
                    whole += 1;
                }
                Some(1) => {
                    let told = ["", "No space left on device", "too little space"];
                    let is_told = told.iter().skip(1).any(|words| run.stderr.contains(words));
                    // Where not even the store fits, nothing was run.
                    assert!(is_told || run.stderr.is_empty(), "{what}: {}", run.stderr);
                    assert_eq!(new, 0, "{what}: {}", run.stdout);
                    short += usize::from(is_told);
                }
                other => unreachable!("{what}: {other:?}, {}", run.stderr),
            }
        }
    }
    assert!(whole >= 3 && short >= 3, "{whole} whole, {short} short");
}

/// The program with one limit of `prlimit`.
fn limited(site: &Site, limit: &str) -> Run {
    let restore = site.command("restore", &["--output", "json"]);
    let mut command = Command::new("prlimit");
    command.arg(limit).arg(restore.get_program());
    command.args(restore.get_args()).env_clear();
    Run::of(command)
}

/// Restores the newest state, or fails with one of `words` and leaves nothing. Whether it restored.
fn whole_or_told(site: &Site, run: &Run, limit: &str, words: &[&str]) -> bool {
    not_blamed_on_the_backup(run, limit);
    match run.code {
        Some(0) => {
            assert!(
                run.stdout.contains("\"revision\": 10961"),
                "{limit}: {}",
                run.stdout
            );
            fs::remove_dir_all(site.data_dir()).unwrap();
            true
        }
        Some(1) => {
            let told = words.iter().any(|word| run.stderr.contains(word));
            assert!(told, "{limit}: {}", run.stderr);
            site.left_nothing();
            false
        }
        other => unreachable!("{limit}: {other:?}, {}", run.stderr),
    }
}

/// Below four, the program itself is not loaded.
#[test]
fn a_limit_on_open_files_is_told() {
    let site = Site::with_backup("e35-gzip");
    let mut restored = Vec::new();
    for files in 4..=48 {
        let limit = format!("--nofile={files}");
        let run = limited(&site, &limit);
        let told = ["RLIMIT_NOFILE"];
        restored.push(whole_or_told(&site, &run, &limit, &told));
    }
    assert!(restored.contains(&false) && restored.ends_with(&[true]));
}

#[test]
fn a_limit_on_the_size_of_files_is_told() {
    let site = Site::with_backup("e35-gzip");
    let mut restored = Vec::new();
    for size in [4096, 65_536, 1_000_000, 2_250_000, 4_000_000, 8_000_000] {
        let limit = format!("--fsize={size}");
        let run = limited(&site, &limit);
        let told = ["RLIMIT_FSIZE"];
        restored.push(whole_or_told(&site, &run, &limit, &told));
    }
    assert!(restored.contains(&false) && restored.ends_with(&[true]));
}

/// An allocation that failed ended the process with a signal.
#[test]
fn a_limit_on_memory_is_told() {
    let site = Site::with_backup("e35-gzip");
    let mut restored = Vec::new();
    for mib in (100..=2000).step_by(100) {
        let limit = format!("--as={}", (mib as u64) << 20);
        let run = limited(&site, &limit);
        let told = ["RLIMIT_AS"];
        restored.push(whole_or_told(&site, &run, &limit, &told));
    }
    assert!(restored.contains(&false));
}

/// The pids limit of a pod: the program panicked (exit code 101), waited for ever for a thread that could
/// not be started, or said that the restored database did not pass its check.
#[test]
fn a_limit_on_threads_is_told() {
    const USER: u32 = 64_999;
    if !rustix::process::geteuid().is_root() {
        println!("a limit on threads counts those of a user: only root can become one without any");
        return;
    }
    let site = Site::with_backup("e35-gzip");
    let program = site.path().join("etcdbrctl");
    let restore = site.command("restore", &["--output", "json"]);
    let copied = Command::new("cp")
        .arg(restore.get_program())
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    let out = site.path().join("out");
    for dir in [site.path(), &out] {
        fs::set_permissions(dir, Permissions::from_mode(0o777)).unwrap();
    }
    let mut restored = Vec::new();
    for threads in 1..=40 {
        let limit = format!("--nproc={threads}");
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", "60", "setpriv", "--clear-groups"]);
        command.args([format!("--reuid={USER}"), format!("--regid={USER}")]);
        command.args(["prlimit", &limit]).arg(&program);
        command.args(restore.get_args()).env_clear();
        let run = Run::of(command);
        let told = ["RLIMIT_NPROC"];
        restored.push(whole_or_told(&site, &run, &limit, &told));
    }
    assert!(restored.contains(&false) && restored.ends_with(&[true]));
}
