//! How bytes become an object: all of them, or none.

use opendal::options::{RenameOptions, WriteOptions};
use opendal::{Buffer, ErrorKind as Fault};
use snapstore::{Error, ErrorKind, Key, ObjectMeta, PutMode, Result};

use crate::bucket::Bucket;
use crate::service::Appears;

/// A service that takes an object in one request has all of it in memory meanwhile. Longer ones are refused.
const LONGEST_IN_ONE: u64 = 2 << 30;

/// What an object is made of.
pub(crate) enum Content {
    Whole(Buffer),
    /// Paths and lengths of what was staged, in order.
    Staged(Vec<(String, u64)>),
}

impl Content {
    fn size(&self) -> u64 {
        match self {
            Self::Whole(buffer) => buffer.len() as u64,
            Self::Staged(parts) => parts.iter().map(|(_, length)| length).sum(),
        }
    }
}

/// Makes the object `key` of `content`.
///
/// Errors: `AlreadyExists`; `NotFound` if the container is gone.
pub(crate) async fn publish(
    bucket: &Bucket,
    operation: &'static str,
    key: &Key,
    content: Content,
    mode: PutMode,
) -> Result<ObjectMeta> {
    let path = bucket.place.path(operation, key)?;
    let size = content.size();
    bucket.is_there(operation).await?;
    let publishing = Publishing {
        bucket,
        operation,
        path: &path,
        mode,
    };
    match bucket.service.appears {
        Appears::AtTheEnd => publishing.write_in_place(content).await?,
        Appears::ByRename | Appears::ByMove => publishing.write_and_rename(content).await?,
    }
    let there = bucket.head(operation, key, &path).await?;
    if there.size == size {
        return Ok(there);
    }
    // Or somebody has replaced it since.
    let message = format!("{size} bytes were written and {} are there", there.size);
    Err(Error::new(ErrorKind::Unexpected, operation, message).retryable())
}

struct Publishing<'a> {
    bucket: &'a Bucket,
    operation: &'static str,
    path: &'a str,
    mode: PutMode,
}

impl Publishing<'_> {
    async fn write_in_place(&self, content: Content) -> Result<()> {
        let is_new = self.mode == PutMode::CreateNew;
        let decides = self.bucket.capabilities.create_new;
        if is_new && !decides {
            self.is_free().await?;
        }
        let options = WriteOptions {
            if_not_exists: is_new && decides,
            ..WriteOptions::default()
        };
        write(self.bucket, self.operation, self.path, content, options).await
    }

    async fn write_and_rename(&self, content: Content) -> Result<()> {
        let place = &self.bucket.place;
        let staged = match self.mode {
            PutMode::CreateNew => place.staged(&fresh_name()),
            PutMode::Overwrite => format!("{}{}", place.replacing(self.path), fresh_name()),
        };
        let renamed = async {
            let options = WriteOptions::default();
            write(self.bucket, self.operation, &staged, content, options).await?;
            self.rename(&staged).await
        };
        let renamed = renamed.await;
        if renamed.is_err() {
            // The first failure is what the caller must hear of; the rest is cleaned up by age.
            let _ = self.bucket.operator().delete(&staged).await;
        }
        renamed
    }

    async fn rename(&self, staged: &str) -> Result<()> {
        let is_new = self.mode == PutMode::CreateNew;
        let decides = self.bucket.capabilities.create_new;
        if is_new && !decides {
            self.is_free().await?;
        }
        let options = RenameOptions {
            if_not_exists: is_new && decides,
        };
        let operator = self.bucket.operator();
        let renamed = operator.rename_options(staged, self.path, options).await;
        renamed.map_err(|error| refused(self.bucket, self.operation, &error))
    }

    async fn is_free(&self) -> Result<()> {
        match self.bucket.look(self.operation, self.path).await? {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::AlreadyExists, self.operation, "")),
        }
    }
}

/// A name that nobody has used.
pub(crate) fn fresh_name() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// Writes `content` to `path`, in as many requests as the service takes.
pub(crate) async fn write(
    bucket: &Bucket,
    operation: &'static str,
    path: &str,
    content: Content,
    options: WriteOptions,
) -> Result<()> {
    let parts = match content {
        Content::Whole(buffer) => return in_one(bucket, operation, path, buffer, options).await,
        Content::Staged(parts) if bucket.service.can.write_can_multi => parts,
        Content::Staged(parts) => {
            let whole = in_memory(bucket, operation, &parts).await?;
            return in_one(bucket, operation, path, whole, options).await;
        }
    };
    let failed = |error: opendal::Error| refused(bucket, operation, &error);
    let writer = bucket.operator().writer_options(path, options).await;
    let mut writer = writer.map_err(failed)?;
    let written = async {
        for (part, length) in &parts {
            let piece = staged(bucket, operation, part, *length).await?;
            writer.write(piece).await.map_err(failed)?;
        }
        writer.close().await.map_err(failed)
    };
    let written = written.await;
    if written.is_err() {
        let _ = writer.abort().await;
    }
    written.map(drop)
}

async fn in_one(
    bucket: &Bucket,
    operation: &'static str,
    path: &str,
    buffer: Buffer,
    options: WriteOptions,
) -> Result<()> {
    let written = bucket.operator().write_options(path, buffer, options).await;
    let written = written.map_err(|error| refused(bucket, operation, &error));
    written.map(drop)
}

async fn in_memory(
    bucket: &Bucket,
    operation: &'static str,
    parts: &[(String, u64)],
) -> Result<Buffer> {
    let size: u64 = parts.iter().map(|(_, length)| length).sum();
    if size > LONGEST_IN_ONE {
        let message = format!(
            "the service {} takes an object in one request, with all of it in memory: {size} bytes are more \
             than {LONGEST_IN_ONE}",
            bucket.service.name
        );
        return Err(Error::new(ErrorKind::Unsupported, operation, message));
    }
    let mut pieces = Vec::new();
    for (part, length) in parts {
        pieces.extend(staged(bucket, operation, part, *length).await?);
    }
    Ok(Buffer::from(pieces))
}

/// What was staged at `path`.
async fn staged(
    bucket: &Bucket,
    operation: &'static str,
    path: &str,
    length: u64,
) -> Result<Buffer> {
    let read = bucket.operator().read(path).await;
    let piece = read.map_err(|error| bucket.failed(operation, &error))?;
    if piece.len() as u64 == length {
        return Ok(piece);
    }
    let message = format!("a part of {length} bytes was read as {}", piece.len());
    Err(Error::new(ErrorKind::Unexpected, operation, message).retryable())
}

/// A condition that was asked for and does not hold: the key is taken.
fn refused(bucket: &Bucket, operation: &'static str, error: &opendal::Error) -> Error {
    match error.kind() {
        Fault::ConditionNotMatch => Error::new(ErrorKind::AlreadyExists, operation, ""),
        _ => bucket.failed(operation, error),
    }
}
