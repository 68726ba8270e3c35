//! Credentials that change while a store is open: the new ones are in use at once, and wrong ones
//! do no harm. Each provider through its own reading of its own files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::{Environment, ErrorKind, ListRequest, Snapstore, SnapstoreExt, StoreConfig};
use testkit::oss::{Account, Emulator};
use testkit::proxy::{Authority, Proxy};
use tokio::runtime::Runtime;

use crate::bench::said;
use crate::{ensure, rotation_of_account, trial};
use testkit::stores::{BUCKET, Stand, mounted};

pub(crate) fn trials(
    stand: &Stand,
    machine: &Arc<Authority>,
    runtime: &Arc<Runtime>,
) -> Vec<Trial> {
    let family = stand.name.split('(').next().unwrap_or_default();
    let name = |what| format!("{}::rotation::{what}", stand.name);
    let (stand, machine) = (stand.clone(), machine.clone());
    let only = match family {
        "s3" => {
            let key = stand.clone();
            return vec![
                trial(runtime, name("it_moves_with_its_endpoint"), async move {
                    moves(&stand, "endpoint").await
                }),
                trial(runtime, name("the_new_key_is_used_at_once"), async move {
                    rotation_of_account::of_amazon(&key).await
                }),
            ];
        }
        "swift" => trial(runtime, name("it_moves_with_its_login"), async move {
            moves(&stand, "authURL").await
        }),
        "oss" => trial(runtime, name("the_new_key_is_used_at_once"), new_key()),
        "gcs" => trial(
            runtime,
            name("the_new_account_is_used_at_once"),
            async move { rotation_of_account::of_google(&stand, &machine).await },
        ),
        "abs" => trial(runtime, name("the_new_key_is_used_at_once"), async move {
            rotation_of_account::of_azure(&stand).await
        }),
        _ => return Vec::new(),
    };
    vec![only]
}

pub(crate) async fn lists(store: &dyn Snapstore) -> snapstore::Result<usize> {
    let listed = store.list_all(ListRequest::under("v2/")).await?;
    Ok(listed.len())
}

/// As an operator does it who does not know of Kubernetes' links: file by file, in place.
pub(crate) fn write(dir: &Path, name: &str, value: &str) {
    fs::write(dir.join(name), value).unwrap();
}

async fn new_key() -> Result<(), String> {
    let emulator = Emulator::start(vec![Account::new("old", "old-secret")]).unwrap();
    emulator.create_bucket(BUCKET);
    let dir = tempfile::tempdir().unwrap();
    let values = [
        ("storageEndpoint", emulator.url()),
        ("accessKeyID", "old"),
        ("accessKeySecret", "old-secret"),
    ];
    let files = mounted(dir.path(), &values);
    let set = [("ALICLOUD_APPLICATION_CREDENTIALS".to_owned(), files)];
    let config = StoreConfig {
        container: BUCKET.into(),
        environment: Environment::new(set),
        ..StoreConfig::default()
    };
    let store = (snapstore_oss::PROVIDER.open)(config).await.unwrap();
    lists(&*store).await.map_err(said)?;

    emulator.replace_accounts(vec![Account::new("new", "new-secret")]);
    refused(&*store).await?;
    // Half of it: the id without its secret cannot be used, and is not.
    write(dir.path(), "accessKeyID", "new");
    fs::remove_file(dir.path().join("accessKeySecret")).unwrap();
    refused(&*store).await?;
    write(dir.path(), "accessKeySecret", "new-secret\n");
    lists(&*store).await.map_err(said).map(drop)
}

pub(crate) async fn refused(store: &dyn Snapstore) -> Result<(), String> {
    match lists(store).await {
        Err(error) if error.kind() == ErrorKind::Denied => Ok(()),
        other => Err(format!("it should be denied, and is {other:?}")),
    }
}

/// The address is among the credentials: the store moves to another one, and what cannot be used
/// leaves it where it is.
async fn moves(stand: &Stand, file: &str) -> Result<(), String> {
    let server = stand
        .server
        .as_ref()
        .map_err(|variable| (*variable).to_owned())?;
    let (first, second) = (Proxy::start(server).unwrap(), Proxy::start(server).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let config = (stand.store)(first.url(), dir.path());
    let store = (stand.provider.open)(config).await.unwrap();
    lists(&*store).await.map_err(said)?;
    let before = first.requests("GET");
    ensure(before > 0, "the proxy saw nothing")?;

    let wrong = match file {
        // No address: nothing can be made of it.
        "authURL" => "nowhere",
        _ => "",
    };
    let region = dir.path().join("region");
    let kept = fs::read_to_string(&region).unwrap();
    write(dir.path(), file, wrong);
    fs::remove_file(&region).unwrap();
    lists(&*store).await.map_err(said)?;
    ensure(
        first.requests("GET") > before,
        "the last good one does not go on",
    )?;

    let before = first.requests("GET");
    write(dir.path(), file, second.url());
    fs::write(region, kept).unwrap();
    lists(&*store).await.map_err(said)?;
    ensure(second.requests("GET") > 0, "the new one is not in use")?;
    ensure(
        first.requests("GET") == before,
        "the old one is still in use",
    )
}
