//! What stands on the disk: beside the contract, which `conformance-tests` holds this store to.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use futures::StreamExt;
use snapstore::{
    Bytes, ErrorKind, Key, ListRequest, PutMode, PutOptions, Snapstore, SnapstoreExt, Upload,
    UploadOptions,
};
use snapstore_local::LocalStore;
use tempfile::TempDir;

const STAGING: &str = ".etcdbr-staging";

fn store() -> (TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path().join("root"));
    (dir, store)
}

fn root(dir: &TempDir) -> std::path::PathBuf {
    dir.path().join("root")
}

async fn put(store: &LocalStore, key: &str, data: impl Into<Bytes>) {
    let key = Key::new(key).unwrap();
    let put = store.put(&key, data.into(), PutOptions::default()).await;
    put.unwrap();
}

async fn listed(store: &LocalStore) -> Vec<String> {
    let objects = store.list_all(ListRequest::under("")).await.unwrap();
    let mut keys: Vec<_> = objects.iter().map(|o| o.id.key.to_string()).collect();
    keys.sort();
    keys
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A backup holds every secret of its cluster.
#[tokio::test]
async fn nobody_else_can_read_what_is_written() {
    let (dir, store) = store();
    put(&store, "v2/by-put", "x").await;
    let options = UploadOptions {
        mode: Default::default(),
        part_size: 10,
    };
    let key = Key::new("v2/by-upload").unwrap();
    let upload = store.start_upload(&key, options).await.unwrap();
    let part = upload.part(1, "x".into()).await.unwrap();
    upload.complete(&[part]).await.unwrap();
    for directory in ["", "v2", STAGING] {
        assert_eq!(mode(&root(&dir).join(directory)), 0o700, "{directory:?}");
    }
    for file in ["v2/by-put", "v2/by-upload"] {
        assert_eq!(mode(&root(&dir).join(file)), 0o600, "{file}");
    }
}

/// A process that dies between writing and naming leaves a file in the staging directory: at any
/// length, under any name. It must never be taken for an object.
#[tokio::test]
async fn what_a_dead_writer_left_is_no_object() {
    let (dir, store) = store();
    put(&store, "v2/Full-00000000-00000002-1", "x").await;
    let staging = root(&dir).join(STAGING);
    fs::write(staging.join("object-abc123"), "half").unwrap();
    fs::create_dir_all(staging.join("v2")).unwrap();
    fs::write(staging.join("v2/Full-00000000-00000009-9"), "half").unwrap();
    assert_eq!(listed(&store).await, ["v2/Full-00000000-00000002-1"]);
    for prefix in [STAGING.to_owned(), format!("{STAGING}/")] {
        let below = store.list_all(ListRequest::under(prefix)).await.unwrap();
        assert!(below.is_empty(), "{below:?}");
    }
}

#[tokio::test]
async fn the_staging_directory_cannot_be_addressed() {
    let (dir, store) = store();
    put(&store, "object", "x").await;
    fs::write(root(&dir).join(STAGING).join("object-1"), "half").unwrap();
    let key = Key::new(format!("{STAGING}/object-1")).unwrap();
    let id = key.clone().into();
    let kinds = [
        store.get(&id, None).await.map(drop).unwrap_err().kind(),
        store.head(&id).await.map(drop).unwrap_err().kind(),
        store.delete(&id).await.unwrap_err().kind(),
        store
            .put(&key, "x".into(), PutOptions::overwrite())
            .await
            .unwrap_err()
            .kind(),
    ];
    assert_eq!(kinds, [ErrorKind::Config; 4]);
}

#[tokio::test]
async fn opening_and_reading_change_nothing() {
    let (dir, store) = store();
    assert!(listed(&store).await.is_empty());
    assert!(store.head(&Key::new("x").unwrap().into()).await.is_err());
    store.delete(&Key::new("x").unwrap().into()).await.unwrap();
    assert!(!root(&dir).exists());
}

/// Directories come and go with the objects in them, but the root stays.
#[tokio::test]
async fn a_delete_leaves_no_empty_directories() {
    let (dir, store) = store();
    put(&store, "a/b/c/object", "x").await;
    let id = Key::new("a/b/c/object").unwrap().into();
    store.delete(&id).await.unwrap();
    let names: Vec<_> = fs::read_dir(root(&dir)).unwrap().flatten().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

/// A volume may be laid out with links, so they are followed, out of the root too: whoever may make
/// links below the root decides what is in the store. Keys alone never lead out of it.
#[tokio::test]
async fn links_are_followed() {
    let (dir, store) = store();
    put(&store, "v2/object", "x").await;
    let elsewhere = dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("moved"), "y").unwrap();
    symlink(&elsewhere, root(&dir).join("linked")).unwrap();
    symlink(dir.path().join("nowhere"), root(&dir).join("dangling")).unwrap();
    assert_eq!(listed(&store).await, ["linked/moved", "v2/object"]);
    let id = Key::new("linked/moved").unwrap().into();
    assert_eq!(store.read(&id).await.unwrap(), "y");
}

/// Two links that lead back to the root made a listing walk 2^40 directories: each level of the
/// walk found both again, until the system gave up following links.
#[tokio::test]
async fn links_that_lead_back_are_not_walked_again() {
    let (dir, store) = store();
    put(&store, "v2/object", "x").await;
    symlink(root(&dir), root(&dir).join("back")).unwrap();
    symlink("..", root(&dir).join("v2/again")).unwrap();
    assert_eq!(listed(&store).await, ["v2/object"]);
}

#[tokio::test]
async fn names_that_are_no_keys_are_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let (dir, store) = store();
    put(&store, "object", "x").await;
    let not_text = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    fs::write(root(&dir).join(not_text), "x").unwrap();
    fs::write(root(&dir).join("back\\slash"), "x").unwrap();
    assert_eq!(listed(&store).await, ["object"]);
}

