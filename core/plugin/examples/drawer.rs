//! A plugin that reads: the files below the directory that is its container. Nothing can be put into it, or taken out of it.
//!
//! `cargo build -p snapstore-plugin --example drawer` makes `libdrawer.so`.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use futures::FutureExt;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

snapstore_plugin::export_snapstore!(open);

/// The files are read once: what is put there later is not seen.
fn open(config: &str) -> Result<Arc<dyn Snapstore>> {
    let wrong = |why: String| Error::new(ErrorKind::Config, "open", why);
    let config: serde_json::Value =
        serde_json::from_str(config).map_err(|error| wrong(error.to_string()))?;
    let container = config["container"].as_str().unwrap_or_default();
    let store = MemoryStore::new();
    let read = fill(&store, Path::new(container), "");
    read.map_err(|error| wrong(format!("{container}: {error}")))?;
    Ok(Arc::new(Drawer(store)))
}

fn fill(store: &MemoryStore, root: &Path, below: &str) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = match below {
            "" => name,
            below => format!("{below}/{name}"),
        };
        if entry.file_type()?.is_dir() {
            fill(store, root, &path)?;
        } else if let Ok(key) = Key::new(&path) {
            let bytes = fs::read(root.join(&path))?;
            // A store in memory waits for nobody.
            let put = store.put(&key, bytes.into(), PutOptions::default());
            put.now_or_never().transpose().map_err(io::Error::other)?;
        }
    }
    Ok(())
}

#[derive(Debug)]
struct Drawer(MemoryStore);

fn closed(operation: &'static str) -> Error {
    let message = "this drawer is only looked into";
    Error::new(ErrorKind::Denied, operation, message)
}

#[async_trait]
impl Snapstore for Drawer {
    fn location(&self) -> &Location {
        self.0.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    async fn put(&self, key: &Key, _data: Bytes, _options: PutOptions) -> Result<ObjectMeta> {
        Err(closed("put").with_key(key))
    }

    async fn start_upload(&self, key: &Key, _options: UploadOptions) -> Result<Box<dyn Upload>> {
        Err(closed("start_upload").with_key(key))
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
        Err(closed("delete").with_key(&object.key))
    }

    async fn sweep(&self, _idle_since: SystemTime) -> Result<u64> {
        Err(closed("sweep"))
    }
}
