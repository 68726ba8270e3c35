//! The suite as others use it: a store of their own, and one line.

use std::sync::Arc;

use snapstore::Snapstore;
use snapstore::memory::MemoryStore;

async fn open() -> snapstore::Result<Arc<dyn Snapstore>> {
    Ok(Arc::new(MemoryStore::new()))
}

conformance_tests::main!(open);
