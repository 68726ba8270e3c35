//! Leftovers of uploads whose process is gone. Nobody sees them, and everybody pays for them.

use std::time::SystemTime;

use aws_sdk_s3::types::MultipartUpload;
use snapstore::{ErrorKind, Result};

use crate::client::S3;
use crate::error::from_sdk;
use crate::read::time;
use crate::store::Shared;

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) async fn sweep(shared: &Shared, s3: &S3, idle_since: SystemTime) -> Result<u64> {
    let mut swept = 0;
    let mut after = (None, None);
    loop {
        let asked = s3
            .sdk
            .list_multipart_uploads()
            .bucket(&shared.bucket)
            .prefix(shared.keys.under(""))
            .set_key_marker(after.0)
            .set_upload_id_marker(after.1);
        let page = asked
            .send()
            .await
            .map_err(|failed| from_sdk("sweep", failed))?;
        for upload in page.uploads() {
            if is_dead(shared, s3, upload, idle_since).await? {
                swept += u64::from(abort(shared, s3, upload).await?);
            }
        }
        after = (page.next_key_marker, page.next_upload_id_marker);
        if !page.is_truncated.unwrap_or(false) || after.0.is_none() {
            return Ok(swept);
        }
    }
}

/// Begun before, and no part came since: a slow upload of a large object may be older than any
/// reasonable age and still alive.
async fn is_dead(
    shared: &Shared,
    s3: &S3,
    upload: &MultipartUpload,
    idle_since: SystemTime,
) -> Result<bool> {
    let began = time(upload.initiated());
    let (Some(began), Some(name), Some(id)) = (began, upload.key(), upload.upload_id()) else {
        return Ok(false);
    };
    // A listing matches what begins alike, an upload of another's too.
    if began >= idle_since || shared.keys.key(name).is_none() {
        return Ok(false);
    }
    let mut marker = None;
    loop {
        let asked = s3
            .sdk
            .list_parts()
            .bucket(&shared.bucket)
            .key(name)
            .upload_id(id)
            .set_part_number_marker(marker);
        let page = match asked
            .send()
            .await
            .map_err(|failed| from_sdk("sweep", failed))
        {
            Ok(page) => page,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let fresh = |time: SystemTime| time >= idle_since;
        if page
            .parts()
            .iter()
            .any(|part| time(part.last_modified()).is_none_or(fresh))
        {
            return Ok(false);
        }
        marker = page.next_part_number_marker;
        if !page.is_truncated.unwrap_or(false) || marker.is_none() {
            return Ok(true);
        }
    }
}

/// False if somebody else has ended it.
async fn abort(shared: &Shared, s3: &S3, upload: &MultipartUpload) -> Result<bool> {
    let asked = s3
        .sdk
        .abort_multipart_upload()
        .bucket(&shared.bucket)
        .set_key(upload.key.clone())
        .set_upload_id(upload.upload_id.clone());
    match asked
        .send()
        .await
        .map_err(|failed| from_sdk("sweep", failed))
    {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
