use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use reqwest::Method;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions,
};
use snapstore_cloud::http::{absent, length, text};
use snapstore_cloud::{md5, nonce};

use crate::bucket::{Bucket, MOST_PARTS};
use crate::client::{Client, reply, send};
use crate::error::good;
use crate::layout::{manifest, part, parts_of_manifest};
use crate::list::{Entry, entries};
use crate::object::{Address, FRESH, FROM, MANIFEST, MARK, WHOLE, described, head};
use crate::{parts, remove};

/// An object on its way: a dynamic large object without its manifest.
///
/// Swift has no uploads of its own, so the parts are guarded here: each is created only if there
/// is none by its name, or two uploads of one key would write over each other's parts.
#[derive(Debug)]
pub(crate) struct SwiftUpload {
    bucket: Arc<Bucket>,
    key: Key,
    name: String,
    options: UploadOptions,
    mark: String,
    /// Where the parts are; ends in `/`.
    parts: String,
    /// Parts that this upload made, which are its own to remove.
    made: Mutex<BTreeSet<u32>>,
    aborted: AtomicBool,
}

impl SwiftUpload {
    /// The parts go where the reference puts them, directly below the name; where parts of another
    /// upload are, one directory below that.
    pub(crate) async fn start(
        bucket: Arc<Bucket>,
        key: &Key,
        options: UploadOptions,
    ) -> Result<Self> {
        let name = bucket.keys.name(key);
        let mark = nonce();
        let mut parts = format!("{name}/");
        let look = async |swift: Arc<Client>| {
            entries(&swift, "start_upload", &bucket.name, &parts, "").await
        };
        match bucket.client.call(Some(key), look).await?.is_empty() {
            true => bucket.pending_deletions.forget(&name),
            false => parts = format!("{parts}{mark}/"),
        }
        Ok(Self {
            key: key.clone(),
            made: Mutex::default(),
            aborted: AtomicBool::new(false),
            bucket,
            name,
            options,
            mark,
            parts,
        })
    }

    fn address<'a>(&'a self, name: &'a str) -> Address<'a> {
        self.bucket.address(name, &self.key)
    }

