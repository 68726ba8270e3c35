//! `--store-prefix` in the spellings that the reference takes, on the servers themselves: a slash at the
//! beginning is a part of every name, and what comes between and proxies make of it is seen only here.

use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::{Key, ListRequest, PutOptions, Snapstore, SnapstoreExt, StoreConfig};
use tokio::runtime::Runtime;

use crate::bench::{corner, said};
use crate::{ensure, trial};
use testkit::stores::Stand;

pub(crate) fn trial_of(stand: &Stand, runtime: &Arc<Runtime>) -> Trial {
    let name = format!("{}::prefix::every_spelling_is_one_place", stand.name);
    let stand = stand.clone();
    trial(runtime, name, async move { every_spelling(&stand).await })
}

/// Slashes at both ends were cut off: what the reference had written with `--store-prefix /etcd/main`
/// was not seen, and `initialize` called it a first start.
async fn every_spelling(stand: &Stand) -> Result<(), String> {
    let corner = corner();
    let rooted = format!("/{corner}");
    if stand.name.starts_with("oss") {
        let refused = open(stand, &rooted).await.err().unwrap_or_default();
        return ensure(
            refused.contains(&format!("--store-prefix {corner:?}")),
            &format!("the prefix {rooted} is answered with {refused:?}"),
        );
    }
    let key = Key::new("v2/Full-00000000-00000007-1").unwrap();
    for (of, spellings) in [
        (&rooted, [format!("//{corner}/"), format!("/x/../{corner}")]),
        (
            &corner,
            [format!("./{corner}//"), format!("x/..//{corner}")],
        ),
    ] {
        let written = open(stand, of).await?;
        let bytes = of.clone().into();
        let put = written.put(&key, bytes, PutOptions::default()).await;
        put.map_err(said)?;
        for spelling in &spellings {
            let store = open(stand, spelling).await?;
            let listed = store.list_all(ListRequest::under("v2/")).await;
            let listed = listed.map_err(said)?;
            ensure(
                listed.len() == 1 && listed[0].id.key == key,
                &format!("under {spelling} is {listed:?}"),
            )?;
            let held = store.read(&key.clone().into()).await.map_err(said)?;
            ensure(
                &*held == of.as_bytes(),
                &format!("{spelling}: another object"),
            )?;
        }
        // MinIO knows one place of both names: the next round begins with nothing there.
        let store = open(stand, of).await?;
        store.delete(&key.clone().into()).await.map_err(said)?;
        let left = store.list_all(ListRequest::default()).await.map_err(said)?;
        ensure(left.is_empty(), &format!("under {of} is left {left:?}"))?;
    }
    Ok(())
}

async fn open(stand: &Stand, prefix: &str) -> Result<Arc<dyn Snapstore>, String> {
    let server = stand.server.clone()?;
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig {
        prefix: prefix.to_owned(),
        ..(stand.store)(&server, dir.path())
    };
    // Credentials are looked at again with each call; those that are gone leave the last good ones.
    (stand.provider.open)(config).await.map_err(said)
}
