use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, Result, Upload, UploadOptions,
};
use tempfile::TempPath;
use tokio::sync::Mutex;

use crate::bucket::{Bucket, MOST_PARTS};
use crate::files::{blocking, describe};
use crate::publish;

/// An object on its way: one staging file, each part written at its own place.
#[derive(Debug)]
pub(crate) struct LocalUpload {
    bucket: Arc<Bucket>,
    target: PathBuf,
    key: Key,
    options: UploadOptions,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Open(Arc<TempPath>),
    Finished(ObjectMeta),
    Aborted,
}

impl LocalUpload {
    pub(crate) async fn start(
        bucket: Arc<Bucket>,
        key: &Key,
        options: UploadOptions,
    ) -> Result<Self> {
        let target = bucket.path("start_upload", key)?;
        let at = bucket.root.clone();
        let stage = move || publish::stage(&at);
        let staged = blocking("start_upload", Some(key), &bucket.root, stage).await?;
        let state = Mutex::new(State::Open(Arc::new(staged.into_temp_path())));
        Ok(Self {
            bucket,
            target,
            key: key.clone(),
            options,
            state,
        })
    }

    async fn staged(&self, operation: &'static str) -> Result<Arc<TempPath>> {
        match &*self.state.lock().await {
            State::Open(path) => Ok(path.clone()),
            _ => Err(
                Error::new(ErrorKind::NotFound, operation, "the upload is over")
                    .with_key(&self.key),
            ),
        }
    }

    /// The length of the whole, if the parts make one.
    fn total(&self, parts: &[PartReceipt]) -> Result<u64> {
        let length = |receipt: &PartReceipt| {
            let length: u64 = receipt.token.parse().ok()?;
            let fits = self.options.fits(receipt.number, parts.len(), length);
            fits.then_some(length)
        };
        let lengths = PartReceipt::in_order(parts, length);
        let lengths = lengths.map_err(|error| error.about(&self.key))?;
        Ok(lengths.into_iter().sum())
    }
}

#[async_trait]
impl Upload for LocalUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let length = data.len() as u64;
        let admitted = self.options.admit(number, length, MOST_PARTS);
        admitted.map_err(|error| error.about(&self.key))?;
        let staged = self.staged("part").await?;
        let offset = u64::from(number - 1) * self.options.part_size;
        blocking("part", Some(&self.key), &self.bucket.root, move || {
            fs::OpenOptions::new()
                .write(true)
                .open(&*staged)?
                .write_all_at(&data, offset)
        })
        .await?;
        Ok(PartReceipt {
            number,
            token: length.to_string(),
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let total = self.total(parts)?;
        let mut state = self.state.lock().await;
        let staged = match &*state {
            State::Finished(meta) => return Ok(meta.clone()),
            State::Aborted => {
                return Err(
                    Error::new(ErrorKind::NotFound, "complete", "the upload was aborted")
                        .with_key(&self.key),
                );
            }
            State::Open(staged) => staged.clone(),
        };
        let (root, target) = (self.bucket.root.clone(), self.target.clone());
        let mode = self.options.mode;
        let key = self.key.clone();
        let meta = blocking("complete", Some(&self.key), &self.target, move || {
            // A copy, so that a refused name leaves the parts as they were.
            let mut whole = publish::stage(&root)?;
            let copied = io::copy(&mut fs::File::open(&*staged)?, &mut whole)?;
            if copied < total {
                return Err(io::Error::other(format!(
                    "{copied} of {total} bytes are there"
                )));
            }
            whole.as_file().set_len(total)?;
            whole.seek(SeekFrom::Start(0))?;
            whole.flush()?;
            let metadata = publish::publish(whole, &root, &target, mode)?;
            describe(&key, &metadata)?.ok_or_else(|| io::ErrorKind::NotFound.into())
        })
        .await?;
        *state = State::Finished(meta.clone());
        Ok(meta)
    }

    async fn abort(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        if let State::Open(_) = &*state {
            *state = State::Aborted;
        }
        Ok(())
    }
}
