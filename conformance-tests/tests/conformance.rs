//! Every promise of the contract, on every store of this workspace.

use std::process::ExitCode;
use std::sync::Arc;

use conformance_tests::Target;
use snapstore::memory::MemoryStore;
use snapstore::{Error, Snapstore};
use snapstore_local::LocalStore;

fn main() -> ExitCode {
    let dir = match tempfile::tempdir() {
        Ok(dir) => Arc::new(dir),
        Err(_) => return ExitCode::FAILURE,
    };
    let memory = MemoryStore::new();
    conformance_tests::run(vec![
        Target::new("memory", move || {
            let store: Arc<dyn Snapstore> = Arc::new(memory.clone());
            async { Ok(store) }
        }),
        Target::new("local", move || {
            let store: Arc<dyn Snapstore> = Arc::new(LocalStore::new(dir.path().to_owned()));
            async { Ok::<_, Error>(store) }
        }),
    ])
}
