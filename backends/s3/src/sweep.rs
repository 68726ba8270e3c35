//! Leftovers of uploads whose process is gone. Nobody sees them, and everybody pays for them.

use std::time::SystemTime;

use aws_sdk_s3::types::MultipartUpload;
use snapstore::{ErrorKind, Pages, Result, printable};
use snapstore_cloud::http::odd;

use crate::answer::{Answer, time};
use crate::bucket::Bucket;
use crate::client::Client;
use crate::error::from_sdk;

const NOWHERE: &str = "there is more, and it does not say where";

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) async fn sweep(bucket: &Bucket, s3: &Client, idle_since: SystemTime) -> Result<u64> {
    let mut swept = 0;
    let mut after = (None, None);
    let mut pages = Pages::new("sweep");
    let prefix = bucket.keys.under("");
    loop {
        let answer = Answer::to("sweep", &["ListMultipartUploadsResult"]);
        let asked = s3
            .sdk
            .list_multipart_uploads()
            .bucket(&bucket.name)
            .prefix(&prefix)
            .set_key_marker(after.0)
            .set_upload_id_marker(after.1)
            .customize()
            .interceptor(answer.clone());
        let page = asked
            .send()
            .await
            .map_err(|failed| from_sdk("sweep", failed))?;
        let document = answer.document()?;
        document.echoes("Prefix", &prefix)?;
        document.holds("Upload", page.uploads().len())?;
        for upload in page.uploads() {
            if is_dead(bucket, s3, upload, idle_since).await? {
                swept += u64::from(abort(bucket, s3, upload).await?);
            }
        }
        if !document.flag("IsTruncated")? {
            return Ok(swept);
        }
        let key = page.next_key_marker.filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| odd("sweep", NOWHERE))?;
        let id = page.next_upload_id_marker.filter(|id| !id.is_empty());
        pages.page(
            Some(&format!("{key}\n{}", id.as_deref().unwrap_or_default())),
            None,
        )?;
        after = (Some(key), id);
    }
}

/// Begun before, and no part came since: a slow upload of a large object may be older than any
/// reasonable age and still alive.
async fn is_dead(
    bucket: &Bucket,
    s3: &Client,
    upload: &MultipartUpload,
    idle_since: SystemTime,
) -> Result<bool> {
    let began = time(upload.initiated());
    let (Some(began), Some(name), Some(id)) = (began, upload.key(), upload.upload_id()) else {
        let name = printable(upload.key().unwrap_or("?"));
        let what = format!("the upload of \"{name}\" has no time or no id that can be read");
        return Err(odd("sweep", what));
    };
    // A listing matches what begins alike, an upload of another's too.
    let ours = bucket.keys.entry("sweep", &bucket.keys.under(""), name)?;
    if began >= idle_since || ours.is_none() {
        return Ok(false);
    }
    let mut marker: Option<String> = None;
    let mut pages = Pages::new("sweep");
    loop {
        let answer = Answer::to("sweep", &["ListPartsResult"]);
        let asked = s3
            .sdk
            .list_parts()
            .bucket(&bucket.name)
            .key(name)
            .upload_id(id)
            .set_part_number_marker(marker)
            .customize()
            .interceptor(answer.clone());
        let page = match asked
            .send()
            .await
            .map_err(|failed| from_sdk("sweep", failed))
        {
            Ok(page) => page,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let document = answer.document()?;
        document.holds("Part", page.parts().len())?;
        let fresh = |time: SystemTime| time >= idle_since;
        if page
            .parts()
            .iter()
            .any(|part| time(part.last_modified()).is_none_or(fresh))
        {
            return Ok(false);
        }
        if !document.flag("IsTruncated")? {
            return Ok(true);
        }
        let next = page.next_part_number_marker;
        let next = next.ok_or_else(|| odd("sweep", NOWHERE))?;
        pages.page(Some(&next), None)?;
        marker = Some(next);
    }
}

/// False if somebody else has ended it.
async fn abort(bucket: &Bucket, s3: &Client, upload: &MultipartUpload) -> Result<bool> {
    let asked = s3
        .sdk
        .abort_multipart_upload()
        .bucket(&bucket.name)
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
