//! A whole plugin in Rust: objects on a shelf in memory.
//!
//! `cargo build -p snapstore-plugin --example shelf` makes `libshelf.so`.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Key, ListPage, ListRequest, Location, ObjectId, ObjectMeta,
    PutOptions, Result, Snapstore, Upload, UploadOptions,
};

snapstore_plugin::export_snapstore!(open);

/// Called once for each store that the host opens, with its configuration as JSON.
fn open(_config: &str) -> Result<Arc<dyn Snapstore>> {
    Ok(Arc::new(Shelf(MemoryStore::new())))
}

/// Where this keeps its objects in memory, yours would talk to a service.
#[derive(Debug)]
struct Shelf(MemoryStore);

#[async_trait]
impl Snapstore for Shelf {
    fn location(&self) -> &Location {
        self.0.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.0.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.0.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.0.get(object, range).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.0.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.0.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.0.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.0.sweep(idle_since).await
    }
}
