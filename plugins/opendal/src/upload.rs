//! Objects that arrive in parts, each of which is staged as an object of its own: OpenDAL's writer takes
//! parts in order, and each of them once.

use std::sync::Arc;

use async_trait::async_trait;
use opendal::Buffer;
use opendal::options::WriteOptions;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, Result, Upload, UploadOptions,
};
use tokio::sync::Mutex;

use crate::bucket::Bucket;
use crate::publish::{Content, fresh_name, publish, write};
use crate::service::Appears;
use crate::sweep::remove_directory;

/// An object on its way.
#[derive(Debug)]
pub(crate) struct OpendalUpload {
    bucket: Arc<Bucket>,
    key: Key,
    options: UploadOptions,
    name: String,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open,
    Finished(ObjectMeta),
    Aborted,
}

impl OpendalUpload {
    /// Its directory is made here, where there are some: of parts that come at once, each would make it, and servers
    /// answer one of them with an error.
    pub(crate) async fn start(
        bucket: Arc<Bucket>,
        key: &Key,
        options: UploadOptions,
    ) -> Result<Self> {
        let upload = Self {
            bucket,
            key: key.clone(),
            options,
            name: fresh_name(),
            state: Mutex::new(State::Open),
        };
        let bucket = &upload.bucket;
        if bucket.service.appears != Appears::AtTheEnd {
            let made = bucket.operator().create_dir(&upload.directory()).await;
            made.map_err(|error| bucket.failed("start_upload", &error))?;
        }
        Ok(upload)
    }

    /// Where a part is. A part that is sent again has a path of its own: one that nobody waits for any more may still
    /// be on its way.
    fn path(&self, number: u32, attempt: &str) -> String {
        format!("{}{number}-{attempt}", self.directory())
    }

    fn directory(&self) -> String {
        self.bucket.place.staged(&format!("{}/", self.name))
    }

    /// The paths and lengths that receipts stand for.
    fn staged(&self, parts: &[PartReceipt]) -> Result<Vec<(String, u64)>> {
        let read = |receipt: &PartReceipt| {
            let (length, attempt) = receipt.token.split_once('-')?;
            let length = length.parse().ok()?;
            let fits = self.options.fits(receipt.number, parts.len(), length);
            let is_ours = attempt.bytes().all(|byte| byte.is_ascii_hexdigit());
            (fits && is_ours).then(|| (self.path(receipt.number, attempt), length))
        };
        PartReceipt::in_order(parts, read).map_err(|error| error.about(&self.key))
    }
}

#[async_trait]
impl Upload for OpendalUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let about = |error: Error| error.about(&self.key);
        let length = data.len() as u64;
        let limits = self.bucket.capabilities.uploads.as_ref();
        let most = limits.map_or(0, |limits| limits.max_parts);
        self.options.admit(number, length, most).map_err(about)?;
        if matches!(*self.state.lock().await, State::Aborted) {
            return Err(over("part").with_key(&self.key));
        }
        let attempt = fresh_name();
        let path = self.path(number, &attempt);
        let content = Content::Whole(Buffer::from(data));
        let options = WriteOptions::default();
        let written = write(&self.bucket, "part", &path, content, options).await;
        written.map_err(about)?;
        Ok(PartReceipt {
            number,
            token: format!("{length}-{attempt}"),
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Finished(meta) => return Ok(meta.clone()),
            State::Aborted => return Err(over("complete").with_key(&self.key)),
            State::Open => {}
        }
        let content = Content::Staged(self.staged(parts)?);
        let mode = self.options.mode;
        let done = publish(&self.bucket, "complete", &self.key, content, mode).await;
        let meta = done.map_err(|error| error.about(&self.key))?;
        *state = State::Finished(meta.clone());
        // The object is there; parts that stay are cleaned up by age.
        let _ = remove_directory(&self.bucket, "complete", &self.directory()).await;
        Ok(meta)
    }

    async fn abort(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        if matches!(*state, State::Finished(_)) {
            return Ok(());
        }
        *state = State::Aborted;
        let removed = remove_directory(&self.bucket, "abort", &self.directory()).await;
        removed.map_err(|error| error.about(&self.key))
    }
}

fn over(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation, "the upload was given up")
}
