use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::patience::Patience;
use crate::{
    ByteStream, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// Goes on with a body that was cut short, at the byte where it was cut, and never mixes two
/// versions of an object: what it goes on with must have the same size, etag and version. A body of
/// an object that has neither an etag nor a version is not gone on with.
#[derive(Debug)]
pub struct Resume {
    inner: Arc<dyn Snapstore>,
    /// Where the rest of a body is asked for.
    again: Arc<dyn Snapstore>,
    patience: Arc<Patience>,
}

impl Resume {
    /// `inner`, whose bodies go on. A body that brings nothing new is given up after as many tries
    /// as `patience` has; each piece that arrives begins the count anew.
    pub fn new(inner: Arc<dyn Snapstore>, patience: Arc<Patience>) -> Self {
        let again = inner.clone();
        Self {
            inner,
            again,
            patience,
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
    store: Arc<dyn Snapstore>,
    patience: Arc<Patience>,
    /// What it is; no other version may go on with it.
    meta: ObjectMeta,
    object: ObjectId,
    /// What is still to come.
    rest: Range<u64>,
    /// `None` when it must be opened again.
    body: Option<ByteStream>,
    tried: u32,
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
            let again = failed.is_retryable() || failed.kind() == ErrorKind::Corrupt;
            if !again || !self.patience.pause(self.tried, &failed).await {
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
        if self.body.is_none() {
            let (store, object) = (self.store.clone(), self.object.clone());
            let opened = reopen(store, object, self.meta.clone(), self.rest.clone());
            let Some(body) = opened.await? else {
                // Trying again brings the old one back never: the caller must begin anew.
                self.tried = u32::MAX;
                return Err(replaced(&self.object.key));
            };
            self.body = Some(body);
        }
        let next = match &mut self.body {
            Some(body) => body.next().await.transpose()?,
            None => None,
        };
        let Some(piece) = next else {
            let message = format!(
                "the body ended {} bytes early",
                self.rest.end - self.rest.start
            );
            let error = Error::new(ErrorKind::Corrupt, "get", message);
            return Err(error.with_key(&self.object.key));
        };
        if piece.len() as u64 > self.rest.end - self.rest.start {
            let error = Error::new(
                ErrorKind::Corrupt,
                "get",
                "more bytes came than were asked for",
            );
            return Err(error.with_key(&self.object.key));
        }
        self.rest.start += piece.len() as u64;
        self.tried = 1;
        Ok(Some(piece))
    }
}

/// Opens `rest` of the object that `meta` describes; `None` if another has taken its place.
async fn reopen(
    store: Arc<dyn Snapstore>,
    object: ObjectId,
    meta: ObjectMeta,
    rest: Range<u64>,
) -> Result<Option<ByteStream>> {
    let download = store.get(&object, Some(rest.clone())).await?;
    let goes_on = is_same(&download.meta, &meta) && download.range == rest;
    Ok(goes_on.then_some(download.body))
}

/// Whether both are one object for sure. Where neither an etag nor a version is told, nothing tells
/// another object of the same length from this one.
fn is_same(a: &ObjectMeta, b: &ObjectMeta) -> bool {
    let told = a.etag.is_some() || a.id.version.is_some();
    told && a.size == b.size && a.etag == b.etag && a.id.version == b.id.version
}

fn replaced(key: &Key) -> Error {
    let message = "the object was replaced while it was being read; read it again";
    Error::new(ErrorKind::Unexpected, "get", message)
        .with_key(key)
        .retryable()
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
        let Download { meta, range, body } = self.inner.get(object, range).await?;
        let going = Going {
            store: self.again.clone(),
            patience: self.patience.clone(),
            meta: meta.clone(),
            object: ObjectId {
                key: object.key.clone(),
                version: meta.id.version.clone(),
            },
            rest: range.clone(),
            body: Some(body),
            tried: 1,
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

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::memory::MemoryStore;

    /// A store without etags gave the second half of another object of the same length.
    #[test]
    fn a_body_goes_on_only_with_what_is_known_to_be_the_same() {
        let store = MemoryStore::new();
        let id = ObjectId::from(Key::new("a").unwrap());
        let options = PutOptions::default();
        let put = store.put(&id.key, Bytes::from_static(b"halves"), options);
        let meta = put.now_or_never().unwrap().unwrap();
        let goes_on = |meta: &ObjectMeta| {
            let reopened = reopen(Arc::new(store.clone()), id.clone(), meta.clone(), 3..6);
            reopened.now_or_never().unwrap().unwrap().is_some()
        };
        assert!(goes_on(&meta));
        let another = ObjectMeta {
            etag: Some("another".into()),
            ..meta.clone()
        };
        assert!(!goes_on(&another));
    }

    #[test]
    fn nothing_tells_that_an_object_without_a_tag_is_the_same() {
        let meta = |etag: Option<&str>| ObjectMeta {
            id: Key::new("a").unwrap().into(),
            size: 6,
            modified: SystemTime::UNIX_EPOCH,
            etag: etag.map(str::to_owned),
            retain_until: None,
            excluded: false,
            delete_marker: false,
        };
        assert!(is_same(&meta(Some("tag")), &meta(Some("tag"))));
        assert!(!is_same(&meta(None), &meta(None)));
    }
}