    async fn send_part(&self, swift: &Client, number: u32, data: Bytes) -> Result<String> {
        let name = part(&self.parts, number);
        let etag = hex::encode(md5(&data).await);
        let put = |data: Bytes| {
            let request = swift.request("part", Method::PUT, &self.bucket.name, &name)?;
            // Swift compares the checksum with what arrived before it stores anything.
            let request = request.header("etag", &etag).header(MARK, &self.mark);
            Ok(request.header("content-length", data.len()).body(data))
        };
        let first = reply("part", put(data.clone())?.header("if-none-match", "*")).await?;
        if first.status().as_u16() == 412 {
            let found = head(swift, self.address(&name), "part").await?;
            if text(&found, MARK) != Some(&self.mark) {
                let message = "another upload of this object is on its way";
                return Err(Error::new(ErrorKind::AlreadyExists, "part", message));
            }
            // Ours, sent before: the same part again, or another body for it.
            send("part", put(data)?).await?;
        } else {
            good("part", first).await?;
        }
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number);
        Ok(etag)
    }

    /// Lets Swift make a part of one that it has, called `from` in a header. Its MD5 is looked at before the object is made.
    pub(crate) async fn copy_part(
        &self,
        number: u32,
        from: String,
        original: &Entry,
    ) -> Result<PartReceipt> {
        let name = part(&self.parts, number);
        let copy = async |swift: Arc<Client>| {
            let request = swift
                .request("copy", Method::PUT, &self.bucket.name, &name)?
                .header(FROM, &from)
                .header(FRESH, "true")
                .header(MARK, &self.mark)
                .header("content-length", 0);
            send("copy", request).await
        };
        self.bucket.client.call(Some(&self.key), copy).await?;
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number);
        let (length, hash) = (original.bytes.unwrap_or_default(), original.hash.as_deref());
        Ok(PartReceipt {
            number,
            token: format!("{length} {}", hash.unwrap_or_default()),
        })
    }

    /// Makes the manifest. What it stands for is checked before and after: parts that a listing
    /// does not show yet, or that somebody removed, would make another object of it.
    async fn publish(&self, swift: &Client, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let size = self.check(swift, parts).await?;
        let stands_for = manifest(&self.bucket.name, &self.parts);
        let mut request = swift
            .request("complete", Method::PUT, &self.bucket.name, &self.name)?
            .header(MANIFEST, stands_for)
            .header(MARK, &self.mark)
            .header(WHOLE, size)
            .header("content-length", 0)
            .body(Bytes::new());
        if self.options.mode == PutMode::CreateNew {
            request = request.header("if-none-match", "*");
        }
        send("complete", request).await?;
        self.found(swift).await
    }

    /// Every part must be there and be the one that was sent; their length together. If another
    /// upload has written over one, its checksum differs.
    async fn check(&self, swift: &Client, parts: &[PartReceipt]) -> Result<u64> {
        let container = &self.bucket.name;
        let there = parts::below(swift, "complete", container, &self.parts).await?;
        let there: BTreeMap<_, _> = there
            .into_iter()
            .map(|part| (part.name.clone(), part))
            .collect();
        let mut size = 0;
        let sent = PartReceipt::in_order(parts, |receipt| receipt.token.split_once(' '))?;
        for (number, (length, etag)) in (1..).zip(sent) {
            match there.get(&part(&self.parts, number)) {
                Some(part) if part.hash.as_deref() == Some(etag) => {
                    size += length.parse::<u64>().unwrap_or(0)
                }
                Some(_) => {
                    let message = format!("part {number} was overwritten by another upload");
                    return Err(Error::new(ErrorKind::AlreadyExists, "complete", message));
                }
                None => {
                    // A listing may lag.
                    let message = format!("part {number} is not listed");
                    return Err(Error::new(ErrorKind::Corrupt, "complete", message).retryable());
                }
            }
        }
        Ok(size)
    }

    async fn found(&self, swift: &Client) -> Result<ObjectMeta> {
        let headers = head(swift, self.address(&self.name), "complete").await?;
        described(&headers, &self.key, length(&headers)?)
    }

    /// Whether the object that is there now came from this upload.
    async fn is_ours(&self, swift: &Client) -> Result<bool> {
        let headers = absent(head(swift, self.address(&self.name), "complete").await)?;
        Ok(headers.is_some_and(|headers| text(&headers, MARK) == Some(&self.mark)))
    }

    /// Parts beyond the last receipt, which are of no use to anybody.
    async fn drop_beyond(&self, swift: &Client, count: usize) -> Result<()> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let made = self
            .made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.remove_own(swift, "complete", made.range(count.saturating_add(1)..))
            .await
    }

    /// Removes those of our parts that are ours still: two uploads that begin together may both be
    /// told that a part is new, and the second has written over the first one's then.
    async fn remove_own(
        &self,
        swift: &Client,
        operation: &'static str,
        numbers: impl Iterator<Item = &u32>,
    ) -> Result<()> {
        for number in numbers {
            let name = part(&self.parts, *number);
            let found = absent(head(swift, self.address(&name), operation).await)?;
            if found.is_some_and(|found| text(&found, MARK) == Some(&self.mark)) {
                parts::remove(swift, operation, &self.bucket.name, &name).await?;
            }
        }
        Ok(())
    }

    async fn finish(&self, swift: &Client, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        if self.options.mode == PutMode::Overwrite
            && let Some(headers) = absent(head(swift, self.address(&self.name), "complete").await)?
        {
            remove::note_for_deletion(&self.bucket, swift, "complete", &self.name, &headers)
                .await?;
        }
        self.drop_beyond(swift, parts.len()).await?;
        let meta = match self.publish(swift, parts).await {
            Err(error)
                if error.kind() == ErrorKind::AlreadyExists && self.is_ours(swift).await? =>
            {
                self.found(swift).await?
            }
            other => other?,
        };
        // The parts of what was replaced.
        let (container, pending_deletions) = (&self.bucket.name, &self.bucket.pending_deletions);
        pending_deletions.exclude(&self.name, &self.parts);
        pending_deletions
            .remove(swift, "complete", container, &self.name)
            .await?;
        Ok(meta)
    }

    async fn give_up(&self, swift: &Client) -> Result<()> {
        let found = absent(head(swift, self.address(&self.name), "abort").await)?;
        let manifest = found.as_ref().and_then(|headers| text(headers, MANIFEST));
        let used = manifest.and_then(|manifest| parts_of_manifest(&self.bucket.name, manifest));
        // Whoever has made the object: it stands on the parts that are there.
        if used.as_deref() == Some(&self.parts) {
            return Ok(());
        }
        let made = self
            .made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.remove_own(swift, "abort", made.iter()).await
    }
}

#[async_trait]
impl Upload for SwiftUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let length = data.len() as u64;
        let admitted = self.options.admit(number, length, MOST_PARTS);
        admitted.map_err(|error| error.about(&self.key))?;
        let part = async |swift: Arc<Client>| self.send_part(&swift, number, data).await;
        let etag = self.bucket.client.call(Some(&self.key), part).await?;
        Ok(PartReceipt {
            number,
            token: format!("{length} {etag}"),
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        if self.aborted.load(Ordering::Relaxed) {
            let message = "the upload was aborted";
            return Err(Error::new(ErrorKind::NotFound, "complete", message).with_key(&self.key));
        }
        let complete = async |swift: Arc<Client>| self.finish(&swift, parts).await;
        self.bucket.client.call(Some(&self.key), complete).await
    }

    async fn abort(&self) -> Result<()> {
        self.aborted.store(true, Ordering::Relaxed);
        let abort = async |swift: Arc<Client>| self.give_up(&swift).await;
        self.bucket.client.call(Some(&self.key), abort).await
    }
}
