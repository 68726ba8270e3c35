//! Who else may be at work on a data directory, and what else may stand in its place.

mod support;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use support::Site;
use support::initialized::{
    DB, damage, everything, initialize, outcome, restored, revision, validate,
};

#[test]
fn a_running_etcd_is_left_alone() {
    for locked in [DB, "member/wal/0000000000000000-0000000000000000.wal"] {
        let site = restored();
        damage(&site);
        let before = everything(&site.path().join("out"));
        let file = File::open(site.data_dir().join(locked)).unwrap();
        let _etcd = engine::lock::exclusive(file).unwrap().unwrap();
        let us = format!("process {}", std::process::id());
        initialize(&site, &[]).failed_with(&["in use", &us, "stop that process"]);
        let run = validate(&site, &[]);
        assert_eq!(run.code, Some(21), "{}", run.stdout);
        assert_eq!(everything(&site.path().join("out")), before);
    }
}

#[test]
fn of_two_at_once_the_second_says_who_is_first() {
    let site = restored();
    damage(&site);
    let before = everything(&site.path().join("out"));
    let dir = File::open(site.data_dir()).unwrap();
    let _first = engine::lock::exclusive(dir).unwrap().unwrap();
    let us = format!("process {}", std::process::id());
    initialize(&site, &[]).failed_with(&[&us, "is initializing this directory right now"]);
    assert_eq!(everything(&site.path().join("out")), before);
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let site = Site::new();
    fs::create_dir_all(site.path().join("out")).unwrap();
    fs::write(site.data_dir(), "a file").unwrap();
    initialize(&site, &[]).failed_with(&["it is a file, not a directory"]);
    assert_eq!(fs::read(site.data_dir()).unwrap(), b"a file");
}

/// The link was moved aside and removed, and the new member stood on the volume of the link.
#[test]
fn a_member_that_is_a_link_is_not_replaced() {
    let site = restored();
    let (member, real) = (site.data_dir().join("member"), site.path().join("real"));
    fs::rename(&member, &real).unwrap();
    std::os::unix::fs::symlink(&real, &member).unwrap();
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    damage(&site);
    let before = everything(&real);
    initialize(&site, &[]).failed_with(&["symbolic link", "the directory that holds the real one"]);
    let planned = outcome(&site, &["--dry-run"]);
    assert_eq!(
        (&planned["deed"], &planned["verdict"]),
        (&"refused".into(), &"BoltDBCorrupt".into())
    );
    assert_eq!(everything(&real), before);
    assert!(member.is_symlink());
}

#[test]
fn a_directory_may_be_spelled_through_another() {
    let site = restored();
    let spelled = site.data_dir().join("member/..");
    let run = site.run("initialize", &["--data-dir", spelled.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("new.etcd is whole"), "{}", run.stdout);
}

/// For two minutes a pod said nothing.
#[test]
fn who_is_waited_for_is_said_at_once() {
    let site = restored();
    let file = File::open(site.data_dir().join(DB)).unwrap();
    let etcd = engine::lock::exclusive(file).unwrap().unwrap();
    let mut command = site.command("initialize", &["--lock-timeout", "1h", "--data-dir"]);
    command.arg(site.data_dir()).stderr(Stdio::piped());
    command.stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    let us = format!("process {}", std::process::id());
    assert!(line.contains(&us) && line.contains("Waiting"), "{line}");
    drop(etcd);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{line}{rest}");
}

/// A volume of logs that is full, or a reader that is gone, is no reason to stop.
#[test]
fn a_log_that_is_full_stops_nothing() {
    for format in ["text", "json", "logfmt"] {
        let site = restored();
        let file = File::open(site.data_dir().join(DB)).unwrap();
        let _etcd = engine::lock::exclusive(file).unwrap().unwrap();
        let flags = ["--lock-timeout", "1s", "--log-format", format, "--data-dir"];
        let mut command = site.command("initialize", &flags);
        command.arg(site.data_dir());
        command.stderr(File::options().write(true).open("/dev/full").unwrap());
        let status = command.stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(1), "{format}: a directory in use");
    }
}

#[test]
fn an_interrupted_swap_is_told_by_those_who_only_look() {
    let site = restored();
    let aside = site.data_dir().join(".etcdbr.aside");
    fs::create_dir(&aside).unwrap();
    fs::rename(site.data_dir().join("member"), aside.join("member")).unwrap();
    let before = everything(&site.path().join("out"));
    let run = validate(&site, &[]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert!(
        run.stderr.contains("puts it back before all else"),
        "{}",
        run.stderr
    );
    site.run("restore", &[]).failed_with(&["was killed here"]);
    assert_eq!(everything(&site.path().join("out")), before);
    assert_eq!(outcome(&site, &[])["deed"], "untouched");
    assert_eq!(revision(&site), 60);
}
