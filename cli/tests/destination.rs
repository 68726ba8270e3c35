//! The place for the data directory is taken, busy, forbidden or full.

mod support;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use engine::lock;
use rustix::process::Signal;
use support::{Run, Site, contents, signal, stopped};

#[test]
fn a_member_is_refused_and_not_touched() {
    let (site, _) = Site::with_history();
    site.restore(&[]);
    fs::write(
        site.data_dir().join("member/snap/more"),
        "of the operator's",
    )
    .unwrap();
    let before = contents(&site.path().join("out"));
    let run = site.run("restore", &[]);
    let dir = site.data_dir();
    run.failed_with(&[
        dir.to_str().unwrap(),
        "never overwrites",
        "another data directory",
    ]);
    assert_eq!(contents(&site.path().join("out")), before);
    let run = site.run("restore", &["--dry-run"]);
    run.failed_with(&["never overwrites"]);
}

/// Any `member` will do: empty, a file, a link that leads nowhere.
#[test]
fn whatever_is_called_member_is_not_touched() {
    let (site, _) = Site::with_history();
    let member = site.data_dir().join("member");
    fs::create_dir_all(&member).unwrap();
    site.run("restore", &[]).failed_with(&["never overwrites"]);
    fs::remove_dir(&member).unwrap();
    fs::write(&member, "a file").unwrap();
    site.run("restore", &[]).failed_with(&["never overwrites"]);
    fs::remove_file(&member).unwrap();
    symlink("nowhere", &member).unwrap();
    site.run("restore", &[]).failed_with(&["never overwrites"]);
    assert!(fs::symlink_metadata(&member).unwrap().is_symlink());
    assert_eq!(fs::read_dir(site.data_dir()).unwrap().count(), 1);
}

/// A running etcd holds the lock of its database (bbolt, `flock`).
#[test]
fn a_directory_that_an_etcd_runs_on_is_refused_with_that_word() {
    let (site, _) = Site::with_history();
    site.restore(&[]);
    let database = File::open(site.data_dir().join("member/snap/db")).unwrap();
    let _etcd = lock::exclusive(database).unwrap().unwrap();
    site.run("restore", &[])
        .failed_with(&["a running etcd uses this directory"]);
}

/// The data directory is often the root of a volume: there, empty, with a `lost+found` in it.
#[test]
fn an_existing_directory_without_a_member_is_filled() {
    let (site, _) = Site::with_history();
    fs::create_dir_all(site.data_dir().join("lost+found")).unwrap();
    site.restore(&[]);
    let mut names: Vec<_> = fs::read_dir(site.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["lost+found", "member"]);
}

/// `restore --data-dir .` in a home directory, or `--data-dir /` for want of a word, put a `member` between whatever was
/// there; etcd then takes such a directory for itself, and its rights from everybody else.
#[test]
fn a_directory_of_other_things_is_refused_with_what_is_in_it() {
    let (site, history) = Site::with_history();
    let things = [".profile", "Documents", "a", "b", "c", "d"];
    for thing in things {
        fs::create_dir_all(site.data_dir().join(thing)).unwrap();
    }
    let file = site.path().join("my.db");
    fs::write(&file, history.full(20)).unwrap();
    let from_file = ["--from-file", file.to_str().unwrap()];
    let before = contents(&site.path().join("out"));
    for flags in [
        &[][..],
        &["--dry-run"],
        &from_file,
        &["--to-revision", "40"],
    ] {
        site.run("restore", flags).failed_with(&[
            "other things are in this directory (.profile, Documents, a, b and 2 more)",
            "new.etcd/default.etcd",
        ]);
        assert_eq!(contents(&site.path().join("out")), before, "{flags:?}");
    }
    // It is said before any backup is read.
    let nowhere = ["--store-container", "/nowhere"];
    site.run("restore", &nowhere).failed_with(&["Documents"]);
    site.run("restore", &["--data-dir", "/"])
        .failed_with(&["other things", "/default.etcd"]);
    for thing in things {
        fs::remove_dir(site.data_dir().join(thing)).unwrap();
    }
    // What may stand beside a member: the old one, moved aside, and what a volume has at its root.
    for thing in ["member.old", ".snapshot", "safe_guard", ".etcdbr.old"] {
        fs::create_dir(site.data_dir().join(thing)).unwrap();
    }
    site.restore(&[]);
}

#[test]
fn of_two_restores_at_once_one_wins_and_the_other_says_who() {
    let site = Site::with_backup("e35-gzip");
    let first = stopped(&site, &[]);
    let words = [
        format!("pid {}", first.id()),
        "is restoring into this directory".into(),
    ];
    let second = site.run("restore", &[]);
    second.failed_with(&words.each_ref().map(String::as_str));
    signal(&first, Signal::CONT);
    let first = Run::from(first.wait_with_output().unwrap());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(site.data_dir().join("member/snap/db").exists());
}

