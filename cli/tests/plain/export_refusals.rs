use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use testkit::backup::Compression;

use crate::export::left;
use crate::support::{Run, Site, delta_name};

fn export(site: &Site, words: &[&str]) -> Run {
    let mut command = site.command("export", words);
    command.current_dir(site.path());
    Run::of(command)
}

#[test]
fn what_is_there_stays() {
    let (site, _) = Site::with_history();
    let path = site.path().join("old.db");
    fs::write(&path, "precious").unwrap();
    export(&site, &["old.db"]).failed_with(&[
        "old.db",
        "already exists",
        "hint: replace it with --force",
    ]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(export(&site, &["old.db", "--force"]).code, Some(0));
    assert_ne!(fs::read(&path).unwrap(), b"precious");
}

/// A rename over a link or a device would have taken it away, and what it led to would not have been written.
#[test]
fn what_is_no_file_is_not_replaced() {
    let (site, _) = Site::with_history();
    fs::write(site.path().join("target"), "precious").unwrap();
    symlink("target", site.path().join("link")).unwrap();
    for (name, what) in [
        ("link", "a link, a pipe or a device"),
        ("store", "a directory"),
        ("..", "a directory"),
        ("none/new.db", "No such file"),
    ] {
        let told = name.trim_end_matches("/new.db");
        export(&site, &[name, "--force"]).failed_with(&[told, what]);
    }
    assert_eq!(
        fs::read_to_string(site.path().join("target")).unwrap(),
        "precious"
    );
    assert_eq!(left(&site), ["link", "store", "target"]);
}

#[test]
fn of_a_damaged_chain_nothing_is_left() {
    let (site, _) = Site::with_history();
    let delta = delta_name(41, 60, Compression::Gzip);
    let mut bytes = site.read(&delta);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    site.put(&delta, bytes);
    export(&site, &["new.db"]).failed_with(&[&delta]);
    assert_eq!(left(&site), ["store"]);
    let before = ["--at-revision", "40", "new.db"];
    assert_eq!(export(&site, &before).code, Some(0));
    export(&site, &["--at-revision", "61", "other.db"]).failed_with(&["61"]);
    assert_eq!(left(&site), ["new.db", "store"]);
}

/// The path that was named was that of a temporary file, which had nothing to do with it.
#[test]
fn a_pipe_that_breaks_is_named() {
    let (site, _) = Site::with_history();
    let mut command = site.command("export", &["-"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut export = command.spawn().unwrap();
    drop(export.stdout.take());
    let output = export.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in ["standard output", "Broken pipe", "no snapshot"] {
        assert!(told.contains(part), "{told}");
    }
}
