//! Leftovers of uploads whose process is gone. Nobody sees them, and everybody pays for them.

use std::time::SystemTime;

use http::Method;
use snapstore::{Error, Pages, Result, printable};
use snapstore_cloud::from_rfc3339;
use snapstore_cloud::http::{absent, broken, odd};

use crate::bucket::Bucket;
use crate::client::{Call, Client};
use crate::xml::{self, Parts, Pending, Uploads, decoded};

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) async fn sweep(bucket: &Bucket, oss: &Client, idle_since: SystemTime) -> Result<u64> {
    let under = bucket.keys.under("");
    let mut swept = 0;
    let mut after = (None, None);
    let mut pages = Pages::new("sweep");
    loop {
        let call = Call::bucket("sweep")
            .with("uploads", "")
            .with("encoding-type", "url")
            .maybe("key-marker", after.0)
            .with("max-uploads", "1000")
            .with("prefix", &under)
            .maybe("upload-id-marker", after.1);
        let body = oss.send(call).await?.bytes().await;
        let page: Uploads = xml::parse(
            "sweep",
            xml::UPLOADS,
            &body.map_err(|error| broken("sweep", error))?,
        )?;
        for upload in &page.upload {
            let name = decoded(&upload.key).ok_or_else(|| unreadable(&upload.key))?;
            // A listing matches what begins alike, an upload of another's too.
            let ours = bucket.keys.entry("sweep", &under, &name)?.is_some();
            if ours && is_dead(oss, &name, upload, idle_since).await? {
                swept += u64::from(abort(oss, &name, upload).await?);
            }
        }
        if !page.is_truncated {
            return Ok(swept);
        }
        let next = page.next_key_marker.filter(|key| !key.is_empty());
        let next = next.ok_or_else(|| odd("sweep", "there is more, and it does not say where"))?;
        let key = decoded(&next).ok_or_else(|| unreadable(&next))?;
        let id = page.next_upload_id_marker.unwrap_or_default();
        pages.page(Some(&format!("{key}\n{id}")), None)?;
        after = (Some(key), Some(id).filter(|id| !id.is_empty()));
    }
}

/// Begun before, and no part came since: a slow upload of a large object may be older than any
/// reasonable age and still alive.
async fn is_dead(
    oss: &Client,
    name: &str,
    upload: &Pending,
    idle_since: SystemTime,
) -> Result<bool> {
    let idle = |time: &str| from_rfc3339(time).is_some_and(|time| time < idle_since);
    if !idle(&upload.initiated) {
        return Ok(false);
    }
    let mut marker = None;
    let mut pages = Pages::new("sweep");
    loop {
        let call = Call::object("sweep", Method::GET, name)
            .maybe("part-number-marker", marker)
            .with("uploadId", &upload.upload_id);
        let Some(reply) = absent(oss.send(call).await)? else {
            return Ok(false);
        };
        let body = reply
            .bytes()
            .await
            .map_err(|error| broken("sweep", error))?;
        let page: Parts = xml::parse("sweep", xml::PARTS, &body)?;
        if !page.part.iter().all(|part| idle(&part.last_modified)) {
            return Ok(false);
        }
        if !page.is_truncated {
            return Ok(true);
        }
        marker = page.next_part_number_marker;
        let next = marker.as_deref();
        let next = next.ok_or_else(|| odd("sweep", "there is more, and it does not say where"))?;
        pages.page(Some(next), None)?;
    }
}

fn unreadable(key: &str) -> Error {
    odd(
        "sweep",
        format!("the key \"{}\" cannot be read", printable(key)),
    )
}

/// False if somebody else has ended it.
async fn abort(oss: &Client, name: &str, upload: &Pending) -> Result<bool> {
    let call = Call::object("sweep", Method::DELETE, name).with("uploadId", &upload.upload_id);
    Ok(absent(oss.send(call).await)?.is_some())
}
