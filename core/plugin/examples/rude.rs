//! A plugin that misbehaves when it is asked to, for the tests of the boundary. No model for yours.
#![allow(
    clippy::panic,
    clippy::disallowed_methods,
    reason = "this is what it is for"
)]

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

snapstore_plugin::export_snapstore!(open);

fn open(config: &str) -> Result<Arc<dyn Snapstore>> {
    if config.contains("panic-at-open") {
        panic!("it opened badly");
    }
    Ok(Arc::new(Rude(MemoryStore::new())))
}

/// Does what the key says.
#[derive(Debug)]
struct Rude(MemoryStore);

#[async_trait]
impl Snapstore for Rude {
    fn location(&self) -> &Location {
        self.0.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        match key.as_str() {
            "panic" => panic!("asked to"),
            // Not even async: it keeps its thread.
            "hang" => std::thread::sleep(Duration::from_secs(3)),
            "busy" => {
                let error = Error::new(ErrorKind::RateLimited, "put", "slow down");
                return Err(error.retryable());
            }
            _ => {}
        }
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