/// Cut off while it is read: the body must not just end, or a truncated backup looks whole.
#[tokio::test]
async fn a_file_truncated_while_it_is_read_is_an_error_of_the_body() {
    let (dir, store) = store();
    put(&store, "object", vec![7; 4 << 20]).await;
    let id = Key::new("object").unwrap().into();
    let mut body = store.get(&id, None).await.unwrap().body;
    body.next().await.unwrap().unwrap();
    let file = OpenOptions::new()
        .write(true)
        .open(root(&dir).join("object"));
    file.unwrap().set_len(1 << 20).unwrap();
    let rest: Vec<_> = body.collect().await;
    let error = rest.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("of 4194304 bytes"), "{error}");
}

#[tokio::test]
async fn a_file_that_grows_while_it_is_read_is_read_as_it_was() {
    use std::io::Write;
    let (dir, store) = store();
    put(&store, "object", "begin").await;
    let id = Key::new("object").unwrap().into();
    let download = store.get(&id, None).await.unwrap();
    let file = OpenOptions::new()
        .append(true)
        .open(root(&dir).join("object"));
    file.unwrap().write_all(b" and more").unwrap();
    let pieces: Vec<_> = download.body.collect().await;
    let held: Vec<u8> = pieces
        .into_iter()
        .flat_map(|piece| piece.unwrap())
        .collect();
    assert_eq!(held, b"begin");
}

/// A file system cannot hold an object `a` beside an object `a/b`; the answer says which is there.
#[tokio::test]
async fn an_object_below_an_object_is_refused() {
    let (dir, store) = store();
    put(&store, "a", "x").await;
    let below = Key::new("a/b").unwrap();
    let refused = store.put(&below, "y".into(), PutOptions::default()).await;
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert_eq!(fs::read(root(&dir).join("a")).unwrap(), b"x");
    let mut entries = fs::read_dir(root(&dir).join(STAGING)).unwrap();
    assert!(entries.next().is_none(), "a staged file was left behind");
    assert!(File::open(root(&dir).join("a/b")).is_err());
}

/// A process that died left its staged file for ever, and nothing said how to get rid of it.
#[tokio::test]
async fn what_dead_processes_staged_is_swept_and_what_lives_is_not() {
    let (dir, store) = store();
    let options = UploadOptions {
        mode: PutMode::CreateNew,
        part_size: 3,
    };
    let key = Key::new("v2/a").unwrap();
    let upload = store.start_upload(&key, options).await.unwrap();
    let part = upload.part(1, Bytes::from_static(b"abc")).await.unwrap();
    let began = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
    let staged = root(&dir).join(STAGING).join("object-dead");
    fs::write(&staged, "dead").unwrap();
    let dead = OpenOptions::new().write(true).open(&staged).unwrap();
    dead.set_modified(began).unwrap();

    let since = began + std::time::Duration::from_secs(1);
    assert_eq!(store.sweep(since).await.unwrap(), 1);
    assert!(!staged.exists());
    upload.complete(&[part]).await.unwrap();
    assert_eq!(store.sweep(since).await.unwrap(), 0);
}

