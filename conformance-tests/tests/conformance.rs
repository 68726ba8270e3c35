//! Every promise of the contract, on every store of this workspace.
#![allow(clippy::print_stderr, reason = "a failure must be repeatable")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, reason = "each test program uses its part")]
mod targets;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use conformance_tests::{Faulty, NoWaiting, Target};
use snapstore::clock::Clock;
use snapstore::layers::{Backoff, Patience, Resume, Retry};
use snapstore::memory::MemoryStore;
use snapstore::{Error, Snapstore};
use snapstore_local::LocalStore;

fn main() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut all = of_this_process(dir.path());
    all.extend(runtime.block_on(targets::s3::targets(dir.path())));
    all.extend(runtime.block_on(targets::swift::targets(dir.path())));
    let (abs, _stub) = runtime.block_on(targets::abs::targets(dir.path()));
    all.extend(abs);
    let (gcs, _servers) = runtime.block_on(targets::gcs::targets());
    all.extend(gcs);
    let (oss, _emulator) = targets::oss::targets(dir.path());
    all.extend(oss);
    conformance_tests::run(all)
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
    let patient = Backoff {
        tries: 60,
        ..Backoff::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(NoWaiting);
    let faulty = Arc::new(Faulty::new(memory, 10, seed));
    let patience = Patience::new(patient, clock, seed);
    let retry = Arc::new(Retry::new(faulty, patience.clone()));
    Arc::new(Resume::new(retry, patience))
}
