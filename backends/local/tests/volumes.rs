//! What stands on the volumes of file servers beside backups, and what of it cannot be read.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use snapstore::{Error, ErrorKind, Key, ListRequest, PutOptions, Snapstore, SnapstoreExt};
use snapstore_local::LocalStore;

const FULL: &str = "v2/Full-00000000-00000002-1";

/// A root with one backup and the directories `more`.
fn root(more: &[&str]) -> (tempfile::TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    for directory in more.iter().chain(&["v2"]) {
        fs::create_dir_all(dir.path().join(directory)).unwrap();
    }
    fs::write(dir.path().join(FULL), "x").unwrap();
    let store = LocalStore::new(dir.path().to_owned());
    (dir, store)
}

async fn listed(store: &LocalStore, under: &str) -> Result<Vec<String>, Error> {
    let objects = store.list_all(ListRequest::under(under)).await?;
    let mut keys: Vec<_> = objects.iter().map(|o| o.id.key.to_string()).collect();
    keys.sort();
    Ok(keys)
}

/// A link to itself: what cannot be read by anybody, root included.
fn unreadable(path: &Path) {
    symlink(path, path).unwrap();
}

/// A file server's own copies counted as snapshots, and one of its directories that may not be read
/// ended the listing.
#[tokio::test]
async fn directories_of_a_file_server_are_passed_over() {
    let (dir, store) = root(&["v2/@eaDir", "v2/.snapshot/hourly.0", "lost+found"]);
    let copy = dir.path().join("v2/.snapshot/hourly.0");
    fs::write(copy.join("Incr-00000003-00000009-2"), "y").unwrap();
    fs::write(dir.path().join("v2/@eaDir/Full-00000000-00000002-1"), "y").unwrap();
    assert_eq!(listed(&store, "v2/").await.unwrap(), [FULL]);
    assert_eq!(listed(&store, "").await.unwrap(), [FULL]);
    let key = Key::new("v2/@eaDir/x").unwrap();
    let put = store.put(&key, "y".into(), PutOptions::default()).await;
    assert_eq!(
        put.unwrap_err().kind(),
        ErrorKind::Config,
        "what is never listed"
    );
}

/// "Permission denied", and no word of where.
#[tokio::test]
async fn what_cannot_be_read_is_named_if_it_may_be_a_backup() {
    for (path, is_error) in [
        ("v2/notes", false),
        ("v1/notes", false),
        ("v2/Incr-00000003-00000009-2", true),
        ("v1/Backup-1", true),
        ("v1/Backup-2/Full-00000000-00000001-1", true),
    ] {
        let (dir, store) = root(&["v1/Backup-2"]);
        unreadable(&dir.path().join(path));
        match (listed(&store, &path[..3]).await, is_error) {
            (Err(error), true) => {
                assert!(error.to_string().contains(path), "{path}: {error}");
                assert_ne!(error.kind(), ErrorKind::NotFound, "{path}: {error}");
            }
            (Ok(_), false) => {}
            (other, _) => panic!("{path}: {other:?}"),
        }
    }
}

/// Backups that were links to a volume which was not mounted were not there at all: an older state was
/// the newest, or there was none.
#[tokio::test]
async fn a_link_with_the_name_of_a_backup_that_leads_nowhere_is_an_error() {
    for (link, under) in [
        ("v2/Incr-00000003-00000009-2", "v2/"),
        ("v1", "v1/"),
        ("v1", ""),
    ] {
        let (dir, store) = root(&[]);
        symlink(dir.path().join("gone"), dir.path().join(link)).unwrap();
        let error = listed(&store, under).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unexpected, "{link}: {error}");
        let told = error.to_string();
        assert!(
            told.contains("leads nowhere") && told.contains(link),
            "{told}"
        );
    }
    let (dir, store) = root(&[]);
    symlink(dir.path().join("gone"), dir.path().join("v2/notes")).unwrap();
    assert_eq!(listed(&store, "v2/").await.unwrap(), [FULL]);
}

#[tokio::test]
async fn an_error_names_its_path() {
    let (dir, store) = root(&[]);
    let key = Key::new("v2/loop").unwrap();
    let path = dir.path().join("v2/loop");
    unreadable(&path);
    let shown = path.display().to_string();
    let head = store.head(&key.clone().into()).await.unwrap_err();
    assert!(head.to_string().contains(&shown), "{head}");
    let get = store.get(&key.into(), None).await.err().unwrap();
    assert!(get.to_string().contains(&shown), "{get}");
}
