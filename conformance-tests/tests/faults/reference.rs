//! A large object of Swift as the reference lays it out: its manifest names the parts without a slash
//! at the end, says no length and bears no mark.

use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::{Key, ListRequest, SnapstoreExt};
use tokio::runtime::Runtime;

use crate::bench::{corner, said};
use crate::{ensure, trial};
use testkit::stores::swift::Container;
use testkit::stores::{BUCKET, Stand};

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    if !stand.name.starts_with("swift(") {
        return Vec::new();
    }
    let name = format!(
        "{}::reference::its_large_object_is_read_and_removed",
        stand.name
    );
    let stand = stand.clone();
    vec![trial(runtime, name, async move {
        its_large_object_is_read_and_removed(&stand).await
    })]
}

/// "Either reads the other's large object" stood on a page and in no test.
async fn its_large_object_is_read_and_removed(stand: &Stand) -> Result<(), String> {
    let server = stand.server.clone()?;
    let container = Container::find(&server).await;
    let prefix = corner();
    let name = format!("{prefix}/v2/Full-00000000-00000007-1.gz");
    for (number, part) in [(1, "the first, "), (2, "the second")] {
        container
            .put(&format!("{name}/{number:010}"), &[], part)
            .await;
    }
    let stands_for = format!("{BUCKET}/{name}");
    container
        .put(&name, &[("x-object-manifest", &stands_for)], "")
        .await;

    let dir = tempfile::tempdir().unwrap();
    let mut config = (stand.store)(&server, dir.path());
    config.prefix = prefix.clone();
    let store = (stand.provider.open)(config).await.map_err(said)?;
    let listed = store.list_all(ListRequest::default()).await.map_err(said)?;
    let listed: Vec<_> = listed.iter().map(|object| object.size).collect();
    ensure(
        listed == [21],
        &format!("one object of 21 bytes is listed as {listed:?}"),
    )?;
    let key = Key::new("v2/Full-00000000-00000007-1.gz").unwrap();
    let held = store.read(&key.clone().into()).await.map_err(said)?;
    ensure(held == "the first, the second", "other bytes were read")?;
    store.delete(&key.into()).await.map_err(said)?;
    let left = container.names(&prefix).await;
    ensure(left.is_empty(), &format!("this is left of it: {left}"))
}
