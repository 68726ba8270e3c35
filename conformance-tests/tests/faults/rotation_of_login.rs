//! A password and an application credential that are changed in Keystone itself while a store is open.
//! Keystone revokes the tokens that came from the old one, and Swift asks it about every token.

use std::fs;
use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::with_layers;
use snapstore::{Environment, Snapstore, StoreConfig};
use tokio::runtime::Runtime;

use crate::bench::said;
use crate::rotation::{lists, refused, write};
use crate::trial;
use testkit::stores::keystone::{ADMIN, DEMO, Keystone, Login};
use testkit::stores::{Stand, mounted};

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let name = |what| format!("{}::rotation::{what}", stand.name);
    let (one, other) = (stand.clone(), stand.clone());
    vec![
        trial(
            runtime,
            name("the_new_password_is_used_at_once"),
            async move { password(&one).await },
        ),
        trial(
            runtime,
            name("the_new_application_credential_is_used_at_once"),
            async move { application_credential(&other).await },
        ),
    ]
}

async fn open(stand: &Stand, config: StoreConfig) -> Result<Arc<dyn Snapstore>, String> {
    (stand.provider.open)(config).await.map_err(said)
}

/// Of a user of its own: others are logged in as demo.
async fn password(stand: &Stand) -> Result<(), String> {
    let auth_url = stand.server.clone()?;
    let user = format!("rotating-{:016x}", fastrand::u64(..));
    let old = Login {
        name: &user,
        password: "old-password",
        project: DEMO.project,
    };
    let admin = Keystone::log_in(&auth_url, ADMIN).await;
    admin.make_member(&user, old.password).await;
    let dir = tempfile::tempdir().unwrap();
    let config = (stand.store)(&auth_url, dir.path());
    write(dir.path(), "username", &user);
    write(dir.path(), "password", old.password);
    let store = open(stand, config).await?;
    lists(&*store).await.map_err(said)?;

    let itself = Keystone::log_in(&auth_url, old).await;
    itself.change_password(old.password, "new-password").await;
    refused(&*store).await?;
    // No password at all cannot be used, and is not.
    fs::remove_file(dir.path().join("password")).unwrap();
    refused(&*store).await?;
    write(dir.path(), "password", "new-password\n");
    // Keystone counts in seconds: what it gives in the very second of the change is revoked too. The
    // program tries again.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let retrying = with_layers(store, &clock, 1);
    lists(&*retrying).await.map_err(said).map(drop)
}

async fn application_credential(stand: &Stand) -> Result<(), String> {
    let auth_url = stand.server.clone()?;
    let demo = Keystone::log_in(&auth_url, DEMO).await;
    let name = format!("rotating-{:016x}", fastrand::u64(..));
    let old = demo.make_credential(&name, "old-secret").await;
    let dir = tempfile::tempdir().unwrap();
    let mut config = (stand.store)(&auth_url, dir.path());
    let alone = tempfile::tempdir().unwrap();
    let values = [
        ("authURL", auth_url.as_str()),
        ("region", "RegionOne"),
        ("applicationCredentialID", &old),
        ("applicationCredentialSecret", "old-secret"),
    ];
    let set = [(
        "OPENSTACK_APPLICATION_CREDENTIALS".to_owned(),
        mounted(alone.path(), &values),
    )];
    config.environment = Environment::new(set);
    let store = open(stand, config).await?;
    lists(&*store).await.map_err(said)?;

    let new = demo
        .make_credential(&format!("{name}-new"), "new-secret")
        .await;
    demo.delete_credential(&old).await;
    refused(&*store).await?;
    // Half of the new one is not used.
    write(alone.path(), "applicationCredentialID", &new);
    refused(&*store).await?;
    write(alone.path(), "applicationCredentialSecret", "new-secret");
    lists(&*store).await.map_err(said)?;
    demo.delete_credential(&new).await;
    refused(&*store).await
}
