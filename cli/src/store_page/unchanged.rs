use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use futures::{FutureExt, StreamExt, TryStreamExt};
use snapstore::{
    Bytes, Capabilities, Download, Key, ListPage, ListRequest, Location, ObjectId, ObjectMeta,
    PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// Longer objects are not kept: metadata is no longer.
const LONGEST: u64 = 4096;

/// Contents of small objects, by their tags. Beside each snapshot stands an object of metadata: without it each listing would read
/// all of them again, and stores ask money for each.
#[derive(Default)]
pub(super) struct Contents(Mutex<State>);

#[derive(Default)]
struct State {
    /// Which listing it is.
    number: u64,
    known: BTreeMap<Key, Known>,
}

struct Known {
    tag: String,
    /// The last listing that has shown it.
    listed: u64,
    content: Option<(ObjectMeta, Bytes)>,
}

impl Contents {
    /// Another listing begins: what the one before has not shown is not there any more.
    pub(super) fn begin(&self) {
        self.with(|state| {
            let last = state.number;
            state.known.retain(|_, known| known.listed == last);
            state.number += 1;
        });
    }

    fn listed(&self, objects: &[ObjectMeta]) {
        self.with(|state| {
            let number = state.number;
            for object in objects.iter().filter(|object| object.size <= LONGEST) {
                let Some(tag) = &object.etag else { continue };
                let new = || Known {
                    tag: tag.clone(),
                    listed: number,
                    content: None,
                };
                let known = state.known.entry(object.id.key.clone());
                let known = known.or_insert_with(new);
                known.listed = number;
                if known.tag != *tag {
                    *known = new();
                }
            }
        });
    }

    fn of(&self, key: &Key) -> Option<(ObjectMeta, Bytes)> {
        self.with(|state| state.known.get(key)?.content.clone())
    }

    /// Keeps what was read, if it is what was listed.
    fn keep(&self, key: &Key, meta: &ObjectMeta, content: &Bytes) {
        self.with(|state| {
            if let Some(known) = state.known.get_mut(key)
                && meta.etag.as_ref() == Some(&known.tag)
            {
                known.content = Some((meta.clone(), content.clone()));
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A store whose small objects are read once, as long as they do not change.
pub(super) struct Unchanged {
    inner: Arc<dyn Snapstore>,
    contents: Arc<Contents>,
}

impl Unchanged {
    pub(super) fn new(inner: Arc<dyn Snapstore>, contents: Arc<Contents>) -> Self {
        Self { inner, contents }
    }
}

impl fmt::Debug for Unchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl Snapstore for Unchanged {
    fn location(&self) -> &Location {
        self.inner.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let page = self.inner.list(request).await?;
        self.contents.listed(&page.objects);
        Ok(page)
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        if range.is_some() || object.version.is_some() {
            return self.inner.get(object, range).await;
        }
        if let Some((meta, content)) = self.contents.of(&object.key) {
            return Ok(whole(meta, content));
        }
        let download = self.inner.get(object, None).await?;
        if download.meta.size > LONGEST {
            return Ok(download);
        }
        let (meta, mut body) = (download.meta, download.body);
        let mut content = Vec::new();
        while let Some(piece) = body.try_next().await? {
            content.extend_from_slice(&piece);
        }
        let content = Bytes::from(content);
        self.contents.keep(&object.key, &meta, &content);
        Ok(whole(meta, content))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.inner.head(object).await
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.inner.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.inner.start_upload(key, options).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.inner.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.inner.sweep(idle_since).await
    }
}

fn whole(meta: ObjectMeta, content: Bytes) -> Download {
    let length = content.len() as u64;
    Download {
        meta,
        range: 0..length,
        body: std::future::ready(Ok(content)).into_stream().boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::SnapstoreExt;
    use snapstore::memory::MemoryStore;

    async fn put(store: &dyn Snapstore, key: &Key, content: &'static str) {
        let options = PutOptions::overwrite();
        let put = store.put(key, Bytes::from_static(content.as_bytes()), options);
        put.await.unwrap();
    }

    /// What a reader of one listing gets: of the object itself, or of what was kept of it.
    async fn read(store: &Unchanged, key: &Key) -> Bytes {
        store.contents.begin();
        store.list_all(ListRequest::under("meta/")).await.unwrap();
        store.read(&key.clone().into()).await.unwrap()
    }

    /// Each renewal of the page read two thousand objects of a store that had not changed.
    #[tokio::test]
    async fn what_has_not_changed_is_not_read_again() {
        let (inner, contents) = (Arc::new(MemoryStore::new()), Arc::new(Contents::default()));
        let store = Unchanged::new(inner.clone(), contents.clone());
        let key = Key::new("meta/a.json").unwrap();
        put(&*inner, &key, "one").await;
        assert_eq!(&*read(&store, &key).await, b"one");
        // Without another listing it is what it was: nobody has asked the store.
        put(&*inner, &key, "two").await;
        assert_eq!(&*store.read(&key.clone().into()).await.unwrap(), b"one");
        assert_eq!(&*read(&store, &key).await, b"two");
        inner.delete(&key.clone().into()).await.unwrap();
        contents.begin();
        contents.begin();
        assert!(contents.of(&key).is_none());
    }
}
