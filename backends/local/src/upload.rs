use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, Result, Upload, UploadOptions,
};
use tempfile::{NamedTempFile, TempPath};
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
    Open(Arc<Staged>),
    Finished(ObjectMeta),
    Aborted,
}

/// The staging file, until it is the object. A part is written under the lock for reading: one that nobody waits for any
/// more must not write into an object that is complete.
#[derive(Debug)]
struct Staged(RwLock<Option<TempPath>>);

impl Staged {
    fn write(&self, data: &[u8], offset: u64) -> io::Result<()> {
        let path = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let path = path.as_ref().ok_or_else(over)?;
        let file = fs::OpenOptions::new().write(true).open(path)?;
        file.write_all_at(data, offset)
    }

    /// What `publish` makes of the first `total` bytes. If it fails, all parts stay as they were.
    fn complete<T>(
        &self,
        total: u64,
        root: &Path,
        publish: impl FnOnce(NamedTempFile) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut staged = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let path = staged.as_ref().ok_or_else(over)?;
        let published = publish(whole(path, total, root)?)?;
        *staged = None;
        Ok(published)
    }
}

fn over() -> io::Error {
    io::Error::other("the upload is over")
}

/// The first `total` bytes of `path` as a file of its own. The disk holds them once where all of it is wanted: a second name is
/// as good as a copy, since nothing is written into it any more.
fn whole(path: &Path, total: u64, root: &Path) -> io::Result<NamedTempFile> {
    let there = fs::metadata(path)?.len();
    if there < total {
        let why = format!("{there} of {total} bytes are there");
        return Err(io::Error::other(why));
    }
    if there == total
        && let Some(whole) = publish::stage_again(root, path)?
    {
        return Ok(whole);
    }
    let mut whole = publish::stage(root)?;
    io::copy(&mut fs::File::open(path)?.take(total), &mut whole)?;
    Ok(whole)
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
        let state = Mutex::new(State::Open(Arc::new(Staged(RwLock::new(Some(
            staged.into_temp_path(),
        ))))));
        Ok(Self {
            bucket,
            target,
            key: key.clone(),
            options,
            state,
        })
    }

    async fn staged(&self, operation: &'static str) -> Result<Arc<Staged>> {
        match &*self.state.lock().await {
            State::Open(staged) => Ok(staged.clone()),
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
            staged.write(&data, offset)
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
            let publish = |whole| publish::publish(whole, &root, &target, mode);
            let metadata = staged.complete(total, &root, publish)?;
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