/// What is staged, and where it stands.
fn staged(dir: &TempDir) -> Vec<u64> {
    let staged = fs::read_dir(root(dir).join(STAGING)).unwrap();
    staged
        .map(|file| file.unwrap().metadata().unwrap().ino())
        .collect()
}

async fn upload(store: &LocalStore, key: &Key, mode: PutMode) -> Box<dyn Upload> {
    let options = UploadOptions {
        mode,
        part_size: 10,
    };
    store.start_upload(key, options).await.unwrap()
}

/// A full of 8 GiB took 16 GiB of the disk for as long as it took to copy it: its parts became the object as a copy.
#[tokio::test]
async fn parts_become_the_object_without_a_copy() {
    let (dir, store) = store();
    let key = Key::new("v2/full").unwrap();
    for mode in [PutMode::CreateNew, PutMode::Overwrite] {
        let upload = upload(&store, &key, mode).await;
        let first = upload.part(1, "0123456789".into()).await.unwrap();
        let second = upload.part(2, "abc".into()).await.unwrap();
        let parts = staged(&dir);
        assert_eq!(parts.len(), 1);
        upload.complete(&[first, second]).await.unwrap();
        let object = root(&dir).join("v2/full");
        assert_eq!(fs::metadata(&object).unwrap().ino(), parts[0]);
        assert_eq!(fs::read(&object).unwrap(), b"0123456789abc");
        assert_eq!(staged(&dir), [0; 0]);
        // Nobody writes into what is complete.
        upload.part(2, "xyz".into()).await.unwrap_err();
        assert_eq!(fs::read(&object).unwrap(), b"0123456789abc");
    }
}

/// Parts that are left out, and a name that is taken, change nothing of what was staged.
#[tokio::test]
async fn an_upload_that_was_refused_is_completed_later() {
    let (dir, store) = store();
    let key = Key::new("v2/full").unwrap();
    put(&store, "v2/full", "before").await;
    let upload = upload(&store, &key, PutMode::CreateNew).await;
    let first = upload.part(1, "0123456789".into()).await.unwrap();
    let second = upload.part(2, "abc".into()).await.unwrap();
    for parts in [vec![first.clone()], vec![first.clone(), second.clone()]] {
        let error = upload.complete(&parts).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(staged(&dir).len(), 1);
    }
    fs::remove_file(root(&dir).join("v2/full")).unwrap();
    upload.complete(&[first]).await.unwrap();
    assert_eq!(fs::read(root(&dir).join("v2/full")).unwrap(), b"0123456789");
    assert_eq!(staged(&dir), [0; 0]);
}

/// A volume that was unmounted under a sidecar was an empty store: the directory was made anew on the disk below, and a new
/// lineage of backups begun in it. Before the first write there is no directory, which is no error.
#[tokio::test]
async fn a_directory_that_was_there_is_not_made_anew() {
    let (dir, store) = store();
    assert_eq!(listed(&store).await, [""; 0]);
    put(&store, "v2/a", "a").await;
    let (there, away) = (root(&dir), dir.path().join("away"));
    fs::rename(&there, &away).unwrap();
    let key = Key::new("v2/b").unwrap();
    let options = UploadOptions {
        mode: PutMode::CreateNew,
        part_size: 8,
    };
    let refused = [
        store.list(&ListRequest::under("")).await.err(),
        store
            .put(&key, Bytes::from_static(b"b"), PutOptions::default())
            .await
            .err(),
        store.start_upload(&key, options).await.err(),
        store.head(&Key::new("v2/a").unwrap().into()).await.err(),
        store.delete(&key.clone().into()).await.err(),
        store.sweep(std::time::SystemTime::UNIX_EPOCH).await.err(),
    ];
    for error in refused {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Unexpected, "{error}");
        assert!(error.to_string().contains("is gone"), "{error}");
    }
    assert!(!there.exists(), "it was made anew");
    fs::rename(&away, &there).unwrap();
    put(&store, "v2/b", "b").await;
    assert_eq!(listed(&store).await, ["v2/a", "v2/b"]);
}