/// Started at the same moment, over and over: never two winners, never none, never a mixture. A
/// loser used to fail with "No such file or directory" now and then: the directory that it had just
/// made to build in was renamed by the winner before it was opened.
#[test]
fn restores_that_race_have_one_winner() {
    let (site, _) = Site::with_history();
    for _ in 0..20 {
        let start = |_| {
            let mut command = site.command("restore", &[]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let runs: Vec<_> = (0..5).map(start).collect();
        let runs = runs.into_iter().map(|child| child.wait_with_output());
        let runs: Vec<_> = runs.map(|output| Run::from(output.unwrap())).collect();
        let winners = runs.iter().filter(|run| run.code == Some(0)).count();
        assert_eq!(winners, 1, "{runs:?}");
        let losers = runs.iter().filter(|run| run.code != Some(0));
        for loser in losers {
            let said = &loser.stderr;
            let why = said.contains("is restoring into") || said.contains("never overwrites");
            assert!(why, "{said}");
        }
        let out = site.path().join("out");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "a leftover");
        fs::remove_dir_all(site.data_dir()).unwrap();
    }
}

#[test]
fn a_file_in_the_way_is_refused() {
    let (site, _) = Site::with_history();
    fs::create_dir_all(site.path().join("out")).unwrap();
    fs::write(site.data_dir(), "a file").unwrap();
    site.run("restore", &[])
        .failed_with(&["new.etcd", "this is a file"]);
    assert_eq!(fs::read(site.data_dir()).unwrap(), b"a file");
    let below = site.data_dir().join("deeper/new.etcd");
    let run = site.run("restore", &["--data-dir", below.to_str().unwrap()]);
    run.failed_with(&["new.etcd"]);
    assert_eq!(fs::read(site.data_dir()).unwrap(), b"a file");
}

/// Root may write everywhere, so it becomes somebody else first.
#[test]
fn a_directory_that_may_not_be_written_is_refused() {
    const NOBODY: u32 = 65_534;
    let (site, _) = Site::with_history();
    let out = site.path().join("out");
    let mut restore = site.command("restore", &[]);
    if rustix::process::geteuid().is_root() {
        // Nobody else can reach the place where the program was built. Copied by another process: a
        // test beside this one that starts a program would hand our open file down to it, and a file
        // that somebody may write cannot be run ("Text file busy").
        let program = site.path().join("etcdbrctl");
        let copied = Command::new("cp")
            .arg(restore.get_program())
            .arg(&program)
            .status();
        assert!(copied.unwrap().success());
        fs::set_permissions(site.path(), Permissions::from_mode(0o755)).unwrap();
        let mut as_nobody = Command::new(program);
        as_nobody.args(restore.get_args()).env_clear();
        as_nobody.uid(NOBODY).gid(NOBODY);
        restore = as_nobody;
    }
    fs::set_permissions(&out, Permissions::from_mode(0o555)).unwrap();
    let run = Run::of(restore);
    fs::set_permissions(&out, Permissions::from_mode(0o755)).unwrap();
    run.failed_with(&[
        "new.etcd.part",
        "Permission denied",
        "as the user that etcd runs as",
    ]);
    site.left_nothing();
}

/// As a shell would run it, with what is left in `out` printed after it.
fn in_shell(site: &Site, before: &str) -> Run {
    let restore = site.command("restore", &[]);
    let mut shell = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let script = format!("out=\"$1\"; shift; {before} \"$@\"; code=$?; ls -A \"$out\"; exit $code");
    shell.args(["--mount", "sh", "-c", &script, "sh"]);
    shell.arg(site.path().join("out"));
    shell.arg(restore.get_program()).args(restore.get_args());
    Run::of(shell)
}

/// A real file system of one megabyte, in a mount namespace of the test's own.
#[test]
fn a_full_disk_is_said_so_and_cleaned_up() {
    let site = Site::with_backup("e35-gzip");
    let run = in_shell(
        &site,
        "mount -t tmpfs -o size=1m tmpfs \"$out\" || exit 77;",
    );
    let hint = "this test mounts a small file system: run it as root, or allow user namespaces";
    assert_ne!(run.code, Some(77), "{hint}: {}", run.stderr);
    run.failed_with(&[
        "too little space",
        "KiB are free",
        "free some space",
        "new.etcd.part",
    ]);
}

/// The same without any right to mount: files may grow to a megabyte and no further.
#[test]
fn a_file_that_may_not_grow_is_said_so_and_cleaned_up() {
    let site = Site::with_backup("e35-gzip");
    let restore = site.command("restore", &[]);
    let mut shell = Command::new("sh");
    // In blocks of 512 bytes; ignored, the signal leaves the error to the write.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh"]);
    shell.arg(restore.get_program()).args(restore.get_args());
    Run::of(shell).failed_with(&["File too large", "new.etcd.part"]);
    site.left_nothing();
}
