//! The unfinished multipart uploads of S3.

use std::time::SystemTime;

use aws_sdk_s3::types::MultipartUpload;
use snapstore::{Result, printable};
use snapstore_cloud::http::{absent, odd};
use snapstore_cloud::unfinished::{self, More, PartsPage, Unfinished, UnfinishedPage};
use snapstore_cloud::unfinished::{UploadMarker, Uploads};

use crate::answer::{Answer, time};
use crate::bucket::Bucket;
use crate::client::Client;
use crate::error::from_sdk;

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) async fn sweep(bucket: &Bucket, s3: &Client, idle_since: SystemTime) -> Result<u64> {
    let asked = Asked {
        s3,
        bucket: &bucket.name,
    };
    unfinished::sweep(&bucket.keys, &asked, idle_since).await
}

struct Asked<'a> {
    s3: &'a Client,
    bucket: &'a str,
}

impl Uploads for Asked<'_> {
    async fn uploads(&self, under: &str, after: Option<UploadMarker>) -> Result<UnfinishedPage> {
        let (key, id) = after.map_or((None, None), |after| (Some(after.name), after.id));
        let answer = Answer::to("sweep", &["ListMultipartUploadsResult"]);
        let asked = self
            .s3
            .sdk
            .list_multipart_uploads()
            .bucket(self.bucket)
            .prefix(under)
            .set_key_marker(key)
            .set_upload_id_marker(id)
            .customize()
            .interceptor(answer.clone());
        let page = asked.send().await;
        let page = page.map_err(|failed| from_sdk("sweep", failed))?;
        let document = answer.document()?;
        document.echoes("Prefix", under)?;
        document.holds("Upload", page.uploads().len())?;
        let more = match document.flag("IsTruncated")? {
            false => More::No,
            true => {
                let named = |marker: Option<String>| marker.filter(|marker| !marker.is_empty());
                let id = named(page.next_upload_id_marker.clone());
                let name = named(page.next_key_marker.clone());
                More::After(name.map(|name| UploadMarker { name, id }))
            }
        };
        let uploads = page.uploads().iter().map(of_listing);
        Ok(UnfinishedPage {
            uploads: uploads.collect::<Result<_>>()?,
            more,
        })
    }

    async fn parts(&self, upload: &Unfinished, after: Option<String>) -> Result<Option<PartsPage>> {
        let answer = Answer::to("sweep", &["ListPartsResult"]);
        let asked = self
            .s3
            .sdk
            .list_parts()
            .bucket(self.bucket)
            .key(&upload.name)
            .upload_id(&upload.id)
            .set_part_number_marker(after)
            .customize()
            .interceptor(answer.clone());
        let page = asked.send().await;
        let Some(page) = absent(page.map_err(|failed| from_sdk("sweep", failed)))? else {
            return Ok(None);
        };
        let document = answer.document()?;
        document.holds("Part", page.parts().len())?;
        let written = page.parts().iter().map(|part| time(part.last_modified()));
        Ok(Some(PartsPage {
            written: written.collect(),
            more: match document.flag("IsTruncated")? {
                true => More::After(page.next_part_number_marker.clone()),
                false => More::No,
            },
        }))
    }

    async fn abort(&self, upload: &Unfinished) -> Result<bool> {
        let asked = self
            .s3
            .sdk
            .abort_multipart_upload()
            .bucket(self.bucket)
            .key(&upload.name)
            .upload_id(&upload.id);
        let ended = asked.send().await;
        let ended = absent(ended.map_err(|failed| from_sdk("sweep", failed)))?;
        Ok(ended.is_some())
    }
}

fn of_listing(upload: &MultipartUpload) -> Result<Unfinished> {
    let (Some(name), Some(id)) = (upload.key(), upload.upload_id()) else {
        let name = printable(upload.key().unwrap_or("?"));
        let what = format!("the upload of \"{name}\" has no key or no id");
        return Err(odd("sweep", what));
    };
    Ok(Unfinished {
        name: name.to_owned(),
        id: id.to_owned(),
        began: time(upload.initiated()),
    })
}
