//! What dead processes have left, and what looks like it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod served;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use snapstore::{Key, ListRequest, PutOptions, Snapstore, SnapstoreExt};

use served::{CONTAINER, fs_at, host};

fn store_in(room: &Path) -> Arc<dyn Snapstore> {
    fs::create_dir(room.join(CONTAINER)).unwrap();
    snapstore_opendal::open_described(&host(""), &fs_at(room)).unwrap()
}

#[tokio::test]
async fn what_is_idle_is_swept_and_what_is_an_object_stays() {
    let room = tempfile::tempdir().unwrap();
    let store = store_in(room.path());
    let key = Key::new("v2/object").unwrap();
    let options = PutOptions::default;
    store.put(&key, "x".into(), options()).await.unwrap();
    let staging = room.path().join(CONTAINER).join(".etcdbrctl-unfinished");
    fs::create_dir(staging.join("aa")).unwrap();
    for name in ["aa/1-0", "aa/2-0", "bb"] {
        fs::write(staging.join(name), "part").unwrap();
    }
    let listed = store.list_all(ListRequest::default()).await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");

    assert_eq!(store.sweep(UNIX_EPOCH).await.unwrap(), 0);
    let ever = UNIX_EPOCH + Duration::from_secs(u32::MAX.into());
    assert_eq!(store.sweep(ever).await.unwrap(), 2);
    assert_eq!(fs::read_dir(&staging).unwrap().count(), 0);
    assert_eq!(store.head(&key.into()).await.unwrap().size, 1);
}

/// A listing of fs does not say what a link leads to: the backups behind it would not be seen.
#[tokio::test]
async fn what_a_link_leads_to_is_listed_and_a_circle_ends() {
    let room = tempfile::tempdir().unwrap();
    let store = store_in(room.path());
    let other = room.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("object"), "xyz").unwrap();
    let container = room.path().join(CONTAINER);
    std::os::unix::fs::symlink(&other, container.join("v2")).unwrap();
    let listed = store.list_all(ListRequest::under("v2/")).await.unwrap();
    let found: Vec<_> = listed
        .iter()
        .map(|object| (object.id.key.as_str(), object.size))
        .collect();
    assert_eq!(found, [("v2/object", 3)]);
    let all = store.list_all(ListRequest::default()).await.unwrap();
    assert_eq!(all.len(), 1);

    std::os::unix::fs::symlink(&container, container.join("again")).unwrap();
    let circle = store.list_all(ListRequest::default()).await;
    assert!(circle.is_err());
}

/// OpenDAL makes directories that are missing: backups went beside a share that was not mounted.
#[tokio::test]
async fn a_container_that_is_gone_is_not_made_anew() {
    let room = tempfile::tempdir().unwrap();
    let store = store_in(room.path());
    let key = Key::new("v2/object").unwrap();
    let listed = store.list_all(ListRequest::default()).await.unwrap();
    assert!(listed.is_empty());
    fs::remove_dir(room.path().join(CONTAINER)).unwrap();
    let put = store.put(&key, "x".into(), PutOptions::default()).await;
    let error = put.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no directory \"backups\""),
        "{error}"
    );
    assert!(store.list_all(ListRequest::default()).await.is_err());
    assert!(!room.path().join(CONTAINER).exists());
}
