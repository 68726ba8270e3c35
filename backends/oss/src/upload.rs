use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use base64_simd::STANDARD as BASE64;
use crc_fast::{CrcAlgorithm, checksum};
use http::{HeaderMap, Method};
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions,
};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::{absent, broken, length, odd, text};
use snapstore_cloud::{md5, nonce};

use crate::bucket::{Bucket, FORBID_OVERWRITE};
use crate::client::{Call, Client};
use crate::read::{described, head};
use crate::xml::{self, Initiated};

/// The metadata that says which upload an object came from: after a lost reply it tells our object
/// from another's.
const MARK: &str = "x-oss-meta-etcdbr-upload";

/// An object on its way: a multipart upload of OSS.
#[derive(Debug)]
pub(crate) struct OssUpload {
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) key: Key,
    name: String,
    mode: PutMode,
    pub(crate) upload_id: String,
    mark: String,
    /// The server says nothing of what it has stored, and is sent an MD5 to compare.
    compares: AtomicBool,
}

impl OssUpload {
    pub(crate) async fn start(
        bucket: Arc<Bucket>,
        key: &Key,
        options: UploadOptions,
    ) -> Result<Self> {
        let name = bucket.keys.name(key);
        let mark = nonce();
        let start = async |oss: Arc<Client>| initiate(&oss, &name, &mark).await;
        Ok(Self {
            upload_id: bucket.client.call(Some(key), start).await?,
            key: key.clone(),
            mode: options.mode,
            bucket,
            name,
            mark,
            compares: AtomicBool::new(false),
        })
    }

    pub(crate) fn call(&self, operation: &'static str, method: Method) -> Call {
        Call::object(operation, method, &self.name)
    }

    /// A server that only resembles OSS may not say what it has stored: it is asked to compare then.
    async fn send_part(&self, oss: &Client, number: u32, data: Bytes) -> Result<String> {
        let sent = crc64(&data);
        loop {
            let compares = self.compares.load(Ordering::Relaxed);
            let mut call = self
                .call("part", Method::PUT)
                .with("partNumber", number.to_string())
                .with("uploadId", &self.upload_id);
            if compares {
                let md5 = BASE64.encode_to_string(md5(&data).await);
                call = call.header("content-md5", md5);
            }
            let reply = oss.send(call.body(data.clone())).await?;
            match stored(reply.headers()) {
                Some(crc) => arrived(crc, sent)?,
                None if !compares => {
                    self.compares.store(true, Ordering::Relaxed);
                    continue;
                }
                None => {}
            }
            let etag = text(reply.headers(), "etag");
            let etag = etag.ok_or_else(|| odd("part", "it has no etag"))?;
            return Ok(etag.to_owned());
        }
    }

    async fn publish(&self, oss: &Client, etags: &[&str]) -> Result<()> {
        let at = self.bucket.address(&self.name, &self.key);
        self.bucket.look_first(oss, at, self.mode).await?;
        let mut call = self
            .call("complete", Method::POST)
            .with("uploadId", &self.upload_id)
            .body(xml::completion(etags));
        if self.mode == PutMode::CreateNew {
            call = call.header(FORBID_OVERWRITE, "true");
        }
        let body = oss.send(call).await?.bytes().await;
        let body = body.map_err(|error| broken("complete", error))?;
        // Another answer says nothing of the object: one that was there before would be taken for it.
        Document::read("complete", &body, &[xml::COMPLETED]).map(drop)
    }

    async fn finish(&self, oss: &Client, etags: &[&str]) -> Result<ObjectMeta> {
        match self.publish(oss, etags).await {
            // Gone, or taken: perhaps by ourselves, and the answer was lost.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) =>
            {
                let at = self.bucket.address(&self.name, &self.key);
                let found = absent(head(oss, at, "complete").await)?;
                let ours = found.filter(|found| text(found, MARK) == Some(&self.mark));
                let headers = ours.ok_or(error)?;
                described(&headers, at, length(&headers)?)
            }
            Err(error) => Err(error),
            Ok(()) => {
                let at = self.bucket.address(&self.name, &self.key);
                let headers = head(oss, at, "complete").await?;
                described(&headers, at, length(&headers)?)
            }
        }
    }
}

/// What OSS says of every body that it has stored ("PutObject", `x-oss-hash-crc64ecma`): CRC-64/XZ as
/// a decimal number. With an MD5 in the request OSS would compare by itself, and an upload would take
/// twice the CPU.
fn crc64(data: &[u8]) -> u64 {
    checksum(CrcAlgorithm::Crc64Xz, data)
}

/// The same of what was stored, if the server says it.
pub(crate) fn stored(reply: &HeaderMap) -> Option<&str> {
    text(reply, "x-oss-hash-crc64ecma")
}

/// Whether what was stored is what was `sent`. A part that is sent again takes the place of the one
/// that was damaged.
fn arrived(stored: &str, sent: u64) -> Result<()> {
    if stored.parse() == Ok(sent) {
        return Ok(());
    }
    let message = "the part was damaged on its way: the store has other bytes than were sent";
    Err(Error::new(ErrorKind::Corrupt, "part", message).retryable())
}

async fn initiate(oss: &Client, name: &str, mark: &str) -> Result<String> {
    let call = Call::object("start_upload", Method::POST, name)
        .with("uploads", "")
        .header(MARK, mark);
    let body = oss.send(call).await?.bytes().await;
    let body = body.map_err(|error| broken("start_upload", error))?;
    let initiated: Initiated = xml::parse("start_upload", xml::INITIATED, &body)?;
    Ok(initiated.upload_id)
}

#[async_trait]
impl Upload for OssUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let part = async |oss: Arc<Client>| self.send_part(&oss, number, data).await;
        let token = self.bucket.client.call(Some(&self.key), part).await?;
        Ok(PartReceipt { number, token })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        // OSS itself would skip over a part that is missing.
        let etags = PartReceipt::in_order(parts, |receipt| Some(receipt.token.as_str()));
        let etags = etags.map_err(|error| error.about(&self.key))?;
        let complete = async |oss: Arc<Client>| self.finish(&oss, &etags).await;
        self.bucket.client.call(Some(&self.key), complete).await
    }

    async fn abort(&self) -> Result<()> {
        let call = self
            .call("abort", Method::DELETE)
            .with("uploadId", &self.upload_id);
        let abort = async |oss: Arc<Client>| absent(oss.send(call).await).map(drop);
        self.bucket.client.call(Some(&self.key), abort).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-64/XZ, as the catalogue of parametrised CRC algorithms has it.
    #[test]
    fn the_checksum_is_the_one_that_oss_computes() {
        assert_eq!(crc64(b"123456789"), 0x995d_c9bb_df19_39fa);
    }

    #[test]
    fn a_part_that_was_damaged_on_its_way_is_sent_again() {
        let sent = crc64(b"123456789");
        assert!(arrived("11051210869376104954", sent).is_ok());
        for other in ["11051210869376104955", "", "995dc9bbdf1939fa"] {
            let error = arrived(other, sent).unwrap_err();
            assert!(error.is_retryable(), "{error}");
        }
    }
}
