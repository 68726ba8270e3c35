//! A role's credentials come from STS, which fails like any other service.
//!
//! Its address stands in the environment alone, and a process must not change its own: the test
//! begins a second time, behind the proxy.

use std::process::Command;
use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers;
use testkit::proxy::{Fault, Match, Proxy};
use tokio::runtime::Runtime;

use crate::bench::said;
use crate::{ensure, trial};
use testkit::stores::{endpoint, s3};

/// AWS's variable for the address of STS.
const ADDRESS: &str = "AWS_ENDPOINT_URL_STS";

const NAME: &str = "s3(moto)::faults::sts_is_out_of_order_for_a_while";

pub(crate) fn trials(runtime: &Arc<Runtime>) -> Vec<Trial> {
    vec![trial(runtime, NAME.to_owned(), async {
        match endpoint(ADDRESS) {
            None => out_of_order(),
            Some(_) => opens().await,
        }
    })]
}

/// "STS does not answer" was taken for "denied": nothing was tried again, and where only some of
/// the questions to the bucket met the outage, the store was opened without versions and lock.
fn out_of_order() -> Result<(), String> {
    let url = endpoint(s3::STS).ok_or("no STS")?;
    for fault in [Fault::status(503), Fault::ResetRequest] {
        let proxy = Proxy::start(&url).map_err(|error| error.to_string())?;
        proxy.inject(fault, Match::any().method("POST"), 4);
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(ADDRESS, proxy.url())
            // With an authority of its own.
            .env_remove("SSL_CERT_FILE")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&again.stdout);
        ensure(again.status.success(), &told)?;
        ensure(proxy.faults() == 4, "not every fault was suffered")?;
    }
    Ok(())
}

async fn opens() -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(&endpoint(s3::STS).ok_or("no STS")?).unwrap();
    // As boto reads it. Amazon S3 API Reference, "GetBucketVersioning".
    proxy.reword("GetBucketVersioningResponse", "VersioningConfiguration");
    let place = s3::of_a_role_with_versions(room.path(), proxy.url()).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = layers::open(|| place.open(), &clock, 1)
        .await
        .map_err(said)?;
    let can = store.capabilities();
    ensure(can.versions, "it has versions, and says it has none")?;
    ensure(can.retention, "it has a lock, and says it has none")
}
