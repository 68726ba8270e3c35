//! The unfinished multipart uploads of OSS.

use std::time::SystemTime;

use http::Method;
use snapstore::{Result, printable};
use snapstore_cloud::from_rfc3339;
use snapstore_cloud::http::{absent, broken, odd};
use snapstore_cloud::unfinished::{self, More, PartsPage, Unfinished, UnfinishedPage};
use snapstore_cloud::unfinished::{UploadMarker, Uploads};

use crate::bucket::Bucket;
use crate::client::{Call, Client};
use crate::xml::{self, decoded};

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) async fn sweep(bucket: &Bucket, oss: &Client, idle_since: SystemTime) -> Result<u64> {
    unfinished::sweep(&bucket.keys, &Asked(oss), idle_since).await
}

struct Asked<'a>(&'a Client);

impl Uploads for Asked<'_> {
    async fn uploads(&self, under: &str, after: Option<UploadMarker>) -> Result<UnfinishedPage> {
        let (key, id) = after.map_or((None, None), |after| (Some(after.name), after.id));
        let call = Call::bucket("sweep")
            .with("uploads", "")
            .with("encoding-type", "url")
            .maybe("key-marker", key)
            .with("max-uploads", "1000")
            .with("prefix", under)
            .maybe("upload-id-marker", id);
        let body = self.0.send(call).await?.bytes().await;
        let body = body.map_err(|error| broken("sweep", error))?;
        let page: xml::Uploads = xml::parse("sweep", xml::UPLOADS, &body)?;
        let more = match page.is_truncated {
            false => More::No,
            true => {
                let named = |marker: Option<String>| marker.filter(|marker| !marker.is_empty());
                let name = named(page.next_key_marker);
                let name = name.as_deref().map(readable).transpose()?;
                let id = named(page.next_upload_id_marker);
                More::After(name.map(|name| UploadMarker { name, id }))
            }
        };
        let uploads = page.upload.into_iter().map(|upload| {
            Ok(Unfinished {
                name: readable(&upload.key)?,
                id: upload.upload_id,
                began: from_rfc3339(&upload.initiated),
            })
        });
        Ok(UnfinishedPage {
            uploads: uploads.collect::<Result<_>>()?,
            more,
        })
    }

    async fn parts(&self, upload: &Unfinished, after: Option<String>) -> Result<Option<PartsPage>> {
        let call = Call::object("sweep", Method::GET, &upload.name)
            .maybe("part-number-marker", after)
            .with("uploadId", &upload.id);
        let Some(reply) = absent(self.0.send(call).await)? else {
            return Ok(None);
        };
        let body = reply.bytes().await;
        let body = body.map_err(|error| broken("sweep", error))?;
        let page: xml::Parts = xml::parse("sweep", xml::PARTS, &body)?;
        let written = page
            .part
            .iter()
            .map(|part| from_rfc3339(&part.last_modified));
        Ok(Some(PartsPage {
            written: written.collect(),
            more: match page.is_truncated {
                true => More::After(page.next_part_number_marker),
                false => More::No,
            },
        }))
    }

    async fn abort(&self, upload: &Unfinished) -> Result<bool> {
        let call = Call::object("sweep", Method::DELETE, &upload.name).with("uploadId", &upload.id);
        Ok(absent(self.0.send(call).await)?.is_some())
    }
}

fn readable(key: &str) -> Result<String> {
    let unreadable = || {
        let what = format!("the key \"{}\" cannot be read", printable(key));
        odd("sweep", what)
    };
    decoded(key).ok_or_else(unreadable)
}
