use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::backoff::RetryPolicy;
use super::extent::narrowed;
use super::rate::is_too_slow;
use super::rest::{Rest, Source, digest, ended_early, replaced};
use crate::{
    ByteStream, Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage, ListRequest,
    Location, ObjectId, ObjectMeta, Original, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// Goes on with a body that was cut short, at the byte where it was cut, and never mixes two
/// versions of an object: what it goes on with must have the same size, etag and version. Where tags
/// do not tell (there is none, or each node has its own), it is read again from its beginning, and
/// that must be what was handed on already. A server that ignores ranges is read past what is there.
#[derive(Debug)]
pub struct Resume {
    inner: Arc<dyn Snapstore>,
    /// Where the rest of a body is asked for.
    again: Arc<dyn Snapstore>,
    policy: Arc<RetryPolicy>,
}

impl Resume {
    /// `inner`, whose bodies go on. A body that brings nothing new is given up after as many tries
    /// as `policy` has; each piece that arrives begins the count anew, but not for one that is too
    /// slow.
    pub fn new(inner: Arc<dyn Snapstore>, policy: Arc<RetryPolicy>) -> Self {
        let again = inner.clone();
        Self {
            inner,
            again,
            policy,
        }
    }

    /// Asks `again` for the rest of a body, the same store without its retries: the tries of a body
    /// are counted here, and must not be multiplied.
    #[must_use]
    pub fn reopening(self, again: Arc<dyn Snapstore>) -> Self {
        Self { again, ..self }
    }
}

/// A body on its way.
struct Going {
    source: Source,
    policy: Arc<RetryPolicy>,
    /// What is still to come.
    rest: Range<u64>,
    /// `None` when it must be opened again.
    body: Option<ByteStream>,
    tried: u32,
    /// How often it was too slow.
    slow: u32,
}

impl Going {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes>> {
        loop {
            let failed = match self.step().await {
                Ok(piece) => return piece.map(Ok),
                Err(error) => error,
            };
            self.body = None;
            if is_too_slow(&failed) {
                self.slow += 1;
                self.tried = self.tried.max(self.slow);
            }
            let again = failed.is_retryable() || failed.kind() == ErrorKind::Corrupt;
            if !again || !self.policy.pause(self.tried, &failed).await {
                self.rest.start = self.rest.end;
                return Some(Err(failed));
            }
            self.tried += 1;
        }
    }

    async fn step(&mut self) -> Result<Option<Bytes>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut body = match self.body.take() {
            Some(body) => body,
            None => match self.source.reopen(self.rest.clone()).await? {
                Rest::Body(body) => body,
                Rest::Replaced(how) => {
                    // Trying again brings the old one back never: the caller must begin anew.
                    self.tried = u32::MAX;
                    return Err(replaced(&self.source.object.key, &how));
                }
            },
        };
        let left = self.rest.end - self.rest.start;
        let Some(piece) = body.next().await.transpose()? else {
            return Err(ended_early(&self.source.object, left));
        };
        if piece.len() as u64 > left {
            let message = "more bytes came than were asked for";
            let error = Error::new(ErrorKind::Unexpected, "get", message);
            return Err(error.with_key(&self.source.object.key).retryable());
        }
        self.source.read.update(&piece);
        self.rest.start += piece.len() as u64;
        self.tried = 1;
        self.body = Some(body);
        Ok(Some(piece))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Snapstore for Resume {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.inner.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.inner.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let asked = range;
        let download = self.inner.get(object, asked.clone()).await?;
        let Download { meta, range, body } = narrowed(download, asked.as_ref())?;
        let source = Source {
            store: self.again.clone(),
            object: ObjectId {
                key: object.key.clone(),
                version: meta.id.version.clone(),
            },
            meta: meta.clone(),
            asked,
            start: range.start,
            read: digest(),
        };
        let going = Going {
            source,
            policy: self.policy.clone(),
            rest: range.clone(),
            body: Some(body),
            tried: 1,
            slow: 0,
        };
        let body = futures::stream::unfold(going, |mut going| async move {
            let piece = going.next().await?;
            Some((piece, going))
        });
        Ok(Download {
            meta,
            range,
            body: Box::pin(body),
        })
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        self.inner.copy_within(original, key, options).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.inner.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.inner.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.inner.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.inner.sweep(idle_since).await
    }
}
