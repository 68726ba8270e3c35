//! Whose files are run. A plugin in a directory of somebody else's was loaded, as was one whose file was
//! exchanged after its owner and mode had been looked at.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod built;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use snapstore::{Error, ErrorKind, StoreConfig};
use snapstore_plugin::{Options, find, load};

async fn open(path: &Path) -> Result<(), Error> {
    let opened = load(path, &StoreConfig::default(), Options::default()).await;
    opened.map(drop)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn plugin(dir: &Path) -> PathBuf {
    let code = "int32_t snapstore_plugin_v1(snap_plugin *out) { return pile(out); }";
    let path = built::pile_with(dir, "mine", code);
    mode(&path, 0o600);
    path
}

async fn refused(path: &Path, words: &str) {
    let error = open(path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

/// Whoever may write a directory above the file puts another file in its place.
#[tokio::test]
async fn every_directory_that_leads_to_the_file_counts() {
    let top = tempfile::tempdir().unwrap();
    let dir = top.path().join("a/b");
    fs::create_dir_all(&dir).unwrap();
    let path = plugin(&dir);
    let above = top.path().join("a");
    for bad in [0o777, 0o775, 0o757] {
        mode(&above, bad);
        refused(&path, "chmod go-w").await;
        refused(&path, above.to_str().unwrap()).await;
    }
    // As /tmp: nobody else may replace what is ours in it.
    mode(&above, 0o1777);
    open(&path).await.unwrap();
    mode(&above, 0o755);
    // A link is followed, and what counts is where it leads to.
    let link = top.path().join("link.so");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    open(&link).await.unwrap();
    mode(&above, 0o777);
    refused(&link, "chmod go-w").await;
    mode(&above, 0o755);
    // Whoever may write the directory of a link leads it to another of root's libraries.
    let open_to_all = top.path().join("open");
    fs::create_dir(&open_to_all).unwrap();
    let link = open_to_all.join("link.so");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    open(&link).await.unwrap();
    mode(&open_to_all, 0o777);
    refused(&link, "chmod go-w").await;
    let second = top.path().join("second.so");
    std::os::unix::fs::symlink(&link, &second).unwrap();
    refused(&second, open_to_all.to_str().unwrap()).await;
    let dir = open_to_all.join("dir");
    std::os::unix::fs::symlink(path.parent().unwrap(), &dir).unwrap();
    assert!(
        find(&dir, "mine")
            .unwrap_err()
            .to_string()
            .contains("chmod go-w")
    );
}

/// Only root may give files away: elsewhere this is not tried, and CI runs it as root.
#[tokio::test]
async fn what_belongs_to_others_is_not_loaded() {
    const NOBODY: u32 = 65534;
    let top = tempfile::tempdir().unwrap();
    let dir = top.path().join("theirs");
    fs::create_dir(&dir).unwrap();
    let path = plugin(&dir);
    if chown(&path, Some(NOBODY), None).is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI runs this as root");
        eprintln!("not tried: only root can give files away");
        return;
    }
    refused(&path, "belongs to another user (65534)").await;
    chown(&path, Some(0), None).unwrap();
    open(&path).await.unwrap();
    chown(&dir, Some(NOBODY), None).unwrap();
    refused(&path, "belongs to another user (65534)").await;
    let error = find(&dir, "mine").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("another user"), "{error}");
}

/// The loader opened the path a second time. What it opens now is the file that was looked at: its name
/// in a message of the loader's is still the path that the operator knows.
#[tokio::test]
async fn a_message_of_the_loader_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text.so");
    fs::write(&path, "no library").unwrap();
    mode(&path, 0o600);
    let said = open(&path).await.unwrap_err().to_string();
    assert!(!said.contains("/proc/"), "{said}");
    assert_eq!(said.matches("text.so").count(), 2, "{said}");
}

/// Two plugins one after the other are two: the loader remembers a library by the name under which it was
/// opened, which is a number that is free again once the file is closed.
#[tokio::test]
async fn one_plugin_is_never_taken_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let one = plugin(dir.path());
    let bad = "int32_t snapstore_plugin_v1(snap_plugin *out) { (void)out; return 7; }";
    let bad = built::pile_with(dir.path(), "bad", bad);
    mode(&bad, 0o600);
    for _ in 0..3 {
        refused(&bad, "answered 7").await;
        open(&one).await.unwrap();
    }
}
