//! The directory, and what the store and its uploads need alike. Nothing is asked of it when the store
//! is opened: the first write makes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use snapstore::{Capabilities, Error, ErrorKind, Key, ObjectId, Result, UploadLimits};

use crate::config::Settings;
use crate::files::blocking;
use crate::layout;
use crate::publish::STAGING;

/// The file system has no limit; as with other providers.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// A directory that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) root: Arc<Path>,
    pub(crate) capabilities: Capabilities,
    /// Whether the directory was there at some time.
    seen: AtomicBool,
}

impl Bucket {
    pub(crate) fn open(settings: Settings) -> Self {
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.service = service(&settings.root);
        // The kernel takes each byte, or says why not: no link lies between.
        capabilities.checks_content = true;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 30),
            max_parts: MOST_PARTS,
        });
        Self {
            root: settings.root.into(),
            capabilities,
            seen: AtomicBool::new(false),
        }
    }

    /// Refuses to work on a directory that was there and is gone: it would be made anew without what it held, and its
    /// listing be that of a store without backups. A volume that was unmounted comes back.
    pub(crate) async fn is_there(&self, operation: &'static str) -> Result<()> {
        let root = self.root.clone();
        let look = move || Ok(root.is_dir());
        if blocking(operation, None, &self.root, look).await? {
            self.seen.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if !self.seen.load(Ordering::Relaxed) {
            return Ok(());
        }
        let message = format!(
            "the directory {} was there and is gone, and is not made anew: mount it, or put it back",
            self.root.display()
        );
        Err(Error::new(ErrorKind::Unexpected, operation, message).retryable())
    }

    /// It was made by a write.
    pub(crate) fn is_made(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }

    /// The file of `key`.
    pub(crate) fn path(&self, operation: &'static str, key: &Key) -> Result<PathBuf> {
        if key.as_str().split('/').next() == Some(STAGING) {
            let message = format!("keys under {STAGING} are the store's own");
            return Err(Error::new(ErrorKind::Config, operation, message).with_key(key));
        }
        let mut segments = key.as_str().split('/');
        if let Some(name) = segments.find(|name| layout::is_of_file_server(name)) {
            let message = format!("files called {name} are the file server's, and never listed");
            return Err(Error::new(ErrorKind::Config, operation, message).with_key(key));
        }
        Ok(self.root.join(key.as_str()))
    }

    /// The file of `object`, which has no version.
    pub(crate) fn addressed(&self, operation: &'static str, object: &ObjectId) -> Result<PathBuf> {
        self.capabilities.check_version(operation, object)?;
        self.path(operation, &object.key)
    }
}

/// What all directories of this machine are a part of.
fn service(root: &Path) -> Option<String> {
    // One whose path is no text cannot be named to another store.
    root.to_str().map(|_| "file".to_owned())
}
