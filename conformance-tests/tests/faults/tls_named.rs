//! A server that has signed its certificate itself, as `openssl req -x509` makes it. Named as trusted it
//! was refused all the same, with the advice to name it; Go, curl and boto take it.

use std::sync::Arc;

use libtest_mimic::Trial;
use testkit::proxy::Identity;
use tokio::runtime::Runtime;

use crate::bench::said;
use crate::tls::{says_what_to_do, through};
use crate::{gap, trial};
use testkit::stores::Stand;

const GOOGLES: &str = "Google's client for bodies takes a CA alone";

/// `itself`: one that the machine knows.
pub(crate) fn trials(stand: &Stand, itself: &Arc<Identity>, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let name = |what| format!("{}::tls::{what}", stand.name);
    let mut trials = Vec::new();
    let known = name("the_very_certificate_that_the_machine_knows_works");
    if stand.name.starts_with("gcs") {
        trials.push(gap(&known, GOOGLES));
    } else {
        let (stand, itself) = (stand.clone(), itself.clone());
        trials.push(trial(runtime, known, async move {
            through(&stand, &itself, None).await.map_err(said)
        }));
    }
    let (another, server) = (name("another_of_the_same_name_is_refused"), stand.clone());
    trials.push(trial(runtime, another, async move {
        let another = Identity::by_itself(&["127.0.0.1"]).unwrap();
        match through(&server, &another, None).await {
            Ok(()) => Err("it spoke to an untrusted server".to_owned()),
            Err(error) => says_what_to_do(&error),
        }
    }));
    if stand.name.starts_with("s3") {
        let (named, stand) = (
            name("the_very_certificate_that_is_named_works"),
            stand.clone(),
        );
        trials.push(trial(runtime, named, async move {
            let another = Identity::by_itself(&["127.0.0.1"]).unwrap();
            let value = ("trustedCaCert", another.pem().to_owned());
            through(&stand, &another, Some(value)).await.map_err(said)
        }));
    }
    trials
}
