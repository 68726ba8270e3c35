//! Every promise of the contract, on every store of this workspace.
#![allow(clippy::print_stderr, reason = "a failure must be repeatable")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use conformance_tests::{Faulty, NoWaiting, Target};
use snapstore::clock::Clock;
use snapstore::layers::{Backoff, Resume, Retry, RetryPolicy};
use snapstore::memory::MemoryStore;
use snapstore::{Error, Snapstore};
use snapstore_local::LocalStore;
use testkit::proxy::Proxy;
use testkit::stores;
use testkit::stores::Place;
use testkit::stub::Stub;

fn main() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut all = of_this_process(dir.path());
    let oss = stores::oss::emulator();
    let (azure, google) = (Stub::azure().unwrap(), Stub::gcs().unwrap());
    let (azure_retains, google_retains) = (Stub::azure().unwrap(), Stub::gcs().unwrap());
    let mut proxies = Vec::new();
    let places = runtime.block_on(on_servers(dir.path(), &mut proxies));
    for (name, variable) in stores::VARIABLES {
        if places.iter().all(|place| place.name != name) {
            all.push(Target::unknown(name, variable));
        }
    }
    all.extend(places.into_iter().map(Place::target));
    let straight = &mut |url: &str| url.to_owned();
    let own = stores::oss::places(&oss, dir.path(), straight);
    all.extend(own.into_iter().map(Place::target));
    all.push(stores::abs::on_stub(&azure, dir.path()).target());
    all.push(stores::gcs::on_stub(&google).target());
    all.push(stores::abs::on_retaining(&azure_retains, dir.path()).target());
    all.push(stores::gcs::on_retaining(&google_retains).target());
    if let Some(name) = required_by_mistake(&all) {
        eprintln!("REQUIRE_TARGETS names {name:?}, and there is no such target");
        return ExitCode::FAILURE;
    }
    conformance_tests::run(all)
}

/// A name that no target has would require nothing.
fn required_by_mistake(targets: &[Target]) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let required = std::env::var("REQUIRE_TARGETS").unwrap_or_default();
    let is_known = |name: &str| {
        let begins = |target: &Target| target.name().split('(').next() == Some(name);
        name.is_empty() || targets.iter().any(begins)
    };
    let mut names = required.split(',').map(|name| name.trim().to_owned());
    names.find(|name| !is_known(name))
}

/// Those on the servers that variables name, and the proxies that they need.
async fn on_servers(room: &Path, proxies: &mut Vec<Proxy>) -> Vec<Place> {
    let straight = &mut |url: &str| url.to_owned();
    let mut places = stores::s3::places(room, straight).await;
    places.extend(stores::abs::places(room, straight).await);
    places.extend(stores::swift::places(room, straight).await);
    let mut through_proxy = |url: &str| {
        proxies.push(Proxy::start(url).unwrap());
        proxies.last().unwrap().url().to_owned()
    };
    places.extend(stores::gcs::places(&mut through_proxy).await);
    places
}

/// Those that need no server.
fn of_this_process(room: &Path) -> Vec<Target> {
    let memory = MemoryStore::new();
    let failing = MemoryStore::new();
    let files = room.join("local");
    vec![
        Target::new("memory", move || {
            let store: Arc<dyn Snapstore> = Arc::new(memory.clone());
            async { Ok(store) }
        }),
        Target::new("faulty", move || {
            let store = dressed(Arc::new(MemoryStore::clone(&failing)));
            async { Ok(store) }
        }),
        Target::new("local", move || {
            let store: Arc<dyn Snapstore> = Arc::new(LocalStore::new(files.clone()));
            async { Ok::<_, Error>(store) }
        }),
    ]
}

/// Every tenth call fails, and under the layers no promise may be broken by it.
fn dressed(memory: Arc<dyn Snapstore>) -> Arc<dyn Snapstore> {
    let seed = fastrand::u64(..);
    eprintln!("faulty: seed {seed}");
    let retrying = Backoff {
        attempts: 60,
        ..Backoff::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(NoWaiting);
    let faulty = Arc::new(Faulty::new(memory, 10, seed));
    let policy = RetryPolicy::new(retrying, clock, seed);
    let retry = Arc::new(Retry::new(faulty, policy.clone()));
    Arc::new(Resume::new(retry, policy))
}
