//! What is staged: a file for each put, and a directory for each upload, whose parts come and go at once with those of
//! others.

use std::time::SystemTime;

use snapstore::Result;

use crate::bucket::Bucket;
use crate::error::is_absent;

/// Removes uploads, and puts that were cut off, to which nothing has come since `idle_since`. Where the service does
/// not say when something was written, nothing is known to be idle.
pub(crate) async fn sweep(bucket: &Bucket, idle_since: SystemTime) -> Result<u64> {
    let mut swept = 0;
    for entry in bucket.entries("sweep", &bucket.place.staging()).await? {
        let path = entry.path();
        let upload = entry.metadata().is_dir();
        let mut files = match upload {
            true => bucket.entries("sweep", path).await?,
            false => Vec::new(),
        };
        if files.is_empty() {
            files.push(entry.clone());
        }
        let mut is_idle = true;
        for file in &files {
            is_idle &= is_older(bucket, file.path(), idle_since).await?;
        }
        if !is_idle {
            continue;
        }
        match upload {
            true => remove_directory(bucket, "sweep", path).await?,
            false => remove(bucket, "sweep", path).await?,
        }
        swept += 1;
    }
    Ok(swept)
}

/// Removes all that stands in the directory of an upload, and the directory.
pub(crate) async fn remove_directory(
    bucket: &Bucket,
    operation: &'static str,
    directory: &str,
) -> Result<()> {
    for entry in bucket.entries(operation, directory).await? {
        remove(bucket, operation, entry.path()).await?;
    }
    remove(bucket, operation, directory).await
}

async fn is_older(bucket: &Bucket, path: &str, than: SystemTime) -> Result<bool> {
    match bucket.operator().stat(path).await {
        Ok(metadata) => {
            let written = metadata.last_modified().map(SystemTime::from);
            Ok(written.is_some_and(|written| written < than))
        }
        // Not a moment ago: it is in use.
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(bucket.failed("sweep", &error)),
    }
}

async fn remove(bucket: &Bucket, operation: &'static str, path: &str) -> Result<()> {
    match bucket.operator().delete(path).await {
        Err(error) if !is_absent(&error) => Err(bucket.failed(operation, &error)),
        _ => Ok(()),
    }
}
