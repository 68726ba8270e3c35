use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use futures::StreamExt;
use snapstore::{
    ByteStream, Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest,
    Location, ObjectId, ObjectMeta, PutOptions, Result, Snapstore, Upload, UploadLimits,
    UploadOptions, Versions,
};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::error::{Fault, from_io};
use crate::layout;
use crate::publish::{self, STAGING};
use crate::upload::LocalUpload;
use crate::walk;

/// Bytes read from the disk at once.
const PIECE: usize = 256 * 1024;

/// A [`Snapstore`] on a directory.
#[derive(Debug)]
pub struct LocalStore {
    root: Arc<Path>,
    location: Location,
    capabilities: Capabilities,
}

impl LocalStore {
    /// The objects below `root`. The directory is made by the first write, not before: opening a
    /// store changes nothing.
    pub fn new(root: PathBuf) -> Self {
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 30),
            max_parts: 10_000,
        });
        let bucket = root.display().to_string();
        Self {
            root: root.into(),
            location: Location {
                scheme: "file",
                bucket,
                prefix: String::new(),
            },
            capabilities,
        }
    }

    fn path(&self, operation: &'static str, key: &Key) -> Result<PathBuf> {
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

    fn addressed(&self, operation: &'static str, object: &ObjectId) -> Result<PathBuf> {
        if object.version.is_some() {
            let message = "a directory keeps no versions";
            return Err(
                Error::new(ErrorKind::Unsupported, operation, message).with_key(&object.key)
            );
        }
        self.path(operation, &object.key)
    }
}

/// Runs file operations where waiting for the disk holds up nothing else.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    key: Option<&Key>,
    path: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let at = path.to_owned();
    on_disk(operation, key, path, move || work().map_err(Fault::at(at))).await
}

/// As [`blocking`], for work that goes from path to path and says at which one it failed.
async fn on_disk<T: Send + 'static>(
    operation: &'static str,
    key: Option<&Key>,
    path: &Path,
    work: impl FnOnce() -> std::result::Result<T, Fault> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|died| Err(Fault::at(path)(died.into())));
    done.map_err(|fault| from_io(operation, key, &fault.path, fault.cause))
}

/// A file as an object; `None` for a directory, which is none.
pub(crate) fn describe(key: &Key, metadata: &Metadata) -> io::Result<Option<ObjectMeta>> {
    if !metadata.is_file() {
        return Ok(None);
    }
    Ok(Some(ObjectMeta {
        id: key.clone().into(),
        size: metadata.len(),
        modified: Some(metadata.modified()?),
        etag: Some(tag(metadata)),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    }))
}

/// Differs when the content does: objects are written under another name and renamed, so that each
/// has an inode of its own.
fn tag(metadata: &Metadata) -> String {
    let (inode, size) = (metadata.ino(), metadata.len());
    let (seconds, nanoseconds) = (metadata.mtime(), metadata.mtime_nsec());
    format!("{inode:x}-{size:x}-{seconds:x}.{nanoseconds:x}")
}

fn look(key: &Key, path: &Path) -> io::Result<ObjectMeta> {
    describe(key, &fs::metadata(path)?)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[async_trait]
impl Snapstore for LocalStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (root, path, name) = (self.root.clone(), self.path("put", key)?, key.clone());
        blocking("put", Some(key), &path.clone(), move || {
            let mut staged = publish::stage(&root)?;
            staged.write_all(&data)?;
            let metadata = publish::publish(staged, &root, &path, options.mode)?;
            describe(&name, &metadata)?.ok_or_else(|| io::ErrorKind::NotFound.into())
        })
        .await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let path = self.path("start_upload", key)?;
        Ok(Box::new(
            LocalUpload::start(self.root.clone(), path, key.clone(), options).await?,
        ))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let (path, key) = (self.addressed("get", object)?, object.key.clone());
        let at = path.clone();
        let (file, meta, range) = blocking("get", Some(&object.key), &at, move || {
            let mut file = File::open(&path)?;
            // Of the open file, not of the path: another may have taken the name by now.
            let meta = describe(&key, &file.metadata()?)?.ok_or(io::ErrorKind::NotFound)?;
            let range = range.unwrap_or(0..meta.size);
            let end = range.end.min(meta.size);
            let start = range.start.min(end);
            file.seek(SeekFrom::Start(start))?;
            Ok((file, meta, start..end))
        })
        .await?;
        let body = body(file, range.clone(), object.key.clone(), at);
        Ok(Download { meta, range, body })
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let (path, key) = (self.addressed("head", object)?, object.key.clone());
        let at = path.clone();
        blocking("head", Some(&object.key), &at, move || look(&key, &path)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        if request.versions == Versions::All {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "list",
                "a directory keeps no versions",
            ));
        }
        let (root, prefix) = (self.root.clone(), request.prefix.clone());
        let walk = move || walk::objects(&root, &prefix);
        let objects = on_disk("list", None, &self.root, walk).await?;
        Ok(ListPage {
            objects,
            next: None,
        })
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let (root, path) = (self.root.clone(), self.addressed("delete", object)?);
        blocking("delete", Some(&object.key), &path.clone(), move || {
            publish::remove(&root, &path)
        })
        .await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let root = self.root.clone();
        let at = root.join(STAGING);
        blocking("sweep", None, &at, move || {
            publish::sweep(&root, idle_since)
        })
        .await
    }
}

/// The bytes of `range`; a file that ends before it is damage, not an end.
fn body(file: File, range: Range<u64>, key: Key, path: PathBuf) -> ByteStream {
    let length = range.end - range.start;
    let limited = tokio::fs::File::from_std(file).take(length);
    let mut seen = 0;
    let pieces = ReaderStream::with_capacity(limited, PIECE).map(move |piece| piece.map(Some));
    let with_end = pieces.chain(futures::stream::iter([Ok(None)]));
    Box::pin(with_end.filter_map(move |piece| {
        let item = match piece {
            Ok(Some(bytes)) => {
                seen += bytes.len() as u64;
                Some(Ok(bytes))
            }
            Ok(None) if seen < length => {
                let message = format!("the file ended after {seen} of {length} bytes");
                Some(Err(
                    Error::new(ErrorKind::Corrupt, "get", message).with_key(&key)
                ))
            }
            Ok(None) => None,
            Err(cause) => Some(Err(from_io("get", Some(&key), &path, cause))),
        };
        futures::future::ready(item)
    }))
}
